"""What a reader sees: whole pages on a real ledger, only their own region, never without its headers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine, event

from server.console.setup import HEADERS
from tests.server.builders import install
from tests.server.desk_client import Desk, heading, words
from tests.server.world import HOSPITAL_AT, World, build, near


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


def addresses(world: World) -> list[str]:
    """Return every page that shows the world's items."""
    return [
        f"/rounds/{world.ward_round}",
        f"/evidence/{world.evidence[0]}",
        f"/evidence/{world.evidence[0]}/file",
        f"/evidence/{world.evidence[0]}/file?width=160",
        f"/findings/{world.finding}",
    ]


@contextmanager
def counted(engine: Engine) -> Iterator[list[str]]:
    """Yield the statements that are sent to the database within the block."""
    sent: list[str] = []

    def note(*call: object) -> None:
        sent.append(str(call[2]))

    event.listen(engine, "before_cursor_execute", note)
    yield sent
    event.remove(engine, "before_cursor_execute", note)


def test_every_page_is_shown_to_the_supervisor_of_the_county(world: World, desk: Desk):
    for path in (
        "/",
        "/rounds",
        "/evidence",
        "/evidence?state=",
        "/findings",
        "/cases",
        "/ledger",
        *addresses(world),
    ):
        answer = desk.get(path)
        assert answer.status_code == 200, path
        assert answer.headers["Cache-Control"] == "no-store", path


def test_every_page_is_shown_in_english_too(world: World, desk: Desk):
    desk.post("/language", language="en")
    for path in ("/", "/rounds", "/evidence", "/findings", "/cases", "/ledger", f"/findings/{world.finding}"):
        answer = desk.get(path)
        assert answer.status_code == 200, path
        assert '<html lang="en">' in answer.text


def test_a_supervisor_of_another_county_finds_nothing(world: World):
    neighbour = Desk(world, "neighbour")
    for path in ("/", "/rounds", "/evidence?state=", "/findings", "/cases"):
        assert "测试市第001医院" not in neighbour.get(path).text, path
    for path in addresses(world):
        answer = neighbour.get(path)
        assert answer.status_code == 404, path
        assert heading(answer) == "没有这个页面，或者您无权查看"


def test_the_supervisor_of_the_city_reads_its_counties(world: World):
    city = Desk(world, "city")
    assert all(city.get(path).status_code == 200 for path in addresses(world))


def test_a_member_reads_the_own_inspection(world: World):
    member = Desk(world, "member")
    assert all(member.get(path).status_code == 200 for path in addresses(world))


def test_whoever_is_not_signed_in_sees_no_page(world: World):
    nobody = Desk(world)
    for path in ("/", "/ledger", *addresses(world)):
        assert nobody.get(path).location.startswith("/sign-in?next="), path


@pytest.mark.parametrize(
    "path", ["/", "/sign-in", "/static/desk/desk.css", "/healthz", "/v1/keys", "/nowhere", "/api/x"]
)
def test_every_answer_carries_the_policy(world: World, path: str):
    answer = Desk(world).get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value, (path, name)


def test_a_page_that_there_is_not_is_told_to_a_person_in_words(desk: Desk):
    answer = desk.get("/nowhere")
    assert (answer.status_code, answer.mimetype) == (404, "text/html")
    assert "请核对地址" in words(answer)
    assert desk.get("/api/nowhere").mimetype == "application/problem+json"
    assert desk.get("/v1/nowhere").mimetype == "application/problem+json"


def test_home_counts_what_waits(world: World, desk: Desk):
    page = words(desk.get("/"))
    assert "待审核证据 2" in page
    assert "待确认问题 1" in page


def test_a_round_shows_every_listed_bed_and_what_its_checks_say(world: World, desk: Desk):
    page = desk.get(f"/rounds/{world.ward_round}")
    assert page.text.count('class="bed is-in_bed"') == 3
    assert page.text.count('class="bed is-absent flagged"') == 1
    listed = words(desk.get("/rounds"))
    assert "4 / 4" in listed
    assert "疑点 1" in listed


