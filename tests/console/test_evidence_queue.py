"""The queue of evidence is narrowed and ordered by its address, within scope, and keeps its words in every link."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from werkzeug.test import TestResponse

from schemas.drafting import Draft
from tests.conftest import BACKENDS
from tests.server.builders import install
from tests.server.desk_client import Desk, heading, words
from tests.server.world import World, build, near

AWAY = {"lat_e7": 318_000_000, "lon_e7": 1_165_080_000, "accuracy_m": 8, "provider": "gps", "mock": False}


@pytest.fixture(scope="module", params=BACKENDS)
def queue(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world whose queue holds, oldest first: two plain photos, one far away, a document, one without a file."""
    home = tmp_path_factory.mktemp("queue")
    url = f"sqlite:///{home / 'desk.sqlite'}"
    server = request.getfixturevalue("postgres_server") if request.param == "postgres" else None
    if server is not None:
        url = server.create_database()
    made = build(install(home, url))
    made.evidence.append(made.photograph(201, position=AWAY))
    made.installation.clock.advance(days=4)
    made.evidence.append(made.photograph(202, kind="documentary", position=near(3)))
    yield made
    made.services.engine.dispose()
    if server is not None:
        server.drop_database(url)


@pytest.fixture
def desk(queue: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(queue, "supervisor")


def listed(answer: TestResponse) -> list[str]:
    """Return the ids of the rows of a queue, in their order."""
    assert answer.status_code == 200, words(answer)
    return re.findall(r'<a href="/evidence/([0-9a-f-]{36})\?[^"]*" data-item', answer.text)


def test_what_waits_longest_stands_first_unless_told(queue: World, desk: Desk):
    assert listed(desk.get("/evidence")) == queue.evidence
    assert listed(desk.get("/evidence", sort="newest")) == queue.evidence[::-1]


def test_by_risk_the_doubtful_stands_first_with_its_grounds(queue: World, desk: Desk):
    shown = desk.get("/evidence", sort="risk")
    assert listed(shown) == [queue.evidence[2], *queue.evidence[:2], queue.evidence[3]]
    assert "高风险" in words(shown)
    assert listed(desk.get("/evidence", risk="high")) == [queue.evidence[2]]
    assert queue.evidence[2] not in listed(desk.get("/evidence", risk="none"))
    row = next(each for each in desk.get("/api/evidence").json["items"] if each["id"] == queue.evidence[2])
    assert (row["risk"], row["grounds"]) == ("high", ["outside_fence"])


def test_each_filter_narrows_page_and_api_alike(queue: World, desk: Desk):
    first, document = queue.evidence[0], queue.evidence[3]
    for query, wanted in (
        ({"kind": "documentary"}, [document]),
        ({"age": "3"}, queue.evidence[:3]),
        ({"region": "341502"}, queue.evidence),
        ({"region": "341500"}, queue.evidence),
        ({"region": "341503"}, []),
        ({"institution": queue.hospital}, queue.evidence),
        ({"institution": first}, []),
        ({"inspection": queue.inspection}, queue.evidence),
        ({"inspection": first}, []),
        ({"kind": "audio_visual", "age": "3", "region": "341502"}, queue.evidence[:3]),
    ):
        assert listed(desk.get("/evidence", **query)) == wanted, query
        found = desk.get("/api/evidence", stage="pending_review", **query).json["items"]
        assert [each["id"] for each in found] == wanted, query


def test_a_filter_reaches_no_further_than_the_reader_s_scope(queue: World):
    neighbour = Desk(queue, "neighbour")
    for query in ({"region": "341502"}, {"institution": queue.hospital}, {"inspection": queue.inspection}):
        assert listed(neighbour.get("/evidence", **query)) == []
        assert "测试市第001医院" not in neighbour.get("/evidence", **query).text


@pytest.mark.parametrize(
    "query",
    [{"kind": "x"}, {"age": "2"}, {"risk": "x"}, {"sort": "x"}, {"institution": "x"}, {"region": "99"}],
)
def test_a_word_that_there_is_not_is_refused(desk: Desk, query: dict[str, str]):
    answer = desk.get("/evidence", **query)
    assert (answer.status_code, heading(answer)) == (400, "填写的内容不符合要求")


def test_the_words_of_a_queue_stay_in_its_links_its_items_and_after_a_decision(queue: World, desk: Desk):
    fresh = [queue.photograph(300 + number, kind="physical", position=near(1)) for number in range(2)]
    query = {"kind": "physical", "region": "341502"}
    page = desk.get("/evidence", **query)
    assert listed(page) == fresh
    kept = "state=pending_review&amp;region=341502&amp;kind=physical"
    assert page.text.count(kept) >= 2
    one = desk.get(f"/evidence/{fresh[0]}", **query)
    assert f'data-next href="/evidence/{fresh[1]}?{kept}"' in one.text
    assert "1 / 2" in words(one)
    version = queue.record(fresh[0]).version
    answer = desk.client.post(
        f"/evidence/{fresh[0]}/review",
        query_string=query,
        data={"csrf_token": desk.token(), "version": version, "decision": "approve"},
    )
    assert answer.location == f"/evidence/{fresh[1]}?state=pending_review&region=341502&kind=physical"
    queue.act(Draft("void", "evidence", fresh[1]), by="member")


def test_what_was_voided_is_listed_apart(queue: World, desk: Desk):
    gone = queue.photograph(400)
    queue.act(Draft("void", "evidence", gone), by="member")
    assert gone not in listed(desk.get("/evidence", state=""))
    assert gone in listed(desk.get("/evidence", state="voided"))
    assert gone not in listed(Desk(queue, "neighbour").get("/evidence", state="voided"))


def test_an_empty_result_says_why(desk: Desk):
    assert "没有符合筛选条件的证据" in words(desk.get("/evidence", kind="witness"))


def test_only_so_many_are_looked_at_for_their_risk_and_the_page_says_so(
    queue: World, desk: Desk, monkeypatch: pytest.MonkeyPatch
):
    from server.queries import evidence_queue

    monkeypatch.setattr(evidence_queue, "RISK_ITEMS_MAX", 2)
    page = desk.get("/evidence", sort="risk")
    assert listed(page) == queue.evidence[:2]
    assert "风险按等待最久的 2 件计算" in words(page)
