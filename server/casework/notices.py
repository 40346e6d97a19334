"""Notices of rectification, pure: drafted from the case, signed off by another, issued; mended by a new one alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from schemas.drafting import Draft
from schemas.records.rectification_case import RUNNING
from schemas.values import TEXT_CHARS_MAX
from server.casework.casefile import NOTICE, CaseFile, check_stage, check_version, moved
from server.casework.confirm import WORKING_DAYS_MAX
from sync.errors import BadTransition, BadValue, OwnWork
from sync.merge import Record

RECTIFICATION = "rectification"
TYPES = (RECTIFICATION, "correction_order")
"""Kinds of notice that begin the term of a case."""
DRAFT, SIGNED_OFF, ISSUED, SERVED, ACKNOWLEDGED = "draft", "signed_off", "issued", "served", "acknowledged"
DEMANDS = (
    "请自送达之日起 {days} 个工作日内对上述问题逐项整改，提交书面整改报告及每项问题的佐证材料；"
    "责任落实到人，整改措施须真实可查。{money}如有异议，可在期限内陈述申辩；确需延期的，须在到期前书面申请。"
)
MONEY = "涉及医保基金 {yuan} 元，应按规定退回。"


@dataclass(frozen=True, kw_only=True)
class Wording:
    """What a notice says. type: one of TYPES; legal_basis: codes of articles"""

    facts: str
    demands: str
    working_days: int
    type: str = RECTIFICATION
    legal_basis: tuple[str, ...] = ()
    legal_basis_on: date | None = None

    @property
    def values(self) -> dict[str, Any]:
        """What it says as fields of the record, but for the articles; raises BadValue."""
        return _worded(self)


def yuan(fen: int) -> str:
    """Return an amount as documents write it."""
    return f"{fen // 100:,}.{fen % 100:02d}"


def prefilled(
    findings: Sequence[Record], working_days: int, names: Mapping[str, str], kind: str = RECTIFICATION
) -> Wording:
    """Return a notice as its findings word it, to be read and mended before it is signed. names: of violations"""
    told = []
    for number, one in enumerate(findings, start=1):
        name = names.get(one.id, str(one.values["violation_code"]))
        facts = one.values.get("facts")
        told.append(f"{number}. {name}：{facts if isinstance(facts, str) else '（已依法删除）'}")
    owed = sum(int(one.values.get("amount_fen") or 0) for one in findings)
    money = MONEY.format(yuan=yuan(owed)) if owed else ""
    dated = [str(one.values["legal_basis_on"]) for one in findings if one.values.get("legal_basis_on")]
    return Wording(
        type=kind,
        facts="\n".join(told)[:TEXT_CHARS_MAX],
        demands=DEMANDS.format(days=working_days, money=money),
        working_days=working_days,
        legal_basis=tuple(
            sorted({str(one.values["legal_basis"]) for one in findings if "legal_basis" in one.values})
        ),
        legal_basis_on=date.fromisoformat(max(dated)) if dated else None,
    )


def standing(file: CaseFile) -> Record | None:
    """Return the notice that counts: the newest that no other one replaces; None before there is one."""
    replaced = {one.values.get("replaces") for one in file.notices if one.stage != DRAFT}
    counting = [one for one in file.notices if one.values["type"] in TYPES and one.id not in replaced]
    signed = [one for one in counting if one.stage != DRAFT]
    return next(reversed(signed or counting), None)


def drafted(file: CaseFile) -> Record | None:
    """Return the draft that waits to be signed off, or None."""
    waiting = [one for one in file.notices if one.stage == DRAFT and one.values["type"] in TYPES]
    return waiting[-1] if waiting else None


def decide_draft(
    file: CaseFile, said: Wording, record: str, *, version: int, replaces: str | None = None
) -> list[Draft]:
    """Return the drafts of a new notice. replaces: the notice that it mends, where one was signed off already.

    Raises VersionChanged, BadTransition (closed, or there is a notice already) or BadValue.
    """
    check_version(file.case, version)
    check_stage(file.case, *RUNNING)
    if drafted(file) is not None:
        raise BadTransition("there is a draft already: change that one", item=file.case.id, field="notice")
    before = standing(file)
    if before is not None and before.id != replaces:
        raise BadTransition(
            "a notice was signed off already: a new one names it as replaced",
            item=before.id,
            field="replaces",
        )
    if before is None and replaces is not None:
        raise BadValue("there is no such notice to replace", field="replaces")
    values = {"institution": file.case.values["institution"], "case": file.case.id, **said.values}
    values |= {"replaces": replaces} if replaces else {}
    return [Draft("create", NOTICE, record, values, add={"legal_basis": list(said.legal_basis)})]


def decide_change(file: CaseFile, notice: Record, said: Wording, *, version: int) -> list[Draft]:
    """Return the drafts that change what a draft says; raises VersionChanged, BadTransition or BadValue."""
    check_version(notice, version)
    check_stage(notice, DRAFT)
    known = set(notice.values.get("legal_basis") or ())
    wanted = set(said.legal_basis)
    values = {k: v for k, v in said.values.items() if notice.values.get(k) != v}
    draft = Draft(
        "edit",
        NOTICE,
        notice.id,
        values,
        add={"legal_basis": sorted(wanted - known)},
        remove={"legal_basis": sorted(known - wanted)},
    )
    if not values and wanted == known:
        raise BadValue("nothing was changed", field="facts")
    return [draft]


def _worded(said: Wording) -> dict[str, Any]:
    """Return what a notice says as fields; raises BadValue."""
    if said.type not in TYPES:
        raise BadValue("no such kind of notice begins a term", field="type")
    for name, text in (("facts", said.facts), ("demands", said.demands)):
        if not 1 <= len(text.strip()) <= TEXT_CHARS_MAX:
            raise BadValue(f"1 to {TEXT_CHARS_MAX} characters", field=name)
    if not 1 <= said.working_days <= WORKING_DAYS_MAX:
        raise BadValue(f"between 1 and {WORKING_DAYS_MAX} working days", field="working_days")
    values: dict[str, Any] = {
        "type": said.type,
        "facts": said.facts.strip(),
        "demands": said.demands.strip(),
        "working_days": said.working_days,
    }
    return values | (
        {"legal_basis_on": said.legal_basis_on.isoformat()} if said.legal_basis_on is not None else {}
    )


def writers(notice: Record) -> frozenset[str]:
    """Return who wrote at a notice while it was a draft."""
    by = {write.act.writer for name in ("facts", "demands") for write in notice.writes.get(name, ())}
    return frozenset({notice.created_by, *(one.removeprefix("desk:") for one in by)})


def decide_sign_off(
    user: str, file: CaseFile, notice: Record, number: str, *, version: int, others: bool
) -> list[Draft]:
    """Return the drafts by which a notice is signed off and numbered; from then on it stands word for word.

    others: whether somebody else of the region could sign; only where nobody else is there its writer may himself
    Raises VersionChanged, BadTransition or OwnWork.
    """
    check_version(notice, version)
    check_stage(notice, DRAFT)
    check_stage(file.case, *RUNNING)
    if others and user in writers(notice):
        raise OwnWork("whoever drafted a notice does not sign it off", item=notice.id)
    case = {"number": number}
    if file.case.stage == "assigned":
        case |= {"working_days": notice.values["working_days"]}
    return [
        moved(notice, SIGNED_OFF, {"number": number}),
        Draft("edit", "rectification_case", file.case.id, case),
    ]


def decide_issue(notice: Record, *, version: int, today: date, document: str | None = None) -> list[Draft]:
    """Return the drafts by which a notice is issued. document: the digest of its paper, which stands from then on

    Raises VersionChanged or BadTransition.
    """
    check_version(notice, version)
    check_stage(notice, SIGNED_OFF)
    values = {"issued_on": today.isoformat()} | ({"document": document} if document else {})
    return [moved(notice, ISSUED, values)]


def decide_drop(notice: Record, *, version: int) -> list[Draft]:
    """Return the drafts by which a draft is thrown away; raises VersionChanged or BadTransition."""
    check_version(notice, version)
    check_stage(notice, DRAFT)
    return [Draft("void", NOTICE, notice.id)]
