"""User administration as the demo pages show it."""

from __future__ import annotations

from datetime import UTC, date, datetime

from server.console.pages import Chip, Paging
from server.console.pages.accesses import AccessesPage, AccessLine, AccessPage
from server.console.pages.frame import Institution
from server.console.pages.party_users import PartyUsersForm, PartyUsersPage
from server.console.pages.recusals import RecusalForm, RecusalRow, RecusalsPage
from server.console.pages.users import (
    Code,
    DeputationRow,
    DeputiesPage,
    NewUserPage,
    UserDeed,
    UserForm,
    UserPage,
    UserRow,
    UsersPage,
)
from tests.console.sample_frame import HOSPITALS

AT = datetime(2026, 11, 21, 2, 5, tzinfo=UTC)
REGIONS = (("341500", "六安市"), ("341502", "金安区"))


def row(number: int = 1, **more: object) -> UserRow:
    """Return somebody in a list."""
    given = {"roles": ("supervisor", "second_reviewer"), "stage": "active", **more}
    return UserRow(
        id=f"u{number}", login=f"jinan.supervisor{number}", name=f"测试甲{number:03d}", region="341502",
        place="金安区", **given,
    )  # fmt: skip


def form(**more: object) -> UserForm:
    """Return what stands in the fields of a user."""
    return UserForm(
        **{
            "login": "new.inspector",
            "name": "测试甲001",
            "roles": ("supervisor",),
            "region": "341502",
            **more,
        }
    )


def users(*, empty: bool = False) -> UsersPage:
    """Return the list of users."""
    rows = (row(1), row(2, waiting=True, roles=("inspector",)), row(3, stage="disabled", roles=("auditor",)))
    chips = (
        Chip(value="", count=128, active=True),
        Chip(value="active", count=120),
        Chip(value="disabled", count=8),
    )
    return UsersPage(
        chips=chips,
        rows=() if empty else rows,
        paging=Paging(total=0 if empty else 128, page=2),
        regions=REGIONS,
    )


def user(*, code: bool = False, own: bool = False) -> UserPage:
    """Return one user, as he stands or with a code just made."""
    deeds = (
        UserDeed(index=18_402, at=AT, by="测试甲009", fields=("角色", "行政区划")),
        UserDeed(index=17_001, at=AT, by="服务器", fields=("登录名", "姓名", "邮箱")),
    )
    shown = Code(
        purpose="invite",
        code="MFRG-GZDF-MZTW-Q2LK",
        url="https://ledger.example/join#MFRG-GZDF-MZTW-Q2LK",
        expires_at=AT,
    )
    return UserPage(
        row=row(waiting=code), version=18_402, form=form(email="a001@bureau.example"), regions=REGIONS,
        sessions=0 if code else 2, seen_at=None if code else AT, deeds=deeds, own=own,
        invited_until=AT if code else None, code=shown if code else None,
    )  # fmt: skip


def party_users(*, empty: bool = False, code: bool = False) -> PartyUsersPage:
    """Return an institution's accounts."""
    if empty:
        typed = PartyUsersForm(login="Ward 1", name="测试甲081", failed="用户名已被占用。", fault="login")
        return PartyUsersPage(id="i1", institution=HOSPITALS[0], rows=(), form=typed)
    rows = (row(1, waiting=True), row(2), row(3, stage="disabled"))
    return PartyUsersPage(
        id="i1",
        institution=HOSPITALS[0],
        rows=rows,
        form=PartyUsersForm(),
        code=user(code=True).code if code else None,
    )


def new_user() -> NewUserPage:
    """Return the form that invites somebody, refused once."""
    return NewUserPage(form=form(failed="用户名已被占用。", fault="login"), regions=REGIONS)


def deputies() -> DeputiesPage:
    """Return who is away."""
    away = DeputationRow(
        id="d1", absent="测试甲001", deputy="测试甲002", roles=("supervisor",), place="金安区",
        from_on=date(2026, 11, 20), until_on=date(2026, 11, 27), stage="active",
    )  # fmt: skip
    return DeputiesPage(rows=(away,), today=date(2026, 11, 21))


def recusals(empty: bool = False) -> RecusalsPage:
    """Return who stays away from what."""
    place = Institution(name="测试市第001医院", code="H34150290001")
    given = {"version": 5, "person": "测试甲003", "institution": place, "planned_on": None, "until_on": None,
             "from_on": date(2026, 11, 20), "by": "测试甲001", "words": ""}  # fmt: skip
    rows = (
        RecusalRow(**{**given, "words": "配偶在该院任职"}, id="x1", kind="institution", about="i1", reason="kinship",
                   stage="standing", may_lift=True),
        RecusalRow(**{**given, "planned_on": date(2026, 11, 24), "until_on": date(2026, 12, 1)}, id="x2",
                   kind="inspection", about="p1", reason="dispute", stage="planned", own=True),
        RecusalRow(**given, id="x3", kind="institution", about="i1", reason="former_post", stage="lifted",
                   lifted_because="离职已满三年"),
    )  # fmt: skip
    shown = () if empty else rows
    chips = tuple(
        Chip(value=value, count=len(shown) if not value else 1, active=not value)
        for value in ("", "planned", "standing", "lifted", "ended")
    )
    form = (
        RecusalForm()
        if empty
        else RecusalForm(about="i1", place=place.name, failed="请说明。", fault="words")
    )
    return RecusalsPage(chips=chips, rows=shown, paging=Paging(total=len(shown)), form=form,
                        today=date(2026, 11, 21), oversees=not empty)  # fmt: skip


def line(number: int = 1, place: int | None = 4_711, act: str = "read_file") -> AccessLine:
    """Return one line of the log."""
    return AccessLine(
        id=f"l{number}", at=AT, user="u1", name="测试甲001", act=act, place=place,
        record="01a1e73b-88e8-7db6-af47-9ac4e4d5d9ce", type="evidence",
    )  # fmt: skip


def accesses() -> AccessesPage:
    """Return the log of accesses."""
    rows = (line(1), line(2, None, "sign_in"))
    return AccessesPage(rows=rows, acts=("read_file", "sign_in"), user="u1", person="测试甲001", after="l2")


def access() -> AccessPage:
    """Return one line with its proof."""
    digest = "4f9a" * 16
    return AccessPage(
        line=line(),
        hash=digest,
        verdict="ok",
        first=4_700,
        count=120,
        root=digest,
        computed=digest,
        index=18_402,
    )
