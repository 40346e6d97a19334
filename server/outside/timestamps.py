"""The day's timestamp: an authority outside this installation says that a checkpoint existed by then."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from server.outside import asking, tsa
from server.outside.refusals import BadTimestamp, NotConfigured, OutsideDown
from server.storage import ledger_scan, ledger_store, timestamp_store
from server.storage.timestamp_store import Stamp
from sync.errors import Refusal

if TYPE_CHECKING:
    from server.wiring import Services

AGAIN_MS = 10 * 60 * 1000
"""After a failure the authority is left alone for so long."""
CLOCK_SLACK_MS = 5 * 60 * 1000
"""How far the authority's clock and ours may differ: beyond that one of them must be mended first."""
EXPORT_NAME = re.compile(r"[^A-Za-z0-9.-]+")
log = structlog.get_logger()


class Attempts:
    """When the authority was last asked in vain, by ledger and in this process."""

    def __init__(self) -> None:
        self._at: dict[str, int] = {}
        self._lock = threading.Lock()

    def rests(self, origin: str, now_ms: int) -> bool:
        """Return whether it is too early to ask again."""
        with self._lock:
            before = self._at.get(origin)
        return before is not None and 0 <= now_ms - before < AGAIN_MS

    def failed(self, origin: str, now_ms: int) -> None:
        """Remember a failure."""
        with self._lock:
            self._at[origin] = now_ms


ATTEMPTS = Attempts()


def stamp(services: Services) -> Stamp:
    """Ask the authority about the present head, verify its answer and keep it.

    Raises NotConfigured, OutsideDown, and BadTimestamp for an answer that proves nothing: that one is not kept.
    """
    config = services.config
    if not config.tsa_url:
        raise NotConfigured("WARDLEDGER_TSA_URL names no authority", field="WARDLEDGER_TSA_URL")
    trusted = tsa.trust(config.tsa_certs_path)
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id)
    note = head.note.encode()
    request = tsa.request_for(note)
    answer = asking.post(
        config.tsa_url,
        request.as_bytes(),
        tsa.QUERY,
        bytes_max=tsa.RESPONSE_BYTES_MAX,
        seconds=asking.SECONDS_MAX,
    )
    if answer.status != 200:
        raise OutsideDown(f"{asking.place(config.tsa_url)} answers {answer.status}")
    at = tsa.check(answer.body, note, trusted, nonce=request.nonce)
    _check_clock(at, services.now_ms())
    with services.database.writing(services.ledger.id) as connection:
        return timestamp_store.keep(connection, services.ledger.id, head.epoch, head.size, at, answer.body)


def _check_clock(at: int, now_ms: int) -> None:
    if abs(at - now_ms) > CLOCK_SLACK_MS:
        apart = abs(at - now_ms) // 1000
        raise BadTimestamp(
            f"the authority's clock and this server's are {apart} s apart; one of them is wrong"
        )


def sweep(services: Services) -> int:
    """Have the day's checkpoint timestamped once a day of the region's; returns how many were, 0 or 1.

    A failure is told in the log and tried again after a while: nothing else waits for it.
    """
    if not services.config.tsa_url or not is_due(services):
        return 0
    origin, now = services.ledger.origin, services.now_ms()
    if ATTEMPTS.rests(origin, now):
        return 0
    try:
        stamp(services)
    except Refusal as refusal:
        ATTEMPTS.failed(origin, now)
        log.warning("no timestamp", code=refusal.code, detail=refusal.detail)
        return 0
    return 1


def is_due(services: Services) -> bool:
    """Return whether no timestamp of today, in the region's time zone, is kept."""
    with services.database.reading() as connection:
        newest = timestamp_store.newest_at(connection, services.ledger.id)
    zone = services.config.zone
    return (
        newest is None
        or datetime.fromtimestamp(newest / 1000, UTC).astimezone(zone).date() < services.today()
    )


def export(services: Services, folder: Path) -> list[Path]:
    """Write each timestamped note and the authority's answer as files, and return them.

    `<origin>-<size>-<time>.note` and `.tsr`: with the roots all that `openssl ts -verify` wants.
    """
    folder.mkdir(parents=True, exist_ok=True)
    return [path for pair in _pairs(services) for path in _write(folder, *pair)]


def _pairs(services: Services) -> Iterator[tuple[str, str, bytes]]:
    ledger = services.ledger
    with services.database.reading() as connection:
        for kept in timestamp_store.all_of(connection, ledger.id):
            head = ledger_scan.checkpoint(connection, ledger.id, kept.epoch, kept.size)
            if head is None:
                raise BadTimestamp(
                    f"checkpoint {kept.epoch}/{kept.size} is missing; run `wardledger ledger audit`"
                )
            at = datetime.fromtimestamp(kept.at / 1000, UTC)
            name = EXPORT_NAME.sub("-", f"{ledger.origin}-{kept.epoch[:8]}-{kept.size}-{at:%Y%m%dT%H%M%SZ}")
            yield name, head.note, kept.response


def _write(folder: Path, name: str, note: str, response: bytes) -> Iterator[Path]:
    for path, raw in ((folder / f"{name}.note", note.encode()), (folder / f"{name}.tsr", response)):
        path.write_bytes(raw)
        yield path
