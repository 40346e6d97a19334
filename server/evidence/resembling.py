"""Finding pictures that resemble each other, wherever in the ledger they lie: by a sweep, once for each file.

The bands of the hash find candidates through an index, at any number of pictures; the nearest are compared by their
small versions. Pictures of one and the same check, and the very same bytes, are no resemblance: those are known.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence

from PIL import Image

from server.evidence import likeness, picture, verify
from server.evidence.likeness import BANDS
from server.storage import likeness_store, record_store
from server.storage.likeness_store import Hashed, Resemblance
from server.wiring import Services
from sync.errors import FileCorrupt, FileUnverified, NotFound, StorageDown, TooLarge
from sync.merge import Record

SWEEP_MAX = 40
COMPARED_MAX = 12
"""Of the candidates of one picture, so many of the nearest are compared."""
WIDTH = 320
UNREADABLE = (FileCorrupt, FileUnverified, NotFound, TooLarge, verify.FileErased)


def sweep(services: Services, most: int = SWEEP_MAX) -> int:
    """Look at pictures that were verified since the last time; return how many were looked at."""
    with services.database.reading() as connection:
        waiting = likeness_store.asked(connection, services.ledger.id, most)
    for evidence, made in waiting.items():
        look(services, evidence, made)
    return len(waiting)


def look(services: Services, evidence: str, made: int) -> None:
    """Hash one picture and write down what resembles it."""
    record = _records(services, [evidence]).get(evidence)
    try:
        image = _small(services, record) if record is not None else None
    except StorageDown:
        return  # The next sweep looks again.
    every = likeness.hashes(image) if image is not None else ()
    if record is None or image is None or not every:
        with services.database.writing(services.ledger.id) as connection:
            likeness_store.note_nothing(connection, services.ledger.id, evidence, made)
        return
    found = Hashed(evidence, made, every[0])
    pairs = list(_pairs(services, record, image, every, made))
    with services.database.writing(services.ledger.id) as connection:
        likeness_store.part(connection, services.ledger.id, evidence)
        likeness_store.note(connection, services.ledger.id, found, likeness.bands(every[0]))
        likeness_store.join(connection, services.ledger.id, pairs)


def _pairs(
    services: Services, record: Record, image: Image.Image, every: Sequence[int], made: int
) -> Iterator[Resemblance]:
    """Yield what resembles a picture, by its hashes upright and turned, and then by itself."""
    near = sorted(_near(services, record.id, every), key=lambda one: (one[0], one[2].made))[:COMPARED_MAX]
    others = _records(services, [one.evidence for _bits, _turn, one in near])
    for bits, turn, one in near:
        other = others.get(one.evidence)
        if other is None or _is_known(record, other):
            continue
        shown = _small(services, other)
        if shown is not None and likeness.same_picture(likeness.turned(image, turn), shown):
            yield Resemblance(record.id, other.id, bits, turn, made > one.made)


def _near(services: Services, evidence: str, every: Sequence[int]) -> Iterator[tuple[int, int, Hashed]]:
    probes: dict[int, set[int]] = {number: set() for number in range(BANDS)}
    for turn, one in enumerate(every):
        for number, band in enumerate(likeness.bands(one)):
            probes[number].update(likeness.probes(band, 1 if turn else 2))
    with services.database.reading() as connection:
        found = likeness_store.near(connection, services.ledger.id, probes)
    for other in found:
        if other.evidence != evidence and (known := likeness.nearest(every, other.hash)):
            yield *known, other


def _is_known(one: Record, other: Record) -> bool:
    """Return whether two pictures are alike for a plain reason: the very same bytes, or several of one check."""
    check = one.values.get("bed_check")
    return one.values["digest"] == other.values["digest"] or (
        check is not None and check == other.values.get("bed_check")
    )


def _small(services: Services, record: Record) -> Image.Image | None:
    """Return a picture's small version, upright; None for what is no picture or cannot be read."""
    if record.values.get("media_type") not in picture.PICTURES:
        return None
    try:
        shown = picture.derivative(services, record, WIDTH)
    except UNREADABLE:
        return None
    with Image.open(io.BytesIO(b"".join(shown.parts)), formats=["JPEG"]) as opened:
        return opened.convert("L")


def _records(services: Services, ids: Sequence[str]) -> dict[str, Record]:
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.load(connection, vault, ids)
    return {key: one for key, one in found.items() if one.type == "evidence"}
