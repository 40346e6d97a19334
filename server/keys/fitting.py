"""Whether the key files are those of the ledger: asked before anything is served, so that no wrong secret is used."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from server.keys import history, outlived
from server.keys.history import ACTIVE, LEDGER, OPENING, History
from server.keys.keyring import (
    FIRST_KEK,
    LEDGER_FILE,
    NEXT_LEDGER_FILE,
    NEXT_OPENING_FILE,
    OPENING_FILE,
    RECOVERY_FILE,
    RESTORE,
    openings_of,
)
from server.storage import data_key_store, ledger_store
from sync import checkpoint
from sync.errors import FileCorrupt, LedgerStopped, Refusal

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from sqlalchemy import Connection

    from server.wiring import Services


def check(services: Services) -> None:
    """Return if every secret is there and fits the ledger; raises LedgerStopped naming the first that does not."""
    for fault in faults(services):
        raise LedgerStopped(fault)
    if behind := outlived.missing(services):
        raise LedgerStopped(too_old(behind))


def too_old(behind: Sequence[outlived.Noted]) -> str:
    """Return in words which keys a database that was put back is too old to know."""
    names = ", ".join(f"{one.values['purpose']} {one.kid}" for one in behind)
    words = f"the database is from before the newest acts on these keys: {names}"
    return f"{words}; `wardledger ledger recover` enters them again"


def faults(services: Services) -> Iterator[str]:
    """Yield in words each secret that does not fit; raises LedgerStopped for a file that holds no key."""
    keyring = services.keyring
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        known = history.read(connection, vault, services.ledger.origin)
        if known.keys:
            yield from _ledger_key(services, known)
            yield from _opening_keys(services, known)
            if keyring.recovery not in {key.public for key in known.of(history.RECOVERY)}:
                path = services.config.keys_dir / RECOVERY_FILE
                yield f"{path} is not the recovery key of this ledger; {RESTORE}"
        yield from _head(services, connection)
        yield from _keks(services, connection)


def _noted(services: Services, purpose: str) -> dict[str, outlived.Noted]:
    return {one.kid: one for one in outlived.noted(services) if one.values["purpose"] == purpose}


def _ledger_key(services: Services, known: History) -> Iterator[str]:
    path, kid = services.config.keys_dir / LEDGER_FILE, services.keyring.ledger_kid
    standing = [key.kid for key in known.of(LEDGER) if key.stage == ACTIVE]
    found = known.by_kid(LEDGER, kid)
    if found is None and kid in _noted(services, LEDGER):
        return
    if found is None:
        words = f"{path} holds the key {kid}, which this ledger does not know; it is signed by {standing[-1]}"
        yield f"{words}: {RESTORE}, or restore the database that this key belongs to"
    elif found.stage != ACTIVE:
        words = f"{path} holds the key {kid}, which is {found.stage}; the ledger is signed by {standing[-1]}"
        cut_off = (services.config.keys_dir / NEXT_LEDGER_FILE).exists()
        yield f"{words}: " + (
            "run `wardledger keys rotate ledger`" if cut_off else "bring the newest key file"
        )


def _opening_keys(services: Services, known: History) -> Iterator[str]:
    """Phones seal to what the ledger lists as active: without its secret their work could not be opened."""
    path, coming = (services.config.keys_dir / name for name in (OPENING_FILE, NEXT_OPENING_FILE))
    held = {key.kid for key in services.keyring.opening}
    # A rotation that was cut off behind the ledger's entry: its secrets are there, and the next run brings them in.
    arriving = {one.key.kid for one in openings_of(coming)} if coming.exists() else set()
    noted = _noted(services, OPENING)
    for key in known.of(OPENING):
        if key.kid in noted and noted[key.kid].stage != ACTIVE:
            continue
        if key.stage == ACTIVE and key.kid not in held | arriving:
            yield f"{path} lacks the opening key {key.kid}, to which phones seal; {RESTORE}"
    listed = {key.kid for key in known.of(OPENING)} | noted.keys()
    for kid in sorted(held - listed):
        yield f"{path} holds the opening key {kid}, which this ledger does not know; {RESTORE}"


def verifiers(services: Services) -> list[Ed25519PublicKey]:
    """Return the keys of which one must have signed the head; of a database that was put back, also an earlier one."""
    own = services.keyring.verifiers()
    behind = [one for one in outlived.missing(services) if one.values["purpose"] == LEDGER]
    return [*own, *outlived.ledger_keys(services)] if behind else own


def _head(services: Services, connection: Connection) -> Iterator[str]:
    """The head is signed by the key at hand: who has another key would sign a second history."""
    try:
        checkpoint.verify(ledger_store.head(connection, services.ledger.id).note, verifiers(services))
    except Refusal:
        path = services.config.keys_dir / LEDGER_FILE
        yield f"{path} did not sign the ledger's head; {RESTORE}"


def _keks(services: Services, connection: Connection) -> Iterator[str]:
    """One data key of each version must open."""
    ledger = services.ledger.id
    for version in data_key_store.counts(connection, ledger):
        path = services.config.secret_file if version == FIRST_KEK else services.config.kek_file
        if version not in services.keyring.keks:
            yield f"{path} lacks the KEK of version {version}, under which data lies; {RESTORE}"
            continue
        one = data_key_store.one_under(connection, ledger, version)
        try:
            if one is not None:
                services.vault.unwrap(ledger, one.root, version, one.key)
        except FileCorrupt:
            words = f"{path} is not the secret under which the data of this ledger was encrypted"
            yield f"{words} (KEK {version}); {RESTORE}"
