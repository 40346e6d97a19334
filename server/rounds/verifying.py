"""Drawing again what was drawn: from the ledger's own lines, or from a file that a stranger was handed.

Both ways end in `judge`, which knows no database: seed from the tree, population from the census, sample
from both. On a server the record rows are compared too, so a row that was altered is found.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection

from server.keys.vault import VaultSession
from server.ledger import row_proofs
from server.rounds import censuses, drawing, orders
from server.rounds.drawing import CannotDraw, Drawn, Source
from server.rounds.roll import Roll
from server.rounds.verdict import Verdict
from server.storage import ledger_store, record_store
from server.storage.record_store import TABLE, selected
from server.wiring import Services
from sync import lines
from sync.draw import roll_digest
from sync.entries import Entry, from_line
from sync.errors import BadProof, BadTransition, NotFound, Refusal
from sync.merge import Record
from sync.merkle import leaf_hash
from sync.tiles import nodes_from

Values = Mapping[str, Any]
MACHINE = "machine"


@dataclass(frozen=True, slots=True)
class Claim:
    """What the ledger says of a draw, from its change lines.

    round_values: the round's public fields just after the draw; drawn_by: whose act the draw was
    census: the public fields of the census; census_index, census_change: its import's entry
    roll: who was on it; root: of the tree whose last leaf is that entry
    called: whether the round was called; challenge_root: of the tree of the size that the call names
    """

    round_values: Values
    drawn_by: str
    drawn_index: int
    census: Values
    census_id: str
    census_index: int
    census_change: str
    roll: Roll
    root: bytes
    challenge_root: bytes | None = None


def judge(ward_round: str, claim: Claim) -> Verdict:
    """Return what is wrong with a draw, everything at once; pure."""
    found, values = Verdict({"ward_round": ward_round}), claim.round_values
    wrong = found.faults.append
    if claim.drawn_by != MACHINE:
        wrong(("drawn_by", "the sample was written by a person, not drawn by the server"))
    if values.get("census") != claim.census_id:
        wrong(("census", "the round names another census"))
    if (len(claim.roll), roll_digest(claim.roll)) != (claim.census.get("count"), claim.census.get("digest")):
        wrong(("population", "who was on the census is not what its import committed to"))
    again = _again(values, claim, wrong)
    if again is not None:
        _compare(values, again, wrong)
    if "challenge_root" in values or claim.challenge_root is not None:
        _challenge(values, claim, wrong)
    found.facts = {
        "seed": values.get("seed"),
        "census_entry": claim.census_index,
        "draw_entry": claim.drawn_index,
        "population": len(claim.roll),
        "sample": len(values.get("drawn") or ()),
    }
    return found


def _again(values: Values, claim: Claim, wrong: Any) -> Drawn | None:
    order = drawing.order_of(values)
    if order is None:
        wrong(("order", "the round orders no draw"))
        return None
    number = int(values.get("draw_number", 0))
    source = Source(
        claim.census_id, claim.census_index, claim.root, claim.census_change, number, list(claim.roll)
    )
    try:
        return drawing.carry_out(order, source)
    except CannotDraw as cannot:
        wrong(("order", f"nothing can be drawn: {cannot.fault}"))
    except Refusal as refusal:
        wrong(("population", refusal.detail))
    return None


def _compare(values: Values, again: Drawn, wrong: Any) -> None:
    if values.get("seed") != again.seed:
        wrong(("seed", "the seed does not follow from the tree, the census and the number of the draw"))
    said = (values.get("population_count"), values.get("population_digest"))
    if said != (again.population_count, again.population_digest):
        wrong(("population", "the round names another population than its wards had on the census"))
    if sorted(values.get("drawn") or ()) != list(again.sample):
        missing = len(set(again.sample) - set(values.get("drawn") or ()))
        added = len(set(values.get("drawn") or ()) - set(again.sample))
        wrong(("sample", f"{missing} who were drawn are missing, {added} are there who were not drawn"))


def _challenge(values: Values, claim: Claim, wrong: Any) -> None:
    root = claim.challenge_root.hex() if claim.challenge_root else None
    if values.get("challenge_root") != root:
        wrong(("challenge", "the challenge's root is not the tree's at the size that the call names"))
    if int(values.get("challenge_size", 0)) <= claim.drawn_index:
        wrong(("challenge", "the challenge's root was there before the sample was drawn"))


# -- from the database ---------------------------------------------------------------------------------


def verify(services: Services, ward_round: str) -> Verdict:
    """Return what is wrong with a round's draw in this ledger; raises NotFound, BadTransition where none was drawn."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = load_drawn(connection, vault, ward_round)
        claim = claim_of(connection, vault, found)
        verdict = judge(ward_round, claim)
        _rows(verdict, found, claim)
        _course(connection, vault, verdict, found, claim)
    return verdict


def load_drawn(connection: Connection, vault: VaultSession, ward_round: str) -> Record:
    """Return a round whose sample the server drew; raises NotFound, BadTransition."""
    found = record_store.load(connection, vault, [ward_round]).get(ward_round)
    if found is None or found.type != "ward_round":
        raise NotFound("the ledger holds no such round", item=ward_round)
    if "seed" not in found.writes:
        raise BadTransition("the server drew no sample for this round", item=ward_round)
    return found


