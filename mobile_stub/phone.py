"""The reference phone: enrol, open, record offline, sync, tell how things stand."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import httpx

from mobile_stub import (
    catalogues,
    dismissal,
    enrolment,
    epochs,
    evidence_files,
    identity,
    lease,
    pull,
    push,
    recording,
)
from mobile_stub.catalogues import Fetched
from mobile_stub.clock import Clock, Random, SystemClock
from mobile_stub.evidence_files import Uploaded
from mobile_stub.identity import Hardness, Identity
from mobile_stub.journal import FILE, Journal
from mobile_stub.kit import KEYS, OFFSET, REPIN, SHUT_OUT, STOPPED, SYNCED, Kit
from mobile_stub.pull import Pulled
from mobile_stub.push import Pushed
from mobile_stub.transport import TIMEOUT_SECONDS, Transport
from mobile_stub.trouble import Alarmed, ServerRefused, Stopped, Trouble
from mobile_stub.viewing import Shown, show, show_all
from schemas.catalogues.answers import Standing
from schemas.catalogues.content import Values
from schemas.wire.enrol import Invite
from sync import lines
from sync.errors import BadProof, BadSignature, PinMismatch, Refusal, every_refusal

NEXT = {
    "held": "Nothing: it comes into force when what it waits for arrives.",
    "late": "Tell your supervisor: the change is kept and waits to be adopted or set aside.",
    "set_aside": "Read the supervisor's reason in the decision; if the fact still holds, speak to your supervisor.",
    "conflict": "Open the conflict, choose or write the value, and resolve it.",
}


@dataclass
class SyncError:
    """A part of a sync that failed; code and next are the server's or the phone's words."""

    part: str
    code: str
    detail: str
    next: str
    retry_after_seconds: int | None = None


@dataclass
class SyncReport:
    """What a sync did, and what of it failed; alarm: what contradicts what this phone had seen.

    wiped: the phone was reported lost and has erased itself; it is closed
    epoch: the ledger was recovered after a disaster and goes on in a new epoch: from, to, how many sets go again
    """

    pushed: Pushed = field(default_factory=Pushed)
    uploaded: Uploaded = field(default_factory=Uploaded)
    pulled: Pulled = field(default_factory=Pulled)
    fetched: Fetched = field(default_factory=Fetched)
    errors: list[SyncError] = field(default_factory=list)
    alarm: str | None = None
    wiped: bool = False
    epoch: dict[str, Any] | None = None

    @property
    def clean(self) -> bool:
        """Whether everything went well."""
        return not self.errors and self.alarm is None and not self.wiped

    def json(self) -> dict[str, Any]:
        """Return the report as plain data."""
        return asdict(self)


class Phone:
    """One phone, open; use as a context manager, or close it."""

    def __init__(self, kit: Kit, *, owns_client: bool = False):
        self.kit = kit
        self._owns_client = owns_client

    @classmethod
    def open(
        cls,
        home: Path,
        pin: str,
        *,
        clock: Clock | None = None,
        random: Random = os.urandom,
        client: httpx.Client | None = None,
        watch: Callable[[str], None] | None = None,
        sleep: Callable[[float], None] | None = None,
    ) -> Phone:
        """Open an enrolled phone; raises WrongPin, NotEnrolled, Wiped."""
        dismissal.refuse_if_wiped(home)
        own = identity.load(home, pin).enrolled()
        kit = _kit(home, own, clock=clock, random=random, client=client, watch=watch, sleep=sleep)
        enrolment.inherit(kit)
        return cls(kit, owns_client=client is None)

    @classmethod
    def enrol(
        cls,
        home: Path,
        invite: Invite,
        pin: str,
        *,
        clock: Clock | None = None,
        random: Random = os.urandom,
        client: httpx.Client | None = None,
        hardness: Hardness | None = None,
        watch: Callable[[str], None] | None = None,
    ) -> Phone:
        """Make this folder a phone of the invite's ledger and open it.

        A folder that is a phone already becomes the one that takes its place (see schemas/wire/enrol.py): what it has
        not sent goes under the new device, in the order in which it was recorded. Asked again after a lost answer it
        goes on where it was cut off. Raises PinMismatch, BadProof, BadSignature (an impostor answers), ServerRefused
        (the invite is used up), Offline, AlreadyEnrolled, Alarmed.
        """
        dismissal.begin_anew(home)
        own = enrolment.prepare(home, invite, pin, random=random, hardness=hardness)
        kit = _kit(home, own, clock=clock, random=random, client=client, watch=watch)
        try:
            with kit.alone():
                known = enrolment.take_place(kit, invite) if own.device else enrolment.join(kit, invite)
                # Last, so that a phone which counts as enrolled always knows where the ledger stood.
                identity.save(home, known, pin, random=random, hardness=hardness)
                kit.become(known)
                enrolment.inherit(kit)
        except BaseException:
            kit.journal.close()
            raise
        return cls(kit, owns_client=client is None)

    def repin(self, invite: Invite, pin: str, *, hardness: Hardness | None = None) -> None:
        """Pin the ledger key of an invite in the place of one that was compromised; all that was recorded stays.

        Raises PinMismatch (another ledger's invite), KeyCompromised, BadProof, BadSignature, Offline.
        """
        made, keys = enrolment.repin(self.kit, invite)
        # Whatever happens in between, this phone believes nothing until it has written down whom to believe.
        self.kit.journal.put(REPIN, True)
        self.kit.journal.put(KEYS, keys.jws)
        identity.save(self.kit.home, made, pin, random=self.kit.random, hardness=hardness)
        self.kit.identity = made
        self.kit.journal.drop(REPIN)

    def close(self) -> None:
        """Close the journal, and the client if nobody else brought it."""
        self.kit.journal.close()
        if self._owns_client:
            self.kit.transport.client.close()

    def __enter__(self) -> Phone:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    # -- recording: see recording.py for each promise -----------------------------------------------

    def start_round(self, inspection: str, **values: Any) -> str:
        """Start a bedside round; see recording.start_round."""
        return recording.start_round(self.kit, inspection, **values)

    def begin_round(self, ward_round: str) -> Shown:
        """Begin a round that the desk planned; see recording.begin_round."""
        return recording.begin_round(self.kit, ward_round)

    def check_bed(self, ward_round: str, **values: Any) -> str:
        """Record one bed; see recording.check_bed."""
        return recording.check_bed(self.kit, ward_round, **values)

    def take_evidence(self, where: str, content: bytes | Path, **values: Any) -> str:
        """Record a file as evidence of an inspection or a remote round; see recording.take_evidence."""
        chunks: Iterable[bytes] = [content] if isinstance(content, bytes) else evidence_files.pieces(content)
        return recording.take_evidence(self.kit, where, chunks, **values)

    def photograph_slip(self, inspection: str, slip_of: str, content: bytes | Path, **values: Any) -> str:
        """Record the photograph of a signed service slip; see recording.photograph_slip."""
        chunks: Iterable[bytes] = [content] if isinstance(content, bytes) else evidence_files.pieces(content)
        return recording.photograph_slip(self.kit, inspection, slip_of, chunks, **values)

    def write_finding(self, inspection: str, **values: Any) -> str:
        """Record a finding; see recording.write_finding."""
        return recording.write_finding(self.kit, inspection, **values)

    def take_statement(self, finding: str, **values: Any) -> str:
        """Record the party's statement; see recording.take_statement."""
        return recording.take_statement(self.kit, finding, **values)

    def create(self, kind: str, values: Mapping[str, Any]) -> str:
        """Record a new record of any type; see recording.create."""
        return recording.create(self.kit, kind, values)

    def answer_item(self, inspection: str, item: str, word: str, **values: Any) -> str:
        """Answer an item of the checklist; see recording.answer_item."""
        return recording.answer_item(self.kit, inspection, item, word, **values)

    def edit(self, record: str, values: Mapping[str, Any], **more: Any) -> str:
        """Change a record; see recording.edit."""
        return recording.edit(self.kit, record, values, **more)

    def step(self, record: str, *stages: str) -> list[str]:
        """Take a record through stages; see recording.step."""
        return recording.step(self.kit, record, *stages)

    def void(self, record: str) -> str:
        """Void a record; see recording.void."""
        return recording.void(self.kit, record)

    def restore(self, record: str) -> str:
        """Restore a record; see recording.restore."""
        return recording.restore(self.kit, record)

    def resolve(self, conflict: str, value: Any) -> str:
        """Decide a conflict; see recording.resolve."""
        return recording.resolve(self.kit, conflict, value)

    # -- reading --------------------------------------------------------------------------------------

    def show(self, record: str) -> Shown:
        """Return a record as this phone sees it; raises ReadingLocked once its lease is over, as all reading does."""
        lease.check_readable(self.kit)
        return show(self.kit.journal, record)

    def show_all(self, kind: str) -> list[Shown]:
        """Return every record of a type that this phone holds."""
        lease.check_readable(self.kit)
        return show_all(self.kit.journal, kind)

    def checklist(self, inspection: str, text: str = "") -> list[Standing]:
        """Return the items of an inspection's checklist with their answers, offline; see catalogues.checklist."""
        lease.check_readable(self.kit)
        return catalogues.checklist(self.kit, inspection, text)

    def violations(self, inspection: str, text: str = "") -> Sequence[Values]:
        """Return the violations frozen on an inspection, offline; see catalogues.violations."""
        lease.check_readable(self.kit)
        return catalogues.violations(self.kit, inspection, text)

    def read_file(self, evidence: str) -> bytes:
        """Return the plain bytes of an evidence item's file, verified; fetched where the phone has it no more."""
        return evidence_files.read(self.kit, self.show(evidence).values)

    # -- syncing -----------------------------------------------------------------------------------------

    def sync(self) -> SyncReport:
        """Send, receive, upload, check; each part goes on where another fails, and nothing is lost by any.

        The download does not wait for the upload: changes go first because they are small, files last.
        Raises SyncRunning alone; everything else is in the report.
        """
        report = SyncReport()
        with self.kit.alone():
            self._part(report, "standing", lambda: dismissal.ask(self.kit))
            self._part(report, "push", lambda: push.push(self.kit, report.pushed))
            self._part(report, "pull", lambda: pull.pull(self.kit, report.pulled))
            if report.epoch is not None:
                # What the new epoch lacks waits for a receipt again.
                self._part(report, "push", lambda: push.push(self.kit, report.pushed))
            self._part(report, "catalogues", lambda: catalogues.fetch(self.kit, report.fetched))
            self._part(report, "files", lambda: evidence_files.upload(self.kit, report.uploaded))
            self._part(report, "check", lambda: pull.check_records(self.kit, report.pulled))
            pull.settle_looks(self.kit)
            pull.tidy(self.kit)
            if report.clean:
                self.kit.journal.put(SYNCED, self.kit.transport.now_ms())
            report.alarm = self.kit.alarm
            if dismissal.may_go(self.kit):
                dismissal.erase(self.kit)
                report.wiped = True
        return report

    def _part(self, report: SyncReport, part: str, act: Callable[[], None]) -> None:
        if any(error.code in (Alarmed.code, Stopped.code) for error in report.errors):
            return
        if dismissal.must_go_now(self.kit):
            return
        try:
            epochs.following(self.kit, lambda changed: setattr(report, "epoch", changed), act)
        except ServerRefused as refused:
            dismissal.heed(self.kit, refused)
            seconds = refused.retry_after_seconds
            report.errors.append(
                SyncError(part, refused.code, refused.refusal.detail, refused.problem.next, seconds)
            )
        except Trouble as trouble:
            report.errors.append(SyncError(part, trouble.code, trouble.detail, trouble.next))
        except (BadProof, BadSignature, PinMismatch) as contradiction:
            self.kit.raise_alarm(contradiction.detail)
            report.errors.append(SyncError(part, Alarmed.code, contradiction.detail, Alarmed.next))
        except Refusal as refusal:
            report.errors.append(SyncError(part, refusal.code, refusal.detail, refusal.next))

    # -- how things stand ---------------------------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        """Return how the phone stands: what waits, what needs somebody, what it knows of the ledger."""
        kit, own = self.kit, self.kit.identity
        head, waiting = kit.head, kit.journal.files(pull.FILE_WAITING)
        return {
            "origin": own.origin,
            "url": own.url,
            "device": own.device,
            "former": own.former or None,
            "user": own.user,
            "alarm": kit.alarm,
            "stopped": (stopped := kit.journal.get(STOPPED)),
            "stopped_next": every_refusal().get(stopped, Refusal).next if stopped else None,
            "shut_out": kit.journal.get(SHUT_OUT),
            "app": known.app if (known := kit.keys) is not None else None,
            "lease_left_ms": (left := lease.left_ms(kit)),
            "reading_locked": left == 0,
            "outbox": kit.journal.count_waiting(),
            "sets_unacknowledged": len(kit.journal.unacknowledged()),
            "files_waiting": len(waiting),
            "files_waiting_bytes": sum(int(body["cipher_size"]) for _, _, body in waiting),
            "records": len(kit.journal.copy_ids()),
            "attention": self.attention(),
            "epoch_change": epochs.recovered(kit),
            "head": {"epoch": head.epoch, "size": head.size, "root": head.root.hex()},
            "clock_offset_ms": kit.transport.offset_ms,
            "synced_ms": kit.journal.get(SYNCED),
        }

    def attention(self) -> list[dict[str, Any]]:
        """Return the own changes that somebody must look at, each with what to do."""
        found = []
        for kept in self.kit.journal.unsettled():
            outcome = dict(kept.outcome or {})
            outcome.pop("entry", None)
            outcome.pop("heard", None)
            kind = every_refusal().get(str(outcome.get("code")))
            todo = NEXT.get(str(outcome["verdict"])) or (kind.next if kind else Refusal.next)
            change = kept.change
            about = {"change": change.id, "type": change.type, "record": change.record, "op": change.op}
            found.append({**about, **outcome, "next": todo})
        return found


def _kit(
    home: Path,
    own: Identity,
    *,
    clock: Clock | None,
    random: Random,
    client: httpx.Client | None,
    watch: Callable[[str], None] | None = None,
    sleep: Callable[[float], None] | None = None,
) -> Kit:
    journal = Journal(home / FILE, lines.unb64u(own.journal_key, length=identity.KEY_BYTES), random, watch)
    clock = clock or SystemClock(random)
    transport = Transport(
        url=own.url,
        client=client or httpx.Client(timeout=TIMEOUT_SECONDS),
        clock=clock,
        key=own.signing_key,
        device=own.device,
        offset_ms=int(journal.get(OFFSET) or 0),
        learn=lambda offset_ms: journal.put(OFFSET, offset_ms),
        sleep=sleep or time.sleep,
    )
    return Kit(home, own, journal, transport, clock, random)
