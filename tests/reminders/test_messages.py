"""What a reminder says, in both languages, and what it can never say."""

import re
import string
from collections.abc import Callable
from dataclasses import FrozenInstanceError, fields, replace
from datetime import UTC, date, datetime
from functools import cache
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.reminders.calendar import Calendar, working_days_left
from server.reminders.ladder import Deadline, Reminder, due
from server.reminders.messages import SUBJECT_CHARS_MAX, CaseFacts, Message, Violation, compose
from server.reminders.policies import Role, Task
from server.reminders.templates import WORDINGS, Language, Material, Phase, Wording

LANGUAGES: tuple[Language, ...] = ("zh_CN", "en")
FACTS = CaseFacts(
    bureau="六安市医疗保障局",
    institution_name="测试乡镇卫生院001",
    case_number="案2026-0015",
    notice_number="六医保改〔2026〕15号",
    violations=(
        Violation("bed_hanging", {"zh_CN": "挂床住院", "en": "Phantom bed"}, 2),
        Violation("duplicate_charge", {"zh_CN": "重复收费"}, 1),
    ),
    materials=("rectification_report", "proof_per_finding"),
    where="六安市医疗保障局一楼受理窗口",
    office="基金监管科",
    phone="0564-0000000",
    due_on=date(2026, 11, 24),
    today=date(2026, 11, 19),
    working_days_left=3,
    provisional=False,
    link="https://ledger.example/cases/15",
)


def reminder(rung: str = "T-3", role: Role = "institution_contact", **changes: object) -> Reminder:
    plain = Reminder(
        case="case-15",
        rung=rung,
        recipient="somebody",
        channel="email",
        due_version=1,
        send_at=datetime(2026, 11, 19, 0, 30, tzinfo=UTC),
        role=role,
        task=None,
        skipped=(),
        why="a test",
    )
    return replace(plain, **changes)  # type: ignore[arg-type]


def on(today: date, left: int) -> CaseFacts:
    return replace(FACTS, today=today, working_days_left=left)


def test_a_chinese_reminder_tells_what_where_by_when_and_whom_to_call() -> None:
    message = compose(reminder(), FACTS, "zh_CN")
    assert message.subject == "【限期整改】六医保改〔2026〕15号：剩余3个工作日"
    for line in (
        "测试乡镇卫生院001：",
        "贵单位《限期整改通知书》（六医保改〔2026〕15号，案号：案2026-0015）的整改期限将至，请按期完成整改并提交材料。",
        "一、存在问题（共3项）",
        "    挂床住院：2项",
        "    整改报告（逐项说明整改情况）；逐项整改佐证材料",
        "    六安市医疗保障局一楼受理窗口",
        "    网上办理：https://ledger.example/cases/15",
        "    2026年11月24日（当日24时止），剩余3个工作日",
        "    基金监管科，电话：0564-0000000",
    ):
        assert line in message.body.splitlines()
    assert message.body.endswith("六安市医疗保障局\n2026年11月19日\n")


def test_an_english_reminder_tells_the_same() -> None:
    message = compose(reminder(), FACTS, "en")
    assert message.subject == "[Rectification] 六医保改〔2026〕15号: 3 working days left"
    for line in (
        "1. What is wrong (findings: 3)",
        "    Phantom bed: 2",
        "    rectification report answering each finding; proof for each finding",
        "    Online: https://ledger.example/cases/15",
        "    24 November 2026 (end of the day), 3 working days left",
        "    基金监管科, telephone 0564-0000000",
    ):
        assert line in message.body.splitlines()


def test_a_violation_without_a_label_is_told_by_its_code() -> None:
    assert "    duplicate_charge: 1" in compose(reminder(), FACTS, "en").body.splitlines()


