"""A written record's paper, and the ledger's word on a digest that somebody holds a copy of."""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

from schemas.records.evidence import RECORDS
from server.documents.record import RecordPaper
from server.evidence import written
from server.queries.origins import origins
from server.queries.reading import Reading, moment
from server.storage import ledger_store, record_store
from server.wiring import Services
from sync import entries
from sync.merge import VOIDED, Record

PATH = "/verify"
STANDS, TAKEN_BACK, REPLACED = "stands", "taken_back", "replaced"


@dataclass(frozen=True, kw_only=True, slots=True)
class Vouched:
    """What anybody is told of a record whose id and digest he holds, and no more.

    form: of RECORDS; state: `stands`, `taken_back` or `replaced`; entry, received: where and when it stands in the
    ledger; size, root: of the ledger's head now
    """

    form: str
    state: str
    digest: str
    entry: int
    received: datetime
    origin: str
    size: int
    root: str


def paper_of(reading: Reading, evidence: Record) -> RecordPaper:
    """Return a written record's paper; raises NotFound, FileUnverified or FileCorrupt."""
    here = reading.services
    content = written.content_of(here, evidence)
    index = evidence.acts[0].index
    digest = str(evidence.values["digest"])
    return RecordPaper(
        content=content,
        digest=digest,
        address=address_of(here, evidence.id, digest),
        entry=index,
        at=int(origins(reading, [index])[index].received.timestamp()),
        origin=here.ledger.origin,
        zone=here.config.timezone,
    )


def address_of(services: Services, record: str, digest: str) -> str:
    """Return the address that a copy's QR code leads to; the phone writes the same one."""
    return f"{services.config.url.rstrip('/')}{PATH}/{record}/{digest}"


def vouch(services: Services, record: str, digest: str) -> Vouched | None:
    """Return the ledger's word on a written record; None unless its id and its digest are both right.

    Whoever holds no copy learns nothing: not which records there are, nor that the id alone was right.
    """
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.load(connection, vault, [record]).get(record)
        if found is None or found.type != "evidence" or found.values.get("form") not in RECORDS:
            return None
        if not hmac.compare_digest(str(found.values["digest"]).encode(), digest.encode()):
            return None
        index = found.acts[0].index
        line = ledger_store.lines_at(connection, services.ledger.id, [index])[index]
        head = ledger_store.head(connection, services.ledger.id).checkpoint(services.ledger.origin)
    return Vouched(
        form=str(found.values["form"]),
        state=_state(found),
        digest=digest,
        entry=index,
        received=moment(entries.from_line(line).at),
        origin=services.ledger.origin,
        size=head.size,
        root=head.root.hex(),
    )


def _state(found: Record) -> str:
    if found.life == VOIDED:
        return TAKEN_BACK
    return REPLACED if found.stage == "superseded" else STANDS
