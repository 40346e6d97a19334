"""Demo data of ward rounds: the list, the bed grid, calls and how they were carried out."""

from __future__ import annotations

from datetime import date, timedelta

from server.console.pages import (
    BedCheck,
    BedPanel,
    BedTile,
    CalledRound,
    CallForm,
    CallPage,
    CallPlace,
    Chip,
    ExecutionPage,
    ExecutionRow,
    HangingRule,
    Institution,
    Officer,
    Paging,
    Place,
    RoundPage,
    RoundRow,
    RoundsPage,
    Sample,
    Ward,
)
from server.console.pages.rounds import Foreseen
from tests.console.sample_evidence import evidence_rows
from tests.console.sample_frame import FIRST, HOSPITALS, NOW, SECOND, ago, digest, seconds_from

ROUND_ROWS = (
    RoundRow(
        id="r1", institution=HOSPITALS[0], wards=("心血管内科三病区", "康复医学科"), mode="remote",
        state="in_progress", checked=31, sample_size=36, started_at=ago(minutes=48), officers=(FIRST, SECOND),
        presence={"in_bed": 21, "on_site_off_bed": 4, "absent": 3, "unverifiable": 1, "disputed": 1,
                  "discharged_unsettled": 1, "unchecked": 5}, suspected=3,
    ),
    RoundRow(
        id="r2", institution=HOSPITALS[3], wards=("内科",), mode="bedside", state="in_progress", checked=8,
        sample_size=20, started_at=ago(hours=2), officers=(SECOND,), presence={"in_bed": 8, "unchecked": 12},
    ),
    RoundRow(
        id="r3", institution=HOSPITALS[2], wards=("康复一病区", "康复二病区"), mode="bedside",
        state="concluded", checked=50, sample_size=50, started_at=ago(days=1, hours=3),
        officers=(FIRST, SECOND), presence={"in_bed": 44, "absent": 4, "on_site_off_bed": 2}, suspected=4,
    ),
    RoundRow(
        id="r4", institution=HOSPITALS[1], wards=("针灸科",), mode="remote", state="confirmed", checked=24,
        sample_size=24, started_at=ago(days=3), officers=(FIRST, SECOND), presence={"in_bed": 24},
    ),
    RoundRow(
        id="r6", institution=HOSPITALS[3], wards=(), mode="remote", state="planned", checked=0, sample_size=0,
        officers=(FIRST,), waiting_for="no_census",
    ),
    RoundRow(id="r5", institution=HOSPITALS[1], wards=("骨伤科",), mode="bedside", state="sampled", checked=0,
             sample_size=20, officers=(FIRST,), presence={"unchecked": 20}),
)  # fmt: skip


def rounds() -> RoundsPage:
    """Return the list of ward rounds as a supervisor sees it."""
    chips = (Chip(value="", count=5, active=True), Chip(value="in_progress", count=2),
             Chip(value="concluded", count=1), Chip(value="confirmed", count=1))  # fmt: skip
    return RoundsPage(chips=chips, rows=ROUND_ROWS, paging=Paging(total=6), may_call=True)


RULE = HangingRule(region="341500", since=date(2026, 1, 1), absences=2, days=7)


def bed_panel() -> BedPanel:
    """Return a bed that two inspectors saw differently."""
    place = Place(distance_m=35, bearing_deg=52, accuracy_m=12, inside_fence=True)
    seen = BedCheck(presence="absent", officer=FIRST, captured=seconds_from(ago(minutes=30)),
                    identity_method="ward_staff", reason="exam", note="护士称外出检查，未见请假条", flags=("late",),
                    conclusion="bed_hanging_suspected", place=place, ledger_index=18_402, by_ward=True,
                    typed="7K3W", slip="leave", slip_signed_by="测*9", slip_from=ago(hours=3),
                    slip_until=ago(hours=-2), call_result="not_answered", returned_at=ago(minutes=10),
                    admission_need="doubtful")  # fmt: skip
    other = BedCheck(presence="in_bed", officer=SECOND, captured=seconds_from(ago(minutes=12)),
                     identity_method="id_card", note="16 时复查时在床", place=place, ledger_index=18_455)  # fmt: skip
    return BedPanel(id="b17", ward="心血管内科三病区", bed="17", presence="disputed", person_name="测*9",
                    person_number="3415**********1234", diagnosis="I25.1 冠状动脉粥样硬化性心脏病",
                    admitted_on=date(2026, 11, 9), checks=(seen, other), photos=evidence_rows(2),
                    flags=("late", "challenge_mismatch"), challenge="7K3M", hanging="meets_rule",
                    absences=("r1", "r3"), hanging_rule=RULE,
                    previous_bed="b16", next_bed="b18")  # fmt: skip