def test_a_patient_s_name_and_number_are_masked(world: World, desk: Desk):
    page = desk.get(f"/rounds/{world.ward_round}", bed=world.encounters[2])
    assert "测*****3" in words(page)
    assert "3415**********00" in page.text
    assert "测试患者003" not in page.text
    assert (
        "测试患者003" not in desk.get(f"/api/ward-rounds/{world.ward_round}?bed={world.encounters[2]}").text
    )


def test_two_checks_that_differ_are_both_kept_and_read_disputed(tmp_path: Path):
    made = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"), photos=0)
    again = {"ward_round": made.ward_round, "bed_listed": "1103", "presence": "in_bed"}
    made.make("bed_check", {**again, "encounter": made.encounters[2]}, by="lead")
    # One without its encounter belongs to the bed of its number; one of an unlisted bed is a bed of its own.
    made.make("bed_check", {**again, "bed_listed": "1101"}, by="lead")
    made.make("bed_check", {**again, "bed_listed": "1199"}, by="lead")
    page = Desk(made, "supervisor").get(f"/rounds/{made.ward_round}", bed=made.encounters[2])
    assert page.text.count("is-disputed flagged") == 1
    assert "?bed=bed-1199#bed" in page.text
    assert 'data-bed="bed-1101"' not in page.text
    assert words(page).count("测试甲005") >= 1
    assert "两次核查结论不一致" in words(page)
    made.services.engine.dispose()


def test_a_check_outside_the_grounds_is_flagged_and_one_inside_is_not(tmp_path: Path):
    made = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"), photos=0, checked=2)
    far = {**near(1), "lat_e7": HOSPITAL_AT[0] + 100_000}
    values = {"ward_round": made.ward_round, "bed_listed": "1103", "presence": "in_bed", "position": far}
    made.make("bed_check", {**values, "encounter": made.encounters[2]}, by="member")
    page = Desk(made, "supervisor").get(f"/rounds/{made.ward_round}")
    assert page.text.count("is-in_bed flagged") == 1
    assert page.text.count('class="bed is-in_bed"') == 2
    assert page.text.count('class="bed is-unchecked"') == 1
    assert "3 / 4" in words(page)
    assert "3 / 4" in words(Desk(made, "supervisor").get("/rounds")), "the list counts beds as the grid does"
    made.services.engine.dispose()


def test_fifty_beds_cost_as_many_queries_as_two(tmp_path: Path):
    numbers = []
    for beds in (2, 50):
        home = tmp_path / str(beds)
        home.mkdir()
        made = build(install(home / "home", f"sqlite:///{home / 'desk.sqlite'}"), beds=beds, photos=2)
        desk = Desk(made, "supervisor")
        path = f"/rounds/{made.ward_round}"
        assert desk.get(path).text.count('class="bed ') == beds
        with counted(made.services.engine) as sent:
            desk.get(path)
        numbers.append(len(sent))
        made.services.engine.dispose()
    assert numbers[0] == numbers[1] <= 42


def test_fifty_rows_of_evidence_cost_as_many_queries_as_one(world: World, desk: Desk):
    lengths = []
    for _ in range(2):
        desk.get("/evidence?state=")
        with counted(world.services.engine) as sent:
            desk.get("/evidence?state=")
        lengths.append(len(sent))
        for number in range(5):
            world.photograph(60 + number, sent=False, bed_check=world.checks[0])
    assert lengths[0] == lengths[1] < 40


def test_a_page_number_that_is_none_is_refused(desk: Desk):
    assert desk.get("/evidence", page="2").status_code == 200
    for page in ("0", "-1", "x", "１"):
        assert desk.get("/evidence", page=page).status_code == 400, page


def test_the_ledger_page_shows_the_signed_head_and_no_content(world: World, desk: Desk):
    page = desk.get("/ledger")
    assert "ledger.test/luan" in page.text
    assert "测试市第001医院" not in page.text
    assert world.inspection not in page.text
    assert "最新记录" in words(page)