@pytest.mark.parametrize(
    ("today", "left", "chinese", "english"),
    [
        (date(2026, 11, 23), 1, "剩余1个工作日", "1 working day left"),
        (date(2026, 11, 24), 0, "今日到期", "due today"),
        (date(2026, 11, 25), -1, "已逾期1个工作日", "1 working day overdue"),
        (date(2026, 12, 1), -5, "已逾期5个工作日", "5 working days overdue"),
        # A last day that became a holiday: the days around it count no working day.
        (date(2026, 11, 22), 0, "到期前已无其他工作日", "no other working day before it is due"),
        (date(2026, 11, 28), 0, "已逾期", "overdue"),
    ],
)
def test_how_it_stands_is_told_by_the_dates(today: date, left: int, chinese: str, english: str) -> None:
    assert compose(reminder(), on(today, left), "zh_CN").subject.endswith(f"：{chinese}")
    assert compose(reminder(), on(today, left), "en").subject.endswith(f": {english}")
    assert f"，{chinese}\n" in compose(reminder(), on(today, left), "zh_CN").body


def test_the_message_of_service_asks_to_acknowledge() -> None:
    message = compose(reminder("served"), FACTS, "zh_CN")
    assert message.subject == "【限期整改】六医保改〔2026〕15号：请签收，整改期限至2026年11月24日"
    assert "已送达贵单位。请通过下列链接确认签收" in message.body
    assert "签收" not in compose(reminder("T-3"), FACTS, "zh_CN").body


def test_a_changed_deadline_says_that_the_old_one_is_void() -> None:
    changed = compose(reminder("served", due_version=2), FACTS, "zh_CN")
    assert changed.subject.endswith("整改期限变更为2026年11月24日")
    assert "签收" not in changed.body
    for rung in ("served", "T-1"):
        assert "原期限不再执行" in compose(reminder(rung, due_version=2), FACTS, "zh_CN").body


def test_a_first_deadline_says_nothing_of_a_change() -> None:
    assert "变更" not in compose(reminder(), FACTS, "zh_CN").body


def test_a_service_told_after_the_end_is_overdue() -> None:
    assert "已逾期" in compose(reminder("served"), on(date(2026, 11, 25), -1), "zh_CN").subject


def test_a_deadline_over_an_unpublished_year_says_so() -> None:
    provisional = replace(FACTS, provisional=True)
    assert "放假安排尚未公布" in compose(reminder(), provisional, "zh_CN").body
    assert "not announced yet" in compose(reminder(), provisional, "en").body


def test_a_deadline_over_published_years_does_not() -> None:
    assert "尚未公布" not in compose(reminder(), FACTS, "zh_CN").body


def test_the_bureau_is_told_of_the_institution_and_what_to_do() -> None:
    late = on(date(2026, 12, 1), -5)
    message = compose(reminder("T+5", "city_supervisor", task="propose_settlement_suspension"), late, "zh_CN")
    assert message.subject == "【限期整改】测试乡镇卫生院001：已逾期5个工作日（案2026-0015）"
    assert message.body.startswith("六安市医疗保障局：\n")
    assert "系统仅提出建议，是否暂停由有权人员决定" in message.body


def test_the_institution_is_not_told_what_the_bureau_is_to_do() -> None:
    message = compose(
        reminder("T+3", "institution_head", task="interview"), on(date(2026, 11, 27), -3), "zh_CN"
    )
    assert "约谈" not in message.body
    assert "待办" not in message.body


# --- what holds of every message ----------------------------------------------------------------------------


@cache
def every_message() -> list[Message]:
    standings = [on(date(2026, 11, 19), 3), on(date(2026, 11, 24), 0), on(date(2026, 11, 26), -2)]
    return [
        compose(reminder(rung, role, task=task, due_version=version), facts, language)
        for language in LANGUAGES
        for role in get_args(Role)
        for task in (None, *get_args(Task))
        for rung in ("served", "T-1")
        for version in (1, 2)
        for facts in standings
    ]


def test_every_message_names_notice_case_institution_link_and_telephone() -> None:
    for message in every_message():
        for fact in (FACTS.notice_number, FACTS.case_number, FACTS.institution_name, FACTS.link, FACTS.phone):
            assert fact in message.body


def test_every_message_is_plain_text_with_all_places_filled() -> None:
    for message in every_message():
        assert not re.search(r"[{}<>]|None|\n\n\n", message.subject + message.body)
        assert "\n" not in message.subject
        assert len(message.subject) <= SUBJECT_CHARS_MAX


