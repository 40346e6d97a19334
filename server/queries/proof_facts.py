"""What a browser or a program checks an item with, on its own: entries, change lines, proofs and keys."""

from __future__ import annotations

from server.console.pages.proof import ProofEntry, ProofFacts
from server.evidence import proof
from server.ledger import proofs
from server.queries.reading import Reading
from server.storage import ledger_store, witness_store
from sync import checkpoint
from sync.errors import BadProof, NotFound
from sync.signing import public_raw


def proof_facts(reading: Reading, record: str) -> ProofFacts:
    """Return an item's entries with their proofs as they are stored now; raises NotFound.

    Nothing is left out or mended where it does not hold together: whoever asks is to find that himself.
    """
    item = reading.one("evidence", record)
    here = reading.services
    found = proof.of_ledger(here, reading.connection, item)
    head = ledger_store.head(reading.connection, here.ledger.id)
    size = witness_store.newest_size(reading.connection, here.ledger.id, head.epoch)
    lines = witness_store.lines_on(reading.connection, here.ledger.id, head.epoch, size) if size else []
    name = f"{here.ledger.origin}/{head.epoch}"
    return ProofFacts(
        id=item.id,
        verdict=found.verdict,
        why=found.why,
        checked_at=here.now(),
        digest=str(item.values["digest"]),
        size_bytes=int(item.values["size"]),
        entries=tuple(_entry(reading, index) for index in sorted({item.acts[0].index, item.version})),
        keys=tuple(checkpoint.verifier_key(name, public_raw(key)) for key in here.keyring.verifiers()),
        witnesses=tuple(checkpoint.signature_line(line.rstrip("\n"))[0] for line in lines),
        witnessed_size=size,
    )


def _entry(reading: Reading, index: int) -> ProofEntry:
    connection, ledger = reading.connection, reading.services.ledger
    line = ledger_store.lines_at(connection, ledger.id, [index]).get(index, b"")
    change = ledger_store.bodies_at(connection, ledger.id, [index]).get(index, b"")
    try:
        shown = proofs.inclusion(connection, ledger, index)
    except (BadProof, NotFound):
        shown = ""
    # An altered line may be no text any more; its digest is another one in any case.
    return ProofEntry(
        index=index, entry=line.decode(errors="replace"), change=change.decode(errors="replace"), proof=shown
    )
