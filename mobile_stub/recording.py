"""Recording, offline: rounds, bed checks, evidence, findings, statements, steps of stages.

Each call composes its changes, checks them against the declarations and keeps them in one transaction;
what is refused leaves nothing behind. No network is asked, and no alarm keeps anybody from recording; only the
ledger's signed word that this version of the app shall record nothing more does, and it is told.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mobile_stub import catalogues, evidence_files
from mobile_stub.composing import compose
from mobile_stub.evidence_files import Sealed
from mobile_stub.kit import Kit
from mobile_stub.pull import FILE_WAITING
from mobile_stub.trouble import OutdatedApp
from mobile_stub.viewing import Shown, show, show_all
from schemas.drafting import Draft
from schemas.records import RULES, TYPES
from schemas.records.evidence import SERVICE_SLIP
from schemas.wire.keys import READ_ONLY
from sync.changes import Change
from sync.errors import BadTransition, BadValue, TooLarge
from sync.ids import uuid7

TX_CHANGES_MAX = 500
POSITION = ("lat_e7", "lon_e7", "accuracy_m", "provider", "mock")


def keep(
    kit: Kit, wishes: Sequence[Draft], *, files: Sequence[Sealed] = (), together: bool = False
) -> list[Change]:
    """Compose the wishes and keep them all or none; together: they stand or fall together at the server, too."""
    if (known := kit.keys) is not None and known.app == READ_ONLY:
        raise OutdatedApp
    at = kit.at()
    tx = uuid7(at.wall, kit.random) if together else None
    if together and len(wishes) > TX_CHANGES_MAX:
        raise TooLarge(f"a group has at most {TX_CHANGES_MAX} changes")
    made = [compose(replace(wish, tx=tx) if tx else wish, at, kit.random) for wish in wishes]
    with kit.journal.transaction():
        for change in made:
            kit.journal.add_change(change)
        for file in files:
            body = {"cipher_size": file.cipher_size, "location": None}
            kit.journal.put_file(file.cipher_digest, FILE_WAITING, body)
    return made


def create(kit: Kit, kind: str, values: Mapping[str, Any], *, files: Sequence[Sealed] = ()) -> str:
    """Keep a new record and return its id; values: {field: value}, a list for a set-field, None for nothing."""
    record = uuid7(kit.clock.wall_ms(), kit.random)
    plain, sets = _split(kind, values)
    keep(kit, [Draft("create", kind, record, values=plain, add=sets)], files=files)
    return record


def _split(kind: str, values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, list[Any]]]:
    """Return (plain values, members to add) by the declaration."""
    many = {name for name, known in TYPES[kind].by_name.items() if known.many} if kind in TYPES else set()
    given = {name: value for name, value in values.items() if value is not None}
    sets = {name: list(value) for name, value in given.items() if name in many and value}
    return {name: value for name, value in given.items() if name not in many}, sets


def edit(
    kit: Kit, record: str, values: Mapping[str, Any], *, remove: Mapping[str, Sequence[Any]] | None = None
) -> str:
    """Keep an edit of a record that this phone shows and return the change's id; see create for values."""
    shown = show(kit.journal, record)
    plain, sets = _split(shown.type, values)
    wish = Draft("edit", shown.type, record, values=plain, add=sets, remove=remove or {}, base=shown.base)
    return keep(kit, [wish])[0].id


def void(kit: Kit, record: str) -> str:
    """Keep the voiding of a record made by mistake; return the change's id."""
    shown = show(kit.journal, record)
    return keep(kit, [Draft("void", shown.type, record, base=shown.base)])[0].id


def restore(kit: Kit, record: str) -> str:
    """Keep the restoring of a voided record; return the change's id."""
    shown = show(kit.journal, record)
    return keep(kit, [Draft("restore", shown.type, record, base=shown.base)])[0].id


def step(kit: Kit, record: str, *stages: str) -> list[str]:
    """Keep the steps of a record through `stages`, one after the other; return the changes' ids.

    Raises BadTransition for a step that the stage, as this phone sees it, does not allow.
    """
    shown = show(kit.journal, record)
    at, wishes = shown.stage, []
    for stage in stages:
        if at is None or RULES[shown.type].edge(at, stage) is None:
            raise BadTransition(f"no step leads from {at} to {stage}", item=record, field="stage")
        move = {"stage": {"from": at, "to": stage}}
        wishes.append(Draft("edit", shown.type, record, values=move, base=shown.base))
        at = stage
    return [change.id for change in keep(kit, wishes)]


def resolve(kit: Kit, conflict: str, value: Any) -> str:
    """Keep the decision of an open conflict: the value that replaces all its candidates; return the change's id."""
    known = show(kit.journal, conflict)
    if known.type != "conflict" or known.values.get("state") != "open":
        raise BadValue("this is no open conflict", item=conflict)
    about = show(kit.journal, known.values["about"])
    name = known.values["field"]
    written = {"from": about.stage, "to": value} if name == "stage" else value
    wish = Draft(
        "resolve",
        about.type,
        about.id,
        values={name: written},
        base=about.base,
        over=tuple(known.values["candidates"]),
    )
    return keep(kit, [wish])[0].id


# -- the field's own forms ---------------------------------------------------------------------------------


def start_round(
    kit: Kit, inspection: str, *, wards: Sequence[str] = (), trigger: str = "plan", **more: Any
) -> str:
    """Keep a new bedside round of an inspection, begun at once; return its id."""
    _of_type(kit, inspection, "inspection")
    values = {"inspection": inspection, "mode": "bedside", "trigger": trigger, "wards": list(wards), **more}
    ward_round = create(kit, "ward_round", values)
    step(kit, ward_round, "sampled", "in_progress")
    return ward_round