def test_both_languages_have_every_word() -> None:
    for wording in WORDINGS.values():
        assert set(wording.state) == set(get_args(Phase)) | {"last_gap", "overdue_gap"}
        assert set(wording.materials) == set(get_args(Material))
        assert set(wording.tasks) == set(get_args(Task))
        assert len(wording.months) == 12
        assert all(set(opening) == set(get_args(Phase)) for opening in wording.opening.values())
    assert set(WORDINGS) == set(LANGUAGES)


def test_both_languages_fill_the_same_places() -> None:
    def places(template: str) -> set[str]:
        return {name for _, name, _, _ in string.Formatter().parse(template) if name}

    def of(wording: Wording) -> dict[str, set[str]]:
        return {
            "body": places(wording.body),
            "finding": places(wording.finding),
            **{f"subject {who}": places(text) for who, text in wording.subject.items()},
            **{f"state {how}": places(text) for how, text in wording.state.items()},
            **{
                f"{who} {when}": places(t)
                for who, each in wording.opening.items()
                for when, t in each.items()
            },
        }

    assert of(WORDINGS["zh_CN"]) == of(WORDINGS["en"])


# --- what no message can hold -------------------------------------------------------------------------------


def test_the_facts_of_a_case_have_no_place_for_a_person() -> None:
    """Who adds a field here answers for it: a message leaves the house unencrypted."""
    assert {field.name for field in fields(CaseFacts)} == {
        *("bureau", "institution_name", "case_number", "notice_number", "violations", "materials"),
        *("where", "office", "phone", "due_on", "today", "working_days_left", "provisional", "link"),
    }
    assert {field.name for field in fields(Violation)} == {"code", "labels", "count"}


def test_the_facts_of_a_case_take_nothing_more() -> None:
    with pytest.raises(TypeError):
        CaseFacts(**{**vars(FACTS), "patient_name": "测试甲001"})
    with pytest.raises((FrozenInstanceError, TypeError, AttributeError)):
        FACTS.link = "https://elsewhere.example"  # type: ignore[misc]


def test_who_is_reminded_is_not_named() -> None:
    for message in every_message():
        assert "somebody" not in message.subject + message.body


def test_a_line_break_in_a_name_cannot_add_a_header() -> None:
    crafted = replace(FACTS, institution_name="测试诊所\r\nBcc: all@example.org", notice_number="1\n2")
    for role in ("supervisor", "institution_contact"):
        subject = compose(reminder(role=role), crafted, "zh_CN").subject
        assert not re.search(r"[\r\n]", subject)


def test_a_very_long_name_is_cut_in_the_subject_and_whole_in_the_body() -> None:
    long = replace(FACTS, institution_name="测" * 300)
    message = compose(reminder(role="supervisor"), long, "zh_CN")
    assert len(message.subject) == SUBJECT_CHARS_MAX
    assert message.subject.endswith("…")
    assert "测" * 300 in message.body


@given(name=st.text(max_size=60), language=st.sampled_from(LANGUAGES))
def test_any_name_makes_a_message_of_one_subject_line(name: str, language: Language) -> None:
    message = compose(reminder(role="inspector"), replace(FACTS, institution_name=name), language)
    assert len(message.subject.splitlines()) == 1


def test_what_the_ladder_yields_can_be_told(
    china: Calendar, open_deadline: Callable[..., Deadline], shanghai: Callable[..., datetime]
) -> None:
    deadline, now = open_deadline(), shanghai(10, 12)
    today = now.astimezone(deadline.zone).date()
    left = working_days_left(deadline.due_on, today, china)
    facts = replace(FACTS, due_on=deadline.due_on, today=today, working_days_left=left)
    told = [compose(each, facts, "zh_CN").subject for each in due([deadline], frozenset(), now)]
    assert told == [
        "【限期整改】六医保改〔2026〕15号：剩余3个工作日",
        "【限期整改】测试乡镇卫生院001：剩余3个工作日（案2026-0015）",
    ]