def round_page(*, bed: str | None = "b17") -> RoundPage:
    """Return a round of 36 beds with every presence in it."""
    odd = {3: "on_site_off_bed", 5: "absent", 8: "on_site_off_bed", 11: "unverifiable", 14: "absent",
           17: "disputed", 20: "discharged_unsettled", 24: "absent", 26: "on_site_off_bed",
           29: "on_site_off_bed"}  # fmt: skip
    tiles = tuple(
        BedTile(
            id=f"b{n}", bed=str(n) if n < 36 else "+3", presence=odd.get(n, "in_bed") if n <= 31 else None,
            photos=0 if n > 31 else 1 + (n % 4 == 0), suspected=n in (5, 17, 20),
            flags=("outside_fence",) if n == 14 else (),
        )
        for n in range(1, 37)
    )  # fmt: skip
    row = ROUND_ROWS[0]
    return RoundPage(
        id="r1", institution=row.institution, mode=row.mode, state=row.state, census_at=ago(hours=9),
        census_count=412, sample_size=36, checked=31, presence=row.presence, suspected=3,
        wards=(Ward(name=row.wards[0], beds=tiles[:22]), Ward(name=row.wards[1], beds=tiles[22:])),
        officers=row.officers, started_at=row.started_at, respond_by=NOW + timedelta(minutes=12),
        challenge="7K3M", sample_method="random_by_ward", seed_index=18_377, selected=bed_panel() if bed else None,
        sample=Sample(ordered=36, population=412, number=1, seed=digest("seed"), drawn_entry=18_380),
        called=CalledRound(operator=Officer(name="测试丁004"), called_at=row.started_at, challenge_size=18_381,
                           answered_in_time=29, flagged=4),
        flags={"missed": 2, "late": 1, "challenge_mismatch": 1},
    )  # fmt: skip


def waiting_round() -> RoundPage:
    """Return a round that is ordered for later and that nothing can be drawn for."""
    return RoundPage(
        id="r6", institution=HOSPITALS[3], mode="remote", state="planned", census_at=ago(days=9), census_count=0,
        sample_size=0, checked=0, wards=(), presence={}, officers=(FIRST,), sample_method="random",
        called=CalledRound(operator=Officer(name="–"), call_at=NOW + timedelta(hours=2)), may_call=True,
        waiting_for="no_census",
    )  # fmt: skip


FORESEEN = (Foreseen(listed=412, wards=9, drawn=20, entry=18_377), Foreseen(fault="nobody_listed"), None)


def call(*, empty: bool = False) -> CallPage:
    """Return the form that calls rounds, sent once with a number that does not fit."""
    one, two = ("u1", "测试丁004"), ("u2", "测试戊005")
    able = ((one,), (one, two), ())
    places = tuple(
        CallPlace(id=f"i{n}", institution=HOSPITALS[n], region="测试市", census_at=ago(hours=9), census_count=412 - n,
                  operators=users, operator="u2" if n == 1 else "", chosen=n < 2,
                  foreseen=FORESEEN[n])
        for n, users in enumerate(able)
    )  # fmt: skip
    return CallPage(
        places=() if empty else places,
        form=CallForm(size="2000", respond_minutes="30", by_bed=True, failed="size"),
        regions=(("341502", "测试区"), ("341522", "测试县")),
        left_out=18,
    )


def execution() -> ExecutionPage:
    """Return how a week's remote rounds were carried out, asked for with a period that is none."""
    rows = tuple(
        ExecutionRow(institution=HOSPITALS[n], planned=7, called=7 - n, complete=5 - n, waiting=n, beds=140,
                     answered=131, in_time=128, concluded=4)
        for n in range(3)
    )  # fmt: skip
    total = ExecutionRow(
        institution=Institution(name="", code=""),
        planned=21,
        called=18,
        complete=12,
        waiting=3,
        beds=420,
        answered=393,
        in_time=384,
        concluded=12,
    )
    return ExecutionPage(
        since=date(2026, 11, 16), until=date(2026, 11, 22), rows=rows, total=total, failed=True
    )
