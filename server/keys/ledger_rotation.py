"""A new ledger key: introduced by a statement of the one before, which signs heads beside it for a while."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from schemas.drafting import Draft
from server.commit.acts import act, new_id
from server.keys import served
from server.keys.declared import public_half
from server.keys.history import ACTIVE, COMPROMISED, LEDGER, RETIRED, History, KnownKey
from server.keys.keyring import (
    BEFORE_LEDGER_FILE,
    LEDGER_FILE,
    NEXT_LEDGER_FILE,
    SEED,
    drop,
    keep,
    signing_key,
)
from server.keys.rotation import DAY_MS, alone, ending
from sync import key_chain, lines, signing
from sync.errors import BadTransition, NotFound

if TYPE_CHECKING:
    from server.wiring import Services

OVERLAP_DAYS = 60
"""How long both keys sign heads: for whoever outside compares heads by the old one and has to be told of the new."""


def rotate(services: Services, *, days: int = OVERLAP_DAYS, compromised: bool = False) -> KnownKey:
    """Bring in a new ledger key and return it; the old one signs heads too for `days`, 0: not at all.

    compromised: the old one's secret got into other hands: it ends at once, and phones that pinned it, or
    followed it, must pin the new one by scanning an invite
    Raises BadTransition while an earlier rotation's old key still signs. One that was cut off is gone on with.
    """
    with alone(services.config):
        path = services.config.keys_dir / NEXT_LEDGER_FILE
        known = served.known_keys(services)
        if not path.exists():
            _refuse_second(known, compromised)
            keep(path, lines.b64u(services.random(SEED)))
        public = signing.public_raw(signing_key(path))
        if signing.key_digest(public) not in known.pins:
            _enter(services, known, public, days=days, compromised=compromised)
            known = served.known_keys(services)
        settle(services, known)
        return known.of(LEDGER)[-1]


def _refuse_second(known: History, compromised: bool) -> None:
    standing = [key for key in known.of(LEDGER) if key.stage == ACTIVE]
    if len(standing) > 1 and not compromised:
        raise BadTransition(
            f"the key {standing[0].kid} still signs beside the newest; retire it first: "
            f"`wardledger keys retire ledger {standing[0].kid}`"
        )


def _enter(services: Services, known: History, public: bytes, *, days: int, compromised: bool) -> None:
    """Enter the new key with the statement that introduces it, and when the old one ends, as one act."""
    now, old = services.now_ms(), services.keyring.ledger
    statement = key_chain.introduce(old, services.ledger.origin, public=public, since=now)
    values = {
        **public_half(LEDGER, "ed25519", public),
        "since": now,
        "before": services.keyring.ledger_digest,
        "signature": statement.rpartition(".")[2],
    }
    drafts = [Draft("create", "key", new_id(services), values)]
    for key in known.of(LEDGER):
        if key.stage != ACTIVE:
            continue
        if key.digest == services.keyring.ledger_digest and not compromised and days:
            drafts.append(Draft("edit", "key", key.record, {"until": now + days * DAY_MS}))
        else:
            stage = COMPROMISED if compromised and key.digest == services.keyring.ledger_digest else RETIRED
            drafts.append(ending(key, stage, now))
    act(services, drafts, kind="key")


def settle(services: Services, known: History) -> None:
    """Let the files follow the ledger: the newest key it knows signs, one that still stands signs beside it."""
    folder = services.config.keys_dir
    current, following, before = (
        folder / name for name in (LEDGER_FILE, NEXT_LEDGER_FILE, BEFORE_LEDGER_FILE)
    )
    standing = {key.digest for key in known.of(LEDGER) if key.stage == ACTIVE}
    if following.exists() and _digest(following) in standing:
        if _digest(current) in standing and _digest(current) != _digest(following):
            keep(before, current.read_text("ascii").strip())
        keep(current, following.read_text("ascii").strip())
        drop(following)
    if before.exists() and (_digest(before) not in standing or _digest(before) == _digest(current)):
        drop(before)


def _digest(path: Path) -> str:
    return signing.key_digest(signing.public_raw(signing_key(path)))


def retire(services: Services, kid: str, *, compromised: bool = False) -> KnownKey:
    """End an older ledger key, or tell that it was compromised; raises NotFound, BadTransition for the newest."""
    with alone(services.config):
        known = served.known_keys(services)
        key = known.by_kid(LEDGER, kid)
        if key is None:
            raise NotFound("no ledger key has this name; `wardledger keys list` shows them")
        if key.digest == services.keyring.ledger_digest:
            raise BadTransition("this key signs the ledger: `wardledger keys rotate ledger` first")
        stage = COMPROMISED if compromised else RETIRED
        if key.stage == stage or (key.stage == COMPROMISED and not compromised):
            raise BadTransition(f"the key is {key.stage} already")
        act(services, [ending(key, stage, services.now_ms())], kind="key")
        known = served.known_keys(services)
        settle(services, known)
        found = known.by_kid(LEDGER, kid)
    assert found is not None
    return found


def sweep(services: Services) -> Counter[str]:
    """End the older ledger key whose overlap is over; return how many ended."""
    if not services.keyring.beside:
        return Counter()
    now, known = services.now_ms(), served.known_keys(services)
    due = [
        key
        for key in known.of(LEDGER)
        if key.stage == ACTIVE
        and key.until is not None
        and key.until <= now
        and key.digest != services.keyring.ledger_digest
    ]
    for key in due:
        retire(services, key.kid)
    return Counter({"retired": len(due)})
