"""Recovering a ledger that is behind what it once was, and telling what came back since."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.commit.recovering import open_epoch, reapply
from server.keys import outlived
from server.ledger.audit import Report, audit
from server.ledger.checks import Progress, silent
from server.ledger.signed import read_record
from server.operations.erasing import erase_again
from server.operations.running import alone
from server.operations.standing import standing
from server.storage import device_store, epoch_store, ledger_store
from server.wiring import Services
from sync import lines, signing
from sync.changes import Seen
from sync.epochs import Recovery
from sync.errors import NotCanonical, Refusal


class NotBehind(Refusal):
    """The ledger agrees with its signer's record: there is nothing to recover, and nothing was done."""

    code = "not_behind"
    next = "Go on as before. `wardledger doctor` says what else may be wrong."


class WrongRecoveryKey(Refusal):
    """The file does not hold this ledger's recovery key; nothing was done."""

    code = "wrong_recovery_key"
    next = "Bring the file RECOVERY-KEY-take-offline that `wardledger init` made for this very ledger."


@dataclass(frozen=True)
class Recovered:
    """What a recovery did."""

    opened: Recovery
    shut_out: int
    unknown: int
    audit: Report


def recover(services: Services, key_file: Path, progress: Progress = silent) -> Recovered:
    """Open a new epoch at what is left of the ledger, and audit it.

    Raises NotBehind, WrongRecoveryKey, StillRunning, with nothing done.
    """
    key = _key(services, key_file)
    with alone(services):
        found = standing(services)
        if found.agrees:
            opened, shut_out, unknown = _gone_on_with(services, found.words)
        else:
            opened, shut_out, unknown = open_epoch(services, key, _last(services))
        erase_again(services)
        return Recovered(opened, shut_out, unknown, audit(services, progress))


def _gone_on_with(services: Services, words: str) -> tuple[Recovery, int, int]:
    """Finish a recovery that was killed behind its new epoch; raises NotBehind where none was."""
    with services.database.reading() as connection:
        opened = epoch_store.recoveries(connection, services.ledger.id)
    if not opened or not outlived.reenter(services):
        raise NotBehind(words)
    return opened[-1], reapply(services), 0


def _key(services: Services, path: Path) -> Ed25519PrivateKey:
    try:
        key = Ed25519PrivateKey.from_private_bytes(lines.unb64u(path.read_text("ascii").strip(), length=32))
    except (NotCanonical, UnicodeDecodeError) as error:
        raise WrongRecoveryKey(f"{path} holds no key") from error
    if signing.public_raw(key) != services.keyring.recovery:
        raise WrongRecoveryKey(f"{path} holds the recovery key of another ledger")
    return key


def _last(services: Services) -> Seen:
    """Return the newest head that the ledger is known to have had: committed, proven by a phone, or in the database."""
    record, origin = read_record(services.config.signer_file), services.ledger.origin
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id).checkpoint(origin)
    found = [(head.size, head.name, head.root.hex())]
    for log in {head.name, record.newest.get(origin, head.name)}:
        signed = record.of(log)
        # An epoch that was opened from an older backup shares fewer leaves: its phones cannot be led over.
        shares = log == head.name or min(signed.committed, default=0) > head.size
        if signed.last is not None and shares:
            found.append((signed.last[0], log, signed.last[1]))
    if heard := record.heard.get(origin):
        found.append((heard[1], heard[0], heard[2]))
    size, name, root = max(found)
    return Seen(name.rpartition("/")[2], size, root)


# -- what came back ----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Returned:
    """What came back since a recovery; silent: ids of phones that have not called since.

    shown: lost entries for which phones have shown receipts; back: those of them that are in the ledger again
    """

    opened: Recovery
    shown: int
    back: int
    missing: tuple[epoch_store.OldReceipt, ...]
    silent: tuple[str, ...]

    @property
    def unaccounted(self) -> int:
        """Lost entries that no phone has shown: acts of desk and machine, or phones that have not called yet."""
        return max(0, self.opened.lost - self.shown)

    def json(self) -> dict[str, Any]:
        """Return it for scripts."""
        return {
            "epoch": self.opened.epoch,
            "at": self.opened.at,
            "fork": self.opened.fork.size,
            "last": self.opened.last.size,
            "lost": self.opened.lost,
            "shown": self.shown,
            "back": self.back,
            "missing": [
                {"device": one.device, "seq": one.seq, "first": one.first, "last": one.last}
                for one in self.missing
            ],
            "unaccounted": self.unaccounted,
            "silent": list(self.silent),
        }


def report(services: Services) -> list[Returned]:
    """Return what came back since each recovery, oldest first."""
    with services.database.reading() as connection:
        opened = epoch_store.recoveries(connection, services.ledger.id)
        shown = epoch_store.shown(connection, services.ledger.id)
        devices = device_store.everything(connection, services.ledger.id)
    return [
        _returned(
            one,
            shown,
            lambda since: [d.id for d in devices if d.stage == "enrolled" and d.contact_at < since],
        )
        for one in opened
    ]


def _returned(
    opened: Recovery, shown: list[epoch_store.OldReceipt], silent_since: Callable[[int], list[str]]
) -> Returned:
    ours = [one for one in shown if one.epoch == opened.fork.epoch]
    return Returned(
        opened,
        shown=sum(one.last - one.first + 1 for one in ours),
        back=sum(one.last - one.first + 1 for one in ours if one.back),
        missing=tuple(one for one in ours if not one.back),
        silent=tuple(silent_since(opened.at)),
    )