def drawn_at(found: Record) -> int:
    """Return the ledger entry by which a round's sample was drawn."""
    return found.writes["seed"][0].act.index


def claim_of(connection: Connection, vault: VaultSession, found: Record) -> Claim:
    """Return what the ledger's lines say of a round's draw."""
    ledger, index = vault.ledger, drawn_at(found)
    values = fold(line_at(connection, ledger, act.index)[1] for act in found.acts)
    named = str(values.get("census"))
    census = record_store.load(connection, vault, [named]).get(named)
    if census is None or census.type != "census":
        raise NotFound("the ledger holds no census that this round names", item=named)
    imported = censuses.index_of(census)
    said = _census_line(connection, ledger, census)
    roll = censuses.roll_at(connection, ledger, census.root, imported, str(said.get("day")))
    size = values.get("challenge_size")
    return Claim(
        round_values=values,
        drawn_by=line_at(connection, ledger, index)[0].by,
        drawn_index=index,
        census=said,
        census_id=census.id,
        census_index=imported,
        census_change=line_at(connection, ledger, imported)[0].change,
        roll=roll,
        root=censuses.root_at(connection, ledger, imported + 1),
        challenge_root=censuses.root_at(connection, ledger, int(size)) if size else None,
    )


def line_at(connection: Connection, ledger: int, index: int) -> tuple[Entry, dict[str, Any]]:
    """Return an entry and its change line, both checked against the tree; raises BadProof where they do not fit."""
    raw = ledger_store.entry_lines(connection, ledger, index, 1)
    body = ledger_store.bodies_at(connection, ledger, [index]).get(index, b"")
    nodes = nodes_from(ledger_store.tile_reader(connection, ledger))
    if not raw or nodes(0, index) != leaf_hash(raw[0]):
        raise BadProof(f"entry {index} is not the one in the tree")
    entry = from_line(raw[0])
    if lines.digest(body) != entry.change:
        raise BadProof(f"the change line of entry {index} is not the one that it commits to")
    return entry, lines.decode(body)


def _census_line(connection: Connection, ledger: int, census: Record) -> dict[str, Any]:
    """Return the public fields with which a census was made, from its row under the import's root."""
    index = censuses.index_of(census)
    header = line_at(connection, ledger, index)[1]
    rows = [body for body in ledger_store.bodies(connection, ledger, index) if body.n > 0]
    n = next((row.n for row in rows if row.change == census.acts[0].change), 0)
    if n == 0:
        raise BadProof(f"entry {index} holds no row that made this census", item=census.id)
    row = row_proofs.row_of(connection, ledger, index, n)
    row_proofs.check_row(row, lines.encode(header).decode(), "import")
    said = lines.decode(row["line"].encode())
    if said["record"] != census.id:
        raise BadProof("the row that made this census names another record", item=census.id)
    return dict(said["set"])


def fold(changes: Any) -> dict[str, Any]:
    """Return the public fields that change lines lead to, in their order: for a round, whose writers are few."""
    found: dict[str, Any] = {}
    for change in changes:
        for name, value in change.get("set", {}).items():
            found[name] = value["to"] if name == "stage" else value
        for name, members in change.get("add", {}).items():
            found[name] = sorted({*found.get(name, ()), *members})
        for name, members in change.get("remove", {}).items():
            found[name] = sorted({*found.get(name, ())} - {*members})
    return found


CLAIMED = (
    "seed", "census", "draw_number", "population_count", "population_digest", "draw_method", "draw_size",
    "challenge_root", "challenge_size",
)  # fmt: skip


def _rows(verdict: Verdict, found: Record, claim: Claim) -> None:
    """Note where the round's row says other than the ledger's lines."""
    for name in CLAIMED:
        if found.values.get(name) != claim.round_values.get(name):
            verdict.faults.append(("row", f"the round's row says another {name} than the ledger"))
    for name in ("drawn", "wards"):
        if sorted(found.values.get(name) or ()) != sorted(claim.round_values.get(name) or ()):
            verdict.faults.append(("row", f"the round's row says other {name} than the ledger"))


def _course(
    connection: Connection, vault: VaultSession, verdict: Verdict, found: Record, claim: Claim
) -> None:
    """Note a census that was passed over, and a number that another draw from the same census has."""
    institution = orders.institution_of(connection, vault, found)
    statement = selected(vault.ledger, "census").where(TABLE.c.parent == institution)
    made = [censuses.index_of(one) for one in record_store.query(connection, vault, statement)]
    if claim.census_index not in made:
        verdict.faults.append(("census", "the census is another institution's"))
    if any(claim.census_index < index < claim.drawn_index for index in made):
        verdict.faults.append(("census", "a newer census was there when the sample was drawn"))
    rounds = selected(vault.ledger, "ward_round").where(TABLE.c.state.contains(f'"{claim.census_id}"'))
    number = claim.round_values.get("draw_number")
    twins = [
        one.id
        for one in record_store.query(connection, vault, rounds)
        if one.id != found.id and one.values.get("census") == claim.census_id
        and one.values.get("draw_number") == number
    ]  # fmt: skip
    if twins:
        verdict.faults.append(("number", f"another draw from this census has the same number: {twins[0]}"))


def acts_of(found: Record) -> Sequence[int]:
    """Return the ledger entries that made a round what it is, in order."""
    return sorted({act.index for act in found.acts})
