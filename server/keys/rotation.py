"""New keys for old: what comes and goes is entered into the ledger, and every step is gone on with after a kill.

The order is always the same: the new secret is written durably under another name; the ledger learns of its
public half; the files follow the ledger. Whoever runs a rotation again that was cut off goes on with it.
"""

from __future__ import annotations

import fcntl
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.drafting import Draft
from server.commit.acts import act, new_id
from server.keys import served
from server.keys.declared import public_half
from server.keys.history import ACTIVE, COMPROMISED, OPENING, RETIRED, KnownKey
from server.keys.keyring import (
    NEXT_OPENING_FILE,
    OPENING_FILE,
    Opening,
    drop,
    fresh_openings,
    keep,
    openings_of,
    written,
)
from sync.errors import BadTransition, Busy, NotFound

if TYPE_CHECKING:
    from server.config import Config
    from server.wiring import Services

DAY_MS = 86_400_000
RETIRE_DAYS = 14
"""How long a key goes on beside its successor: longer than a key list is good for, so that few phones notice."""
RETIRE_DAYS_MAX = 366
KEPT_DAYS = 400
"""How long the secret of a retired opening key is kept. No envelope under it lies here: each is opened as it comes."""
LOCK_FILE = "rotation.lock"


@contextmanager
def alone(config: Config) -> Iterator[None]:
    """Hold the lock over the key files; raises Busy when another process changes keys. A kill lets go of it."""
    handle = os.open(config.keys_dir / LOCK_FILE, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise Busy("another process is changing the keys") from error
    finally:
        os.close(handle)


# -- opening keys ------------------------------------------------------------------------------------------


def rotate_opening(services: Services, *, days: int = RETIRE_DAYS) -> list[KnownKey]:
    """Bring in a new opening key for each KEM and return them; those there are retire after `days`, 0: now.

    A rotation that was cut off is gone on with: its keys are the ones that come in.
    """
    with alone(services.config):
        path = services.config.keys_dir / NEXT_OPENING_FILE
        if not path.exists():
            keep(path, written(fresh_openings(services.random, services.now_ms())))
        fresh = openings_of(path)
        known = served.known_keys(services)
        if known.by_kid(OPENING, fresh[0].key.kid) is None:
            until = services.now_ms() + days * DAY_MS
            _enter(services, fresh, [key for key in known.of(OPENING) if key.stage == ACTIVE], until)
        settle_openings(services)
        drop(path)
        known = served.known_keys(services)
    return [key for one in fresh if (key := known.by_kid(OPENING, one.key.kid)) is not None]


def _enter(services: Services, fresh: Sequence[Opening], old: Sequence[KnownKey], until: int) -> None:
    """Enter new opening keys, and when the old ones end, as one act."""
    now = services.now_ms()
    drafts = [
        Draft(
            "create",
            "key",
            new_id(services),
            {**public_half(OPENING, one.key.kem, one.key.public), "since": one.since},
        )
        for one in fresh
    ]
    for key in old:
        if until <= now:
            drafts.append(ending(key, RETIRED, now))
        elif key.until is None or until < key.until:
            drafts.append(Draft("edit", "key", key.record, {"until": until}))
    act(services, drafts, kind="key")


def ending(key: KnownKey, stage: str, now: int) -> Draft:
    """Return the draft that ends a key; a key that had ended already only changes its stage."""
    values: dict[str, object] = {"stage": {"from": key.stage, "to": stage}}
    return Draft("edit", "key", key.record, values if key.ended is not None else {**values, "ended": now})


def settle_openings(services: Services) -> None:
    """Let the file of the opening keys follow the ledger: new ones in, times set, what ended long ago destroyed."""
    folder, now = services.config.keys_dir, services.now_ms()
    held = {one.key.kid: one for one in openings_of(folder / OPENING_FILE)}
    if (folder / NEXT_OPENING_FILE).exists():
        held |= {one.key.kid: one for one in openings_of(folder / NEXT_OPENING_FILE)}
    known = {key.kid: key for key in served.known_keys(services).of(OPENING)}
    kept = []
    for kid, one in held.items():
        key = known.get(kid)
        ends = [time for time in ((key.until, key.ended) if key else ()) if time is not None]
        if key is None or key.ended is None or now - key.ended < KEPT_DAYS * DAY_MS:
            kept.append(replace(one, until=min(ends, default=None)))
    _replace(folder / OPENING_FILE, kept)


def _replace(path: Path, openings: Sequence[Opening]) -> None:
    if tuple(openings) != openings_of(path):
        keep(path, written(openings))


def retire_opening(services: Services, kid: str, *, compromised: bool = False) -> KnownKey:
    """End an opening key at once; raises NotFound, BadTransition where nothing would be left to seal to."""
    with alone(services.config):
        known = served.known_keys(services)
        key = known.by_kid(OPENING, kid)
        if key is None:
            raise NotFound("no opening key has this name; `wardledger keys list` shows them")
        stage = COMPROMISED if compromised else RETIRED
        if key.stage == stage or (key.stage == COMPROMISED and not compromised):
            raise BadTransition(f"the key is {key.stage} already")
        others = [
            one
            for one in services.keyring.openings
            if one.key.kem == key.algorithm and one.key.kid != kid and one.opens_at(services.now_ms())
        ]
        if key.stage == ACTIVE and not others:
            raise BadTransition("phones would have no key of this kind to seal to: rotate first")
        act(services, [ending(key, stage, services.now_ms())], kind="key")
        settle_openings(services)
        found = served.known_keys(services).by_kid(OPENING, kid)
    assert found is not None
    return found


def sweep(services: Services) -> Counter[str]:
    """Retire the opening keys whose time has come, and destroy what was kept long enough; return how many ended."""
    now = services.now_ms()
    if not any(one.until is not None and one.until <= now for one in services.keyring.openings):
        return Counter()
    due = [
        key
        for key in served.known_keys(services).of(OPENING)
        if key.stage == ACTIVE and key.until is not None and key.until <= now
    ]
    if due:
        act(services, [ending(key, RETIRED, now) for key in due], kind="key")
    with alone(services.config):
        settle_openings(services)
    return Counter({"retired": len(due)})


__all__ = [
    "KEPT_DAYS", "RETIRE_DAYS", "RETIRE_DAYS_MAX", "alone", "ending", "retire_opening", "rotate_opening",
    "settle_openings", "sweep",
]  # fmt: skip
