"""The KEK: a new version wraps every data key again, and no data is touched.

Both versions are readable meanwhile, so the server goes on; a kill in the middle leaves some data keys under
the old version, and the next run goes on with those.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from server.keys.keyring import FIRST_KEK, KEK_BYTES, keep, later_keks
from server.keys.rotation import alone
from server.storage import data_key_store
from server.storage.data_key_store import Wrapped
from sync import lines
from sync.errors import BadTransition, NotFound

if TYPE_CHECKING:
    from server.config import Config
    from server.wiring import Services

BATCH = 200
"""Data keys that are wrapped in one transaction: a few milliseconds of the ledger's lock."""
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Rewrapped:
    """What a rotation did; version: the newest KEK; made: whether it is new; keys: data keys wrapped again."""

    version: int
    made: bool
    keys: int


def rotate(services: Services, *, given: bool = False, progress: Progress = lambda *_: None) -> Rewrapped:
    """Wrap every data key under the newest KEK, which is made unless data keys lie under an older one still.

    given: make none; the newest version was put into WARDLEDGER_KEK_FILE from elsewhere
    """
    with alone(services.config):
        left = _older(services)
        made = not left and not given
        if made:
            _add(services.config, max(services.keyring.keks) + 1, services.random(KEK_BYTES))
            left = _older(services)
        done = 0
        while batch := _wrap_some(services):
            done += batch
            progress("data keys", done, max(left, done))
    return Rewrapped(max(services.keyring.keks), made, done)


def _older(services: Services) -> int:
    """Return how many data keys lie under an older KEK than the newest."""
    newest = max(services.keyring.keks)
    with services.database.reading() as connection:
        counts = data_key_store.counts(connection, services.ledger.id)
    return sum(number for version, number in counts.items() if version < newest)


def _wrap_some(services: Services) -> int:
    vault, ledger = services.vault, services.ledger.id
    with services.database.writing(ledger) as connection:
        old = data_key_store.below(connection, ledger, max(services.keyring.keks), BATCH)
        fresh = []
        for one in old:
            version, wrapped = vault.wrap(
                ledger, one.root, vault.unwrap(ledger, one.root, one.version, one.key)
            )
            fresh.append(Wrapped(one.root, version, wrapped))
        data_key_store.rewrap(connection, ledger, fresh)
    return len(fresh)


def retire(services: Services, version: int) -> None:
    """Destroy a KEK under which nothing lies; raises NotFound, BadTransition.

    The ledger's lock is held from counting to writing: no process can wrap under the version in between.
    """
    with alone(services.config):
        keks = services.keyring.keks
        if version not in keks:
            raise NotFound("there is no KEK of this version; `wardledger keys list` shows them")
        if version == FIRST_KEK:
            raise BadTransition(
                "KEK 1 grows from the secret, which logins need too: there is nothing to remove"
            )
        if version == max(keks):
            raise BadTransition("this is the newest KEK; rotate first")
        with services.database.writing(services.ledger.id) as connection:
            if number := data_key_store.counts(connection, services.ledger.id).get(version):
                raise BadTransition(
                    f"{number} data keys lie under this KEK: `wardledger keys rotate kek` first"
                )
            rest = {
                known: key for known, key in later_keks(services.config.kek_file).items() if known != version
            }
            _write(services.config, rest)


def _add(config: Config, version: int, key: bytes) -> None:
    _write(config, {**later_keks(config.kek_file), version: key})


def _write(config: Config, keks: dict[int, bytes]) -> None:
    keep(config.kek_file, "\n".join(f"{version} {lines.b64u(key)}" for version, key in sorted(keks.items())))
