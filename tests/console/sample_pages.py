"""Demo data for every page of the desk.

All people and institutions are generated (测试甲001); no page asks a database. `NOW` is a
Saturday afternoon, so that weekends lie in every calendar.
"""

from __future__ import annotations

import hashlib
from datetime import UTC, date, datetime, timedelta

from server.console.pages import (
    Audit,
    BedCheck,
    BedPanel,
    BedTile,
    CalendarDay,
    CalledRound,
    CallForm,
    CallPage,
    CallPlace,
    Candidate,
    CaptureInterval,
    CasePage,
    CaseRow,
    CasesPage,
    Chip,
    ConfirmForm,
    DuePreset,
    ErrorPage,
    EvidencePage,
    EvidenceQueuePage,
    EvidenceRow,
    ExecutionPage,
    ExecutionRow,
    FieldConflict,
    FileFacts,
    FindingPage,
    FindingRow,
    FindingsPage,
    HangingRule,
    HomePage,
    Institution,
    LedgerEntry,
    LedgerPage,
    Officer,
    Paging,
    Place,
    Proof,
    Queue,
    Reader,
    Reminder,
    Review,
    RoundPage,
    RoundRow,
    RoundsPage,
    Sample,
    Shell,
    SignInPage,
    Statement,
    TimelineEntry,
    Ward,
)

NOW = datetime(2026, 11, 21, 6, 5, tzinfo=UTC)
HOSPITALS = (
    Institution(name="测试市第一人民医院", code="H34159900001"),
    Institution(name="测试市中医院", code="H34159900002"),
    Institution(name="测试区安和康复医院", code="H34159900017"),
    Institution(name="测试县皋城镇中心卫生院", code="H34159900108"),
)
FIRST = Officer(name="测试甲001", unit="测试市医保基金监管中心", certificate="皖N-000001")
SECOND = Officer(name="测试乙002", unit="测试市医保基金监管中心", certificate="皖N-000002")
SUPERVISOR = Officer(name="测试丙003", unit="测试市医疗保障局")


def ago(**span: float) -> datetime:
    """Return the time that lies this long before NOW."""
    return NOW - timedelta(**span)


def digest(word: str) -> str:
    """Return a digest that looks like one."""
    return hashlib.sha256(word.encode()).hexdigest()


def seconds_from(at: datetime, width: float = 42) -> CaptureInterval:
    """Return a capture interval of this width in seconds."""
    return CaptureInterval(earliest=at, latest=at + timedelta(seconds=width))


def shell(locale: str = "zh_CN", *, signed_in: bool = True) -> Shell:
    """Return the frame as a supervisor sees it."""
    reader = Reader(name="测试丙003", role="supervisor", unit="测试市医疗保障局") if signed_in else None
    counts = {"home": 24, "rounds": 2, "evidence": 12, "findings": 3, "cases": 4}
    return Shell(locale=locale, zone="Asia/Shanghai", now=NOW, reader=reader, counts=counts, demo=True)


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


def evidence_rows(count: int = 12) -> tuple[EvidenceRow, ...]:
    """Return a queue of evidence; the fourth has a flag, the sixth waits for its file."""
    return tuple(
        EvidenceRow(
            id=f"e{n}", kind="audio_visual" if n % 5 else "documentary", state="pending_review",
            institution=HOSPITALS[n % 3], captured=seconds_from(ago(minutes=25 * n), 18 + n),
            subject=f"{'心血管内科三病区' if n % 3 == 0 else '康复医学科'} {10 + n} 床" if n % 5 else "出院小结",
            author=FIRST.name, flags=("outside_fence",) if n == 4 else (),
            file_state="partial" if n == 6 else "verified",
        )
        for n in range(1, count + 1)
    )  # fmt: skip