def begin_round(kit: Kit, ward_round: str) -> Shown:
    """Bring a round that the desk planned to `in_progress`; one that has begun stays as it is."""
    ahead = {"planned": ("sampled", "in_progress"), "sampled": ("in_progress",)}
    shown = _of_type(kit, ward_round, "ward_round")
    if shown.stage == "planned" and "draw_method" in shown.values:
        raise BadTransition(
            "the server has not drawn the sample yet; sync first", item=ward_round, field="stage"
        )
    if steps := ahead.get(str(shown.stage)):
        step(kit, ward_round, *steps)
    return shown


def check_bed(kit: Kit, ward_round: str, *, bed_listed: str, presence: str, **more: Any) -> str:
    """Keep one bed of a round; more: any field of bed_check; return its id."""
    _of_type(kit, ward_round, "ward_round")
    return create(
        kit, "bed_check", {"ward_round": ward_round, "bed_listed": bed_listed, "presence": presence, **more}
    )


def take_evidence(
    kit: Kit, where: str, chunks: Iterable[bytes], *, kind: str, media_type: str, **more: Any
) -> str:
    """Encrypt a file, keep its evidence record with the digests of this moment, queue its upload; return its id.

    where: the inspection, or the remote round, that it lies in
    """
    home = show(kit.journal, where)
    if home.type not in ("inspection", "ward_round") or home.values.get("inspection"):
        raise BadValue("evidence lies in an inspection or in a remote round", item=where)
    file = evidence_files.capture(kit, chunks)
    values = {
        home.type: where,
        "kind": kind,
        "media_type": media_type,
        "digest": file.digest,
        "size": file.size,
        "cipher_digest": file.cipher_digest,
        "cipher_size": file.cipher_size,
        "file_key": file.file_key,
        **more,
    }
    try:
        return create(kit, "evidence", values, files=[file])
    except BaseException:
        # Nothing names the file, so nothing would ever send or remove it.
        if kit.journal.file(file.cipher_digest) is None:
            (kit.files / file.cipher_digest).unlink(missing_ok=True)
        raise


def photograph_slip(
    kit: Kit, inspection: str, slip_of: str, chunks: Iterable[bytes], *, media_type: str, **more: Any
) -> str:
    """Keep a photograph of a signed service slip as evidence and return its id.

    slip_of: the notice, or the case whose notice it is; also after the inspection's record was signed
    """
    values = {"kind": "documentary", "form": SERVICE_SLIP, "slip_of": slip_of, **more}
    return take_evidence(kit, inspection, chunks, media_type=media_type, **values)


def case_numbered(kit: Kit, number: str) -> Shown:
    """Return the case whose notice bears a number, as this phone holds it; raises BadValue where there is none."""
    for one in show_all(kit.journal, "rectification_case"):
        if one.values.get("number") == number:
            return one
    raise BadValue("this phone holds no case with this number", field="number")


def write_finding(
    kit: Kit,
    inspection: str,
    *,
    violation_code: str,
    amount_fen: int,
    facts: str | None = None,
    places: Mapping[str, str] | None = None,
    **more: Any,
) -> str:
    """Keep a draft finding and return its id; more: any field of finding.

    Article and, without `facts`, wording come from the catalogue that is frozen on the inspection; places: what
    to write into the wording. Raises NotInCatalogue for a code that it does not have.
    """
    shown = _of_type(kit, inspection, "inspection")
    values = {
        "inspection": inspection,
        "violation_code": violation_code,
        "facts": facts,
        "amount_fen": amount_fen,
        "origin": "on_site",
        **more,
    }
    return create(kit, "finding", catalogues.finding(kit, shown, values, places or {}))


def answer_item(kit: Kit, inspection: str, item: str, word: str, **more: Any) -> str:
    """Keep this officer's answer to an item of the checklist and return its record: a new one, or his own changed.

    Another's answer is never changed by it: where two differ, both stand, and the item reads disputed.
    Raises NoCatalogue, NotInCatalogue.
    """
    own = catalogues.own_answer(kit, inspection, item)
    if own is not None:
        edit(kit, own, {"answer": word, **more})
        return own
    return create(kit, "checklist_answer", {"inspection": inspection, "item": item, "answer": word, **more})


def take_statement(kit: Kit, finding: str, *, kind: str, text: str | None, heard_on: str) -> str:
    """Keep the party's statement on a finding and take it to `heard`; return the change's id."""
    shown = _of_type(kit, finding, "finding")
    ahead = {"draft": ("proposed", "heard"), "proposed": ("heard",)}
    change = edit(kit, finding, {"statement_kind": kind, "statement": text, "heard_on": heard_on})
    if steps := ahead.get(str(shown.stage)):
        step(kit, finding, *steps)
    return change


def _of_type(kit: Kit, record: str, kind: str) -> Shown:
    shown = show(kit.journal, record)
    if shown.type != kind:
        raise BadValue(f"this is a {shown.type}, not a {kind}", item=record)
    return shown


def position(
    lat_e7: int, lon_e7: int, accuracy_m: int, *, provider: str = "gps", mock: bool = False
) -> dict[str, Any]:
    """Return a position as records state it: 1e-7 degrees and metres."""
    return dict(zip(POSITION, (lat_e7, lon_e7, accuracy_m, provider, mock), strict=True))
