"""A decision's own paper: numbered and fixed by the act that decides, the same bytes ever after; and sending back."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.accounts import access_log
from server.casework import numbering
from server.documents.decision import render
from server.documents.notice import digest_of
from server.ledger.audit import audit
from server.queries import decision_paper
from server.queries.reading import reading
from server.storage import access_store
from sync.errors import BadTransition, BadValue, NotAllowed
from tests.api.conftest import world as shared_world
from tests.console import test_sanctions
from tests.console.test_sanctions import propose, reviewed, send, take, tell
from tests.documents.test_notice import text
from tests.server.desk_client import Desk, words
from tests.server.world import World

world = shared_world
bench = test_sanctions.bench
WHY = "测试：违规事实清楚，依据充分"


def decide(world: World, **more: object) -> str:
    """Return a sanction that its leader decided, as the desk and programs do."""
    made = reviewed(world)
    answer = send(world, "chief", made, "decide", decision_reasons=WHY, **more)
    assert answer.status_code == 200, answer.text
    return made


def paper(world: World, sanction: str, who: str = "supervisor") -> bytes:
    with reading(world.services, world.users[who]) as look:
        return render(decision_paper.paper_of(look, look.one("sanction", sanction)))


def test_the_act_that_decides_numbers_its_paper_and_fixes_its_digest(bench: World):
    made = decide(bench)
    found = bench.record(made)
    assert found.values["number"].startswith(
        numbering.prefix_of(bench.services, found.region, "sanction_decided")
    )
    assert digest_of(paper(bench, made)) == found.values["document"]
    assert {
        write.act.index for name in ("number", "document", "decided_on") for write in found.writes[name]
    } == {decision_paper.decided_at(found)}
    assert audit(bench.services).ok


def test_two_decisions_bear_two_numbers(bench: World):
    numbers = {bench.record(decide(bench)).values["number"] for _ in range(2)}
    assert len(numbers) == 2


def test_a_decision_that_is_refused_gives_no_number(bench: World):
    made = reviewed(bench)
    answer = send(bench, "chief", made, "decide", decision_reasons=WHY, decided_level="6")
    assert (answer.status_code, answer.json["code"]) == (400, "bad_value")
    assert "number" not in bench.record(made).values


def test_it_says_what_was_decided_and_what_can_be_done_about_it(bench: World, tmp_path: Path):
    made = decide(bench, decided_level="3", decided_amount_fen=100_000)
    said = text(paper(bench, made), tmp_path)
    for words_of_it in ("处理意见书", WHY, "三级：拒付", "1,000.00", "你单位提出异议", "行政复议",
                        "".join(bench.record(made).values["number"].split())):  # fmt: skip
        assert words_of_it in said
    assert "草稿" not in said


def test_it_is_the_same_to_the_byte_for_every_reader_and_after_every_step(bench: World):
    made = decide(bench)
    first = paper(bench, made)
    take(bench, made, "serve", "supervisor", served_on=bench.services.today().isoformat(), method="post")
    take(bench, made, "execute", "supervisor")
    assert paper(bench, made, "chief") == first == paper(bench, made, "law")


def test_its_page_says_whether_the_paper_is_the_one_that_was_decided(bench: World):
    made = decide(bench)
    desk = Desk(bench, "supervisor")
    page = words(desk.get(f"/sanctions/{made}"))
    assert "与作出决定时逐字节一致" in page
    assert bench.record(made).values["document"] in page
    saved, by_program = (
        desk.get(f"/sanctions/{made}/decision.pdf"),
        desk.get(f"/api/sanctions/{made}/decision.pdf"),
    )
    assert saved.data == by_program.data == paper(bench, made)
    with bench.services.database.reading() as connection:
        lines = access_store.of_record(connection, bench.services.ledger.id, made)
    assert [line.act for line in lines].count(access_log.READ_NOTICE) == 2


def test_before_a_decision_there_is_no_paper(bench: World):
    made = reviewed(bench)
    desk = Desk(bench, "supervisor")
    assert desk.get(f"/sanctions/{made}/decision.pdf").status_code == 404
    assert "处理意见书" not in words(desk.get(f"/sanctions/{made}"))


@pytest.mark.parametrize(("login", "status"), [("auditor", 403), ("neighbour", 404)])
@pytest.mark.parametrize("name", ["decision.pdf", "slip.pdf"])
def test_who_may_not_read_it_takes_none(bench: World, login: str, status: int, name: str):
    made = decide(bench)
    assert Desk(bench, login).get(f"/sanctions/{made}/{name}").status_code == status
    assert Desk(bench, login).get(f"/api/sanctions/{made}/{name}").status_code == status


def test_its_slip_says_how_it_was_served(bench: World, tmp_path: Path):
    made = decide(bench)
    desk = Desk(bench, "supervisor")
    blank = desk.get(f"/sanctions/{made}/slip.pdf")
    assert "直接送达" not in text(blank.data, tmp_path)
    served = {"served_on": bench.services.today().isoformat(), "method": "direct", "receipt": "ab" * 32}
    refused = send(bench, "supervisor", made, "serve", **served)
    assert (refused.status_code, refused.json["field"]) == (400, "received_by")
    assert send(bench, "supervisor", made, "serve", **served, received_by="测试签收人").status_code == 200
    said = text(desk.get(f"/api/sanctions/{made}/slip.pdf").data, tmp_path)
    for of_it in ("送达回证", "处理意见书", "直接送达"):
        assert of_it in said


# -- sent back ----------------------------------------------------------------------------------------------


def test_a_leader_sends_a_proposal_back_with_a_reason_and_it_goes_the_whole_way_again(bench: World):
    made = reviewed(bench)
    take(bench, made, "send_back", "chief", return_reason="测试：金额依据不足")
    assert bench.record(made).stage == "proposed"
    take(bench, made, "amend", "supervisor", base_fen=500_000, factor_permille=2_000)
    tell(bench, made)
    with pytest.raises(BadTransition, match="days to answer"):
        take(bench, made, "review", "law", legal_opinion="agreed")
    take(bench, made, "answer", "supervisor", statement_kind="agrees")
    take(bench, made, "review", "law", legal_opinion="agreed")
    assert send(bench, "chief", made, "decide", decision_reasons=WHY).status_code == 200
    assert bench.record(made).values["decided_amount_fen"] == 1_000_000


def test_nobody_sends_back_without_a_reason_or_another_than_a_leader(bench: World):
    made = reviewed(bench)
    with pytest.raises(BadValue):
        take(bench, made, "send_back", "chief")
    for login in ("supervisor", "law"):
        with pytest.raises(NotAllowed):
            take(bench, made, "send_back", login, return_reason="测试")
    early = propose(bench)
    with pytest.raises(BadTransition):
        take(bench, early, "send_back", "chief", return_reason="测试")
    assert bench.record(made).stage == "legal_reviewed"


def test_a_hearing_of_an_earlier_proposal_is_none_of_the_next(bench: World):
    made = propose(bench)
    today = bench.services.today().isoformat()
    tell(bench, made, hearing_wanted=True)
    take(bench, made, "answer", "supervisor", **test_sanctions.STATEMENT, heard_on=today)
    take(bench, made, "review", "law", legal_opinion="agreed")
    take(bench, made, "send_back", "chief", return_reason="测试")
    tell(bench, made)
    take(bench, made, "answer", "supervisor", **test_sanctions.STATEMENT)
    with pytest.raises(BadTransition, match="hearing"):
        take(bench, made, "review", "law", legal_opinion="agreed")