CASE_ROWS = (
    CaseRow(id="c1", number="六医保改〔2026〕12号", institution=HOSPITALS[2],
            violation_codes=("bed_hanging", "over_standard_charge"), stage="rectifying",
            due_on=date(2026, 11, 25), days_left=3, amount_fen=12_345_67),
    CaseRow(id="c2", number="六医保改〔2026〕9号", institution=HOSPITALS[0], violation_codes=("duplicate_charge",),
            stage="notified", due_on=date(2026, 11, 18), days_left=-2, amount_fen=382_160_00),
    CaseRow(id="c3", number="六医保改〔2026〕15号", institution=HOSPITALS[1], violation_codes=("unbundled_charge",),
            stage="verifying", due_on=date(2026, 12, 11), days_left=15, amount_fen=8_904_50),
    CaseRow(id="c4", number="六医保改〔2026〕3号", institution=HOSPITALS[3], violation_codes=("stock_mismatch",),
            stage="closed", due_on=date(2026, 10, 30), days_left=None, amount_fen=2_100_00),
)  # fmt: skip

FINDING_ROWS = (
    FindingRow(id="f1", institution=HOSPITALS[2], violation_code="bed_hanging", amount_fen=12_345_67,
               state="heard", proposed_at=ago(days=2), evidence_count=4),
    FindingRow(id="f2", institution=HOSPITALS[0], violation_code="over_standard_charge", amount_fen=382_160_00,
               state="proposed", proposed_at=ago(days=1), evidence_count=7, conflict=True),
    FindingRow(id="f3", institution=HOSPITALS[1], violation_code="unbundled_charge", amount_fen=None,
               state="draft", evidence_count=1),
    FindingRow(id="f4", institution=HOSPITALS[3], violation_code="stock_mismatch", amount_fen=2_100_00,
               state="in_case", proposed_at=ago(days=40), evidence_count=3),
)  # fmt: skip


def home(*, empty: bool = False) -> HomePage:
    """Return the to-do list of a busy day, or of a quiet one."""
    counts = (0, 0, 0, 0, 0) if empty else (12, 1, 2, 3, 4)
    queues = tuple(
        Queue(name=name, count=count, oldest_at=ago(hours=5 * count) if count else None)
        for name, count in zip(("evidence", "conflicts", "rounds", "findings", "cases"), counts, strict=True)
    )
    return HomePage(
        queues=queues, rounds=() if empty else ROUND_ROWS[:2], cases=() if empty else CASE_ROWS[:3]
    )


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


