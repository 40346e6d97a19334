"""Our own heads, cosigned: each witness is sent the head with the proof from the one that it knows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import structlog

from server.ledger import proofs
from server.outside import asking, parties
from server.outside.asking import Answer
from server.outside.parties import Witness
from server.outside.refusals import OutsideDown
from server.storage import ledger_store, witness_store
from server.storage.ledger_store import Head
from server.storage.witness_store import AHEAD, AWAY, COSIGNED, FORKED, REFUSED, Contact, Cosignature
from sync import cosignature
from sync.checkpoint import SIZE
from sync.errors import Refusal

if TYPE_CHECKING:
    from server.wiring import Services

EVERY_MS = 5 * 60 * 1000
"""How often a witness is asked, whether it cosigned the last time or not."""
AGAIN_MS = 24 * 60 * 60 * 1000
"""A head that did not grow is presented again after so long: the line then says that there was no larger one."""
CLOCK_SLACK_SECONDS = 5 * 60
ANSWER_BYTES_MAX = 16 * 1024
CONTENT_TYPE = "text/plain; charset=utf-8"
SIZE_TYPE = "text/x.tlog.size"
TRIES = 3
"""The size that we thought, the one that the witness then tells, and once more if another node was faster."""
NOTE_BYTES_MAX = 7 * 1024
"""Of a note that is served with its lines: below what phones read."""
log = structlog.get_logger()


@dataclass(frozen=True)
class Standing:
    """How it stands with a witness; cosigned: its newest line, last: the last exchange."""

    witness: Witness
    size: int
    cosigned: Cosignature | None
    last: Contact | None

    @property
    def lag(self) -> int:
        """Return how many entries of the ledger it has not cosigned."""
        return self.size - (self.cosigned.size if self.cosigned else 0)


def standings(services: Services) -> list[Standing]:
    """Return how it stands with each configured witness; raises NotConfigured."""
    found = parties.witnesses(services.config)
    ledger = services.ledger.id
    with services.database.reading() as connection:
        head = ledger_store.head(connection, ledger)
        return [
            Standing(
                one,
                head.size,
                witness_store.newest_of(connection, ledger, head.epoch, one.name),
                witness_store.contact(connection, ledger, one.name),
            )
            for one in found
        ]


def sweep(services: Services) -> int:
    """Send the head to each witness that is due; returns how many cosigned it. Failures are noted, not raised."""
    try:
        found = standings(services)
    except Refusal as refusal:
        log.warning("no witness is asked", code=refusal.code, detail=refusal.detail)
        return 0
    due = [standing.witness for standing in found if is_due(standing, services.now_ms())]
    return sum(exchange(services, witness).state == COSIGNED for witness in due)


def is_due(standing: Standing, now_ms: int) -> bool:
    """Return whether a witness is to be asked: every EVERY_MS, if there is something that it has not cosigned."""
    if standing.last is not None and 0 <= now_ms - standing.last.tried_at < EVERY_MS:
        return False
    if standing.lag or standing.cosigned is None:
        return True
    return not 0 <= now_ms - standing.cosigned.at * 1000 < AGAIN_MS


def exchange(services: Services, witness: Witness) -> Contact:
    """Ask one witness to cosign the present head, keep its line, and write down how it ended."""
    ledger = services.ledger.id
    with services.database.reading() as connection:
        epoch = ledger_store.head(connection, ledger).epoch
        newest = witness_store.newest_of(connection, ledger, epoch, witness.name)
    known = newest.size if newest else 0
    line: Cosignature | None = None
    try:
        state, known, words, line = _ask(services, witness, known)
    except Refusal as refusal:
        state, words = (AWAY if isinstance(refusal, OutsideDown) else REFUSED), refusal.detail
    found = Contact(witness.name, state, services.now_ms(), known, words[:200])
    with services.database.writing(ledger) as connection:
        if line is not None:
            witness_store.keep(connection, ledger, line)
        witness_store.note_contact(connection, ledger, found)
    if state != COSIGNED:
        log.warning("not cosigned", witness=witness.name, state=state, detail=found.words)
    return found


def _ask(services: Services, witness: Witness, known: int) -> tuple[str, int, str, Cosignature | None]:
    """Return (state, size that the witness knows, words, its line); raises OutsideDown, BadSignature, BadProof."""
    for _ in range(TRIES):
        with services.database.reading() as connection:
            head = ledger_store.head(connection, services.ledger.id)
            if known > head.size:
                words = f"it cosigned {known} entries of this ledger, which now has {head.size}"
                return AHEAD, known, words, None
            path = proofs.consistency(connection, services.ledger, known, head.size)
        answer = asking.post(
            f"{witness.url}/add-checkpoint",
            cosignature.write(known, path, head.note),
            CONTENT_TYPE,
            bytes_max=ANSWER_BYTES_MAX,
            seconds=asking.SECONDS_MAX,
        )
        if answer.status != 409:
            return _ended(services, witness, head, known, answer)
        known = _size(answer)
    return AWAY, known, "it tells another size each time", None


def _ended(
    services: Services, witness: Witness, head: Head, known: int, answer: Answer
) -> tuple[str, int, str, Cosignature | None]:
    if answer.status == 422:
        return FORKED, known, f"it cosigned another tree of {known} entries than this ledger's", None
    if answer.status >= 500:
        return AWAY, known, f"it answers {answer.status}", None
    if answer.status != 200:
        meant = {
            403: "does not trust the ledger key",
            404: "does not know this log",
            400: "finds it malformed",
        }
        return REFUSED, known, f"it {meant.get(answer.status, f'answers {answer.status}')}", None
    text = answer.body.decode(errors="replace")
    line, at = cosignature.find(text, cosignature.body_of(head.note), witness.name, witness.key)
    apart = abs(at - services.now_ms() // 1000)
    if apart > CLOCK_SLACK_SECONDS:
        return REFUSED, known, f"its clock and this server's are {apart} s apart", None
    kept = Cosignature(head.epoch, head.size, witness.name, at, witness.vkey, line)
    return COSIGNED, head.size, "", kept


def _size(answer: Answer) -> int:
    text = answer.body.decode(errors="replace")
    if answer.content_type != SIZE_TYPE or not text.endswith("\n") or not SIZE.fullmatch(text[:-1]):
        raise OutsideDown("the witness answers 409 without a size")
    return int(text[:-1])


def with_lines(note: str, lines: list[str]) -> str:
    """Return a note with its witnesses' lines behind the ledger's own, as many as a note may have bytes."""
    for line in lines:
        longer = f"{note}{line}\n"
        if len(longer.encode()) > NOTE_BYTES_MAX:
            break
        note = longer
    return note
