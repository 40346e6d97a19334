"""What the desk's pages promise without a browser: formats, marks, words, forms, contrast."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from schemas.records import TYPES
from server.console import formats, marks, refusals
from server.console.pages import ENDPOINTS, Officer, Paging
from tests.console import sample_casework
from tests.console.sample_desk import PAGES, SERVER, sample_desk

DESK = SERVER / "static" / "desk"
TEMPLATES = sorted((SERVER / "templates" / "console").glob("*.html"))
AT = datetime(2026, 11, 21, 6, 5, 10, tzinfo=UTC)
ZONE = "Asia/Shanghai"
CSS_BYTES_MAX, SCRIPT_BYTES_MAX = 30 * 1024, 10 * 1024
TEXT_CONTRAST_MIN, EDGE_CONTRAST_MIN = 4.5, 3.0


def get(path: str, locale: str = "zh_CN") -> str:
    """Return a demo page as the desk would serve it."""
    answer = sample_desk(locale).test_client().get(path)
    assert answer.status_code == 200, path
    return answer.get_data(as_text=True)


def form_of(html: str, address: str) -> str:
    """Return the first form that posts to an address."""
    found = re.search(rf'<form[^>]*action="{re.escape(address)}".*?</form>', html, re.DOTALL)
    assert found, address
    return found[0]


# Refusals


@pytest.mark.parametrize("code", ["not_in_catalogue", "catalogue_exists", "http_404", "bad_code"])
def test_a_refusal_that_a_person_can_meet_is_told_in_its_own_words(code: str):
    assert refusals.told_by_code(code) is not refusals.LAST_WORDS


def test_a_refusal_that_nobody_foresaw_is_told_in_the_last_words_of_all():
    assert refusals.told_by_code("moon_full") is refusals.LAST_WORDS


# Formats


def test_times_are_shown_in_the_zone_of_the_ledger_in_both_languages():
    assert formats.moment(AT, ZONE, "zh_CN") == "2026年11月21日 14:05"
    assert formats.moment(AT, ZONE, "en") == "21 Nov 2026, 14:05"
    assert formats.weekday(date(2026, 11, 21), "zh_CN") == "星期六"


@pytest.mark.parametrize(
    ("span", "chinese", "english"),
    [
        (timedelta(seconds=20), "刚刚", "just now"),
        (timedelta(minutes=1), "1分钟前", "1 minute ago"),
        (timedelta(hours=3), "3小时前", "3 hours ago"),
        (-timedelta(days=2), "2天后", "in 2 days"),
    ],
)
def test_relative_times_read_as_people_speak(span: timedelta, chinese: str, english: str):
    assert formats.relative(AT - span, AT, "zh_CN") == chinese
    assert formats.relative(AT - span, AT, "en") == english


def test_a_capture_interval_names_its_day_once_unless_it_crosses_midnight():
    within = formats.interval(AT, AT + timedelta(seconds=32), ZONE, "zh_CN")
    across = formats.interval(AT, AT + timedelta(hours=12), ZONE, "zh_CN")
    assert within == "2026年11月21日 14:05:10 – 14:05:42"
    assert across == "2026年11月21日 14:05:10 – 2026年11月22日 02:05:10"
    assert formats.interval(AT, AT, ZONE, "zh_CN") == "2026年11月21日 14:05:10"


def test_fen_become_yuan_without_rounding():
    assert formats.money(1_234_567, "zh_CN") == "12,345.67 元"
    assert formats.money(5, "en") == "¥0.05"
    assert formats.money(-100, "zh_CN") == "-1.00 元"
    assert formats.money(10**13 + 1, "zh_CN") == "100,000,000,000.01 元"


def test_a_place_is_a_distance_and_a_wind():
    gate = (317_550_000, 1_165_080_000)
    metres, bearing = formats.distance_and_bearing(gate, (317_553_000, 1_165_083_500))
    assert (metres, bearing) == (47, 45)
    assert formats.wind(bearing) == "ne"
    assert formats.wind(359) == "n"
    assert formats.distance(metres, "zh_CN") == "47 米"
    assert formats.distance(1_240, "en") == "1.2 km"


def test_names_and_numbers_keep_only_their_ends():
    assert [formats.masked_name(name) for name in ("张小三", "张三", "欧阳小三", "张", "")] == [
        "张*三", "张*", "欧**三", "张", ""]  # fmt: skip
    assert formats.masked_number("341502199001011234") == "3415**********1234"


def test_a_short_number_keeps_nothing():
    assert formats.masked_number("12345678") == "********"


def test_a_calendar_starts_its_rows_on_monday():
    days = sample_casework.calendar(date(2026, 11, 3), date(2026, 11, 12))
    first, second = formats.weeks(days)
    assert [cell and cell.on.day for cell in first] == [None, 3, 4, 5, 6, 7, 8]
    assert [cell and cell.on.day for cell in second] == [9, 10, 11, 12, None, None, None]
    assert formats.weeks(()) == []


def test_an_empty_list_still_has_one_page():
    assert (Paging(total=0).pages, Paging(total=50).pages, Paging(total=51).pages) == (1, 1, 2)


# Marks


def tables() -> dict[str, marks.Table]:
    """Return every table of marks by its name."""
    return {name: value for name, value in vars(marks).items() if name.isupper() and isinstance(value, dict)}


def test_every_sign_is_in_the_sprite_and_every_tone_in_the_style_sheet():
    signs = set(re.findall(r'<symbol id="(\w+)"', (DESK / "icons.svg").read_text("utf-8")))
    tones = set(re.findall(r"\.tone-(\w+)", (DESK / "desk.css").read_text("utf-8")))
    used = [mark for table in tables().values() for mark in table.values() if isinstance(mark, marks.Mark)]
    assert used
    assert {mark.sign for mark in used} - {""} <= signs
    assert {mark.tone for mark in used} <= tones


def test_presences_differ_in_sign_not_only_in_colour():
    signs = [mark.sign for mark in marks.PRESENCE.values()]
    assert len(set(signs)) == len(signs)


def test_every_declared_stage_has_a_tone_and_a_sign():
    for kind, table in (("ward_round", marks.ROUND_STATES), ("evidence", marks.EVIDENCE_STATES),
                        ("finding", marks.FINDING_STATES), ("rectification_case", marks.STAGES)):  # fmt: skip
        for stage in TYPES[kind].stages:
            assert table[stage.name].sign, f"{kind} {stage.name} has no sign"


def test_a_code_that_no_table_knows_is_shown_as_it_is():
    shown = marks.mark("put_on_ice", marks.STAGES)
    assert (shown.word, shown.tone) == ("put_on_ice", "unknown")


# Pages and forms


@pytest.mark.parametrize("locale", ["zh_CN", "en"])
@pytest.mark.parametrize("path", PAGES)
def test_every_page_is_rendered_from_its_view_model_alone(path: str, locale: str):
    html = get(path, locale)
    assert f'<html lang="{"zh-CN" if locale == "zh_CN" else "en"}">' in html
    assert html.count("<h1") == 1


def test_templates_ask_only_for_the_addresses_that_are_listed():
    asked = {
        name
        for path in TEMPLATES
        for name in re.findall(r"'((?:(?:console|api|ledger)\.\w+|static))'", path.read_text("utf-8"))
    }
    assert asked == set(ENDPOINTS)


def test_every_posting_form_carries_the_token():
    for path in TEMPLATES:
        for form in re.findall(r'<form[^>]*method="post".*?</form>', path.read_text("utf-8"), re.DOTALL):
            assert 'name="csrf_token"' in form, path.name


def test_a_post_without_the_token_is_refused():
    client = sample_desk().test_client()
    assert client.post("/evidence/e3/review", data={"decision": "approve"}).status_code == 400


def test_no_template_holds_a_script_a_style_or_another_host():
    for path in TEMPLATES:
        text = path.read_text("utf-8")
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", text), path.name
        assert not re.search(r"<script(?![^>]*\ssrc=)", text), path.name
        assert not re.search(r"https?://|//cdn", text), path.name


def test_a_review_names_the_version_that_was_on_the_screen():
    form = form_of(get("/evidence/e3"), "/evidence/e3/review?state=pending_review")
    assert 'name="version" value="18402"' in form
    assert "disabled" not in form


def test_a_member_of_the_team_can_press_nothing_and_reads_why():
    html = get("/evidence/e4")
    assert "您是本次检查组成员" in html
    assert len(re.findall(r'<button[^>]*class="button[^>]*\sdisabled', html)) == 2
    assert 'value="return"' not in html


def test_a_confirmation_posts_the_date_that_was_on_the_screen():
    form = form_of(get("/findings/f1"), "/findings/f1/confirm")
    assert 'name="due_on" value="2026-12-11"' in form
    assert re.search(r'name="working_days" value="15" checked', form)


def test_a_finding_in_conflict_cannot_be_confirmed():
    form = form_of(get("/findings/f2"), "/findings/f2/confirm")
    assert "<fieldset disabled>" in form
    assert "稽核组长" in form


def test_what_people_wrote_is_shown_as_text_not_as_markup(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sample_casework, "FIRST", Officer(name="<script>alert(1)</script>"))
    html = get("/findings/f1")
    assert "&lt;script&gt;alert(1)" in html
    assert "<script>alert" not in html


# Size and contrast


def test_style_and_script_stay_small():
    assert (DESK / "desk.css").stat().st_size <= CSS_BYTES_MAX
    assert (DESK / "desk.js").stat().st_size <= SCRIPT_BYTES_MAX


def luminance(colour: str) -> float:
    """Return the relative luminance of #rrggbb (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """Return the contrast ratio of two colours (WCAG 2.2)."""
    light, dark = sorted((luminance(one), luminance(other)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def palettes(path: Path = DESK / "tokens.css") -> dict[str, dict[str, str]]:
    """Return the light and the dark colours by token."""
    light, dark = path.read_text("utf-8").split("@media (prefers-color-scheme: dark)")
    pattern = r"--([\w-]+): (#[0-9a-f]{6})"
    return {"light": dict(re.findall(pattern, light)), "dark": dict(re.findall(pattern, dark))}


def test_contrast_is_computed_as_the_guideline_does():
    assert round(contrast("#000000", "#ffffff"), 1) == 21.0
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_controls_reach_the_contrast_of_level_aa(scheme: str):
    colours = palettes()[scheme]
    grounds = ("ground", "surface", "sunken")
    texts = [(ink, ground) for ink in ("ink", "muted", "accent", "accent-strong") for ground in grounds]
    texts += [(tone, f"{tone}-tint") for tone in ("ok", "waiting", "problem", "unknown", "info", "violet")]
    texts += [(tone, "surface") for tone in ("ok", "waiting", "problem", "info", "violet")]
    texts += [("ink", "accent-tint"), ("muted", "accent-tint"), ("accent-strong", "accent-tint"),
              ("on-accent", "accent"), ("surface", "problem")]  # fmt: skip
    texts += [("ink", f"{tone}-tint") for tone in ("ok", "waiting", "problem")]
    low = [pair for pair in texts if contrast(*(colours[name] for name in pair)) < TEXT_CONTRAST_MIN]
    edges = [("control", ground) for ground in ("ground", "surface")]
    low += [pair for pair in edges if contrast(*(colours[name] for name in pair)) < EDGE_CONTRAST_MIN]
    assert not low