def call(*, empty: bool = False) -> CallPage:
    """Return the form that calls rounds, sent once with a number that does not fit."""
    one, two = ("u1", "测试丁004"), ("u2", "测试戊005")
    able = ((one,), (one, two), ())
    places = tuple(
        CallPlace(id=f"i{n}", institution=HOSPITALS[n], region="测试市", census_at=ago(hours=9), census_count=412 - n,
                  operators=users, operator="u2" if n == 1 else "", chosen=n < 2)
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


def evidence_queue(*, empty: bool = False) -> EvidenceQueuePage:
    """Return the review queue, or an empty one."""
    chips = (Chip(value="pending_review", count=0 if empty else 12, active=True), Chip(value="returned", count=2),
             Chip(value="approved", count=148), Chip(value="", count=162))  # fmt: skip
    rows = () if empty else evidence_rows()
    return EvidenceQueuePage(state="pending_review", chips=chips, rows=rows, paging=Paging(total=len(rows)))


def evidence(
    *, verdict: str = "ok", blocked: str | None = None, file_state: str = "verified"
) -> EvidencePage:
    """Return one item under review."""
    proof = Proof(verdict=verdict, checked_at=NOW, index=18_402, leaf=digest("leaf"), checkpoint_size=18_466,
                  path=tuple(digest(f"step {n}") for n in range(15)), checkpoint_root=digest("root"),
                  why="" if verdict == "ok" else "root_mismatch" if verdict == "bad" else "not_in_ledger")  # fmt: skip
    file = FileFacts(digest=digest("photo"), size_bytes=684_112, media_type="image/jpeg", state=file_state,
                     width=1600, height=1200, same_as=("e9",) if verdict == "bad" else ())  # fmt: skip
    earlier = Review(decision="return", officer=SUPERVISOR, at=ago(hours=3), version=18_390,
                     reason="blurred", sentence="床号卡未拍清，请补拍。")  # fmt: skip
    rows = evidence_rows()
    return EvidencePage(
        item=rows[2], version=18_402, author=FIRST, second_officer=SECOND, device="稽核手机 07（应用 1.0.0）",
        received_at=ago(minutes=20), file=file, proof=proof, note="患者床头卡与在院名单一致，床上无人，被褥整齐。",
        place=Place(distance_m=35, bearing_deg=52, accuracy_m=12, inside_fence=verdict != "bad"),
        inspection="2026 年第四季度专项检查", round_id="r1", bed_id="b17", reviews=(earlier,), blocked=blocked,
        queue=rows, number=3, total=12, previous_id="e2", next_id="e4",
    )  # fmt: skip


def findings() -> FindingsPage:
    """Return the list of findings."""
    chips = (Chip(value="", count=4, active=True), Chip(value="heard", count=1), Chip(value="conflict", count=1),
             Chip(value="in_case", count=1))  # fmt: skip
    return FindingsPage(chips=chips, rows=FINDING_ROWS, paging=Paging(total=124, page=2))


def finding(*, conflict: bool = False, working_days: int = 15) -> FindingPage:
    """Return a finding that waits to be confirmed, or one that a conflict holds up."""
    due = {3: date(2026, 11, 25), 7: date(2026, 12, 1), 15: date(2026, 12, 11), 30: date(2027, 1, 4)}
    form = ConfirmForm(
        served_on=date(2026, 11, 20), working_days=working_days, due_on=due[working_days],
        presets=tuple(DuePreset(working_days=days, due_on=on) for days, on in due.items()),
        earliest=date(2026, 11, 1), latest=date(2026, 11, 21), provisional=working_days == 30,
        blocked="conflict_open" if conflict else None,
    )  # fmt: skip
    values = ((12_345_67, FIRST), (15_210_00, SECOND))
    candidates = tuple(
        Candidate(value=fen, officer=who, captured=seconds_from(ago(hours=30))) for fen, who in values
    )
    return FindingPage(
        id="f2" if conflict else "f1", version=18_441, institution=HOSPITALS[2],
        violation_code="bed_hanging", amount_fen=12_345_67,
        state="heard", legal_basis="《医疗保障基金使用监督管理条例》第三十八条第（七）项",
        legal_basis_on=date(2021, 5, 1), persons=("测*9", "测*41", "测*7"), officers=(FIRST, SECOND),
        facts="2026年11月19日夜间查房，康复一病区应在院 24 人，实查在床 20 人。12、15、17、21 床患者连续三日不在院，"
        "期间仍逐日收取床位费、护理费和康复治疗费，涉及医保基金 12,345.67 元。",
        proposed_at=ago(days=2), evidence=evidence_rows(4),
        statement=Statement(kind="agrees", text="四名患者因家中有事临时离院，科室未按规定办理请假手续，同意退费。",
                            recorded_by=FIRST, heard_on=date(2026, 11, 20)),
        conflicts=(FieldConflict(field="amount_fen", candidates=candidates),) if conflict else (), form=form,
    )  # fmt: skip


def cases() -> CasesPage:
    """Return the list of cases."""
    chips = (Chip(value="open", count=3, active=True), Chip(value="due_this_week", count=1),
             Chip(value="overdue", count=1), Chip(value="closed", count=1), Chip(value="", count=4))  # fmt: skip
    return CasesPage(chips=chips, rows=CASE_ROWS, paging=Paging(total=4))


def calendar(served_on: date, due_on: date) -> tuple[CalendarDay, ...]:
    """Return the days from service to the deadline; weekends off, no holiday in these weeks."""
    days, number = [], 0
    for offset in range((due_on - served_on).days + 1):
        on = served_on + timedelta(days=offset)
        working = on.weekday() < 5
        number += working and on > served_on
        days.append(CalendarDay(on=on, working=working, number=number if working and number else None))
    return tuple(days)


def reminder(at: datetime, rung: str, delivery: str, *, to: str = "institution_contact") -> TimelineEntry:
    """Return a reminder by mail."""
    failure = "收件服务器拒收：550 邮箱不存在" if delivery == "failed" else ""
    told = Reminder(rung=rung, recipient=to, channel="email", delivery=delivery, address="yb***@example.org",
                    failure=failure)  # fmt: skip
    index = None if delivery == "planned" else 18_000 + int(at.timestamp()) % 400
    return TimelineEntry(at=at, kind="reminder", reminder=told, ledger_index=index)


def case(*, overdue: bool = False) -> CasePage:
    """Return one case in its last days, or one past its deadline."""
    row = CASE_ROWS[1 if overdue else 0]
    served = date(2026, 11, 3)
    timeline = (
        reminder(ago(hours=5), "T+1" if overdue else "T-3", "failed" if overdue else "delivered"),
        TimelineEntry(at=ago(days=2), kind="note", by=SUPERVISOR.name, note="电话联系医院医保办，答复正在组织退费。"),
        reminder(ago(days=6), "T-7", "acknowledged"),
        TimelineEntry(at=ago(days=18), kind="served", by=FIRST.name, ledger_index=17_002, note="直接送达"),
        TimelineEntry(at=ago(days=18, hours=2), kind="opened", by=SUPERVISOR.name, ledger_index=16_998),
    )  # fmt: skip
    planned = (reminder(NOW + timedelta(days=3), "T-1", "planned"),
               reminder(NOW + timedelta(days=4), "T", "planned", to="institution_head"))  # fmt: skip
    return CasePage(row=row, served_on=served, working_days=15, findings=FINDING_ROWS[:2], timeline=timeline,
                    planned=planned, calendar=calendar(served, max(row.due_on, date(2026, 11, 21))),
                    contact="测试丁004（医保办主任）",
                    owner=SUPERVISOR, level="serious")  # fmt: skip


def ledger() -> LedgerPage:
    """Return the head of a ledger of some thousand entries."""
    origin, epoch, root = "ledger.example/luan-demo", "0" * 31 + "1", digest("root")
    kinds = (("change", "bed_check", "applied"), ("decision", "evidence", "applied"), ("change", "finding", "conflict"),
             ("reminder", "rectification_case", ""), ("change", "finding", "merged"), ("import", "", ""))  # fmt: skip
    entries = tuple(
        LedgerEntry(index=18_465 - n, at=ago(minutes=3 * n), kind=kind, type=type_, outcome=outcome)
        for n, (kind, type_, outcome) in enumerate(kinds)
    )
    note = (
        f"{origin}/{epoch}\n18466\nq83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA=\n\n— {origin}/{epoch} "
        + "Zm9v" * 24
    )
    return LedgerPage(origin=origin, epoch=epoch, size=18_466, root=root, signed_at=ago(minutes=1), checkpoint=note,
                      key_fingerprint=digest("key"), address="https://ledger.example", entries=entries,
                      audit=Audit(at=ago(hours=3), size=18_320))  # fmt: skip


def error() -> ErrorPage:
    """Return a refusal that a supervisor may meet."""
    return ErrorPage(status=409, code="version_changed", happened="这件证据刚刚有了新版本，您的审核没有生效",
                     kept="您填写的退回原因和说明已保留，未作任何决定。", next="返回该证据查看新版本，再作决定。",
                     item="证据 e3，版本 18402", back="/evidence/e3")  # fmt: skip


def sign_in() -> SignInPage:
    """Return the sign-in page after a wrong password."""
    return SignInPage(origin="ledger.example/luan-demo", username="supervisor", failed="wrong")
