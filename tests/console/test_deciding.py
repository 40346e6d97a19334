"""Deciding at the desk: evidence is reviewed, findings are confirmed, and what may not be changes nothing."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from schemas.drafting import Draft
from server.accounts import users
from server.storage import access_store, ledger_store
from tests.server.builders import install
from tests.server.desk_client import Desk, heading, words
from tests.server.world import PASSWORD, World, build, photo


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's supervisor, signed in."""
    return Desk(world, "supervisor")


@pytest.fixture
def item(world: World) -> str:
    """A fresh photo that waits for review, of bytes that no other has."""
    world.evidence.append(world.photograph(100 + len(world.evidence), bed_check=world.checks[0]))
    return world.evidence[-1]


@pytest.fixture
def alone(tmp_path: Path) -> Iterator[World]:
    """A world of one test's own."""
    made = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"))
    yield made
    made.services.engine.dispose()


def size(world: World) -> int:
    """Return how many entries the ledger has."""
    with world.services.database.reading() as connection:
        return ledger_store.head(connection, world.services.ledger.id).size


def stored(world: World, record: str) -> Path:
    """Return the cipher file of an evidence item."""
    digest = world.record(record).values["cipher_digest"]
    return Path(world.services.config.files_url) / "cipher" / digest[:2] / digest


def flip(path: Path, at: int = 1000) -> None:
    """Alter one byte of a file."""
    raw = bytearray(path.read_bytes())
    raw[at] ^= 1
    path.write_bytes(raw)


# Reviewing


def test_an_approval_leads_to_the_next_item_and_says_what_it_did(alone: World):
    desk = Desk(alone, "supervisor")
    first, second = alone.evidence
    version = alone.record(first).version
    answer = desk.post(f"/evidence/{first}/review", version=version, decision="approve")
    assert (answer.status_code, answer.location) == (303, f"/evidence/{second}?state=pending_review")
    assert alone.record(first).stage == "approved"
    page = desk.get(answer.location)
    assert "通过 1 件证据" in words(page)
    last = desk.post(f"/evidence/{second}/review", version=alone.record(second).version, decision="approve")
    assert last.location == "/evidence"
    assert "没有待审核的证据" in words(desk.get("/evidence"))


def test_a_return_tells_the_inspector_why(world: World, desk: Desk, item: str):
    version = world.record(item).version
    answer = desk.post(
        f"/evidence/{item}/review",
        version=version,
        decision="return",
        reason="blurred",
        sentence="请重拍床头卡",
    )
    assert answer.status_code == 303
    assert world.record(item).stage == "returned"
    page = desk.get(f"/evidence/{item}", state="returned")
    assert "影像不清 “请重拍床头卡”" in words(page)
    assert "测试甲001" in words(page)


@pytest.mark.parametrize(
    "more", [{}, {"reason": "blurred"}, {"sentence": "请重拍"}, {"reason": "x", "sentence": "重拍"}]
)
def test_a_return_without_a_reason_and_a_sentence_is_refused(
    world: World, desk: Desk, item: str, more: dict[str, str]
):
    before = size(world)
    answer = desk.post(
        f"/evidence/{item}/review", version=world.record(item).version, decision="return", **more
    )
    assert (answer.status_code, heading(answer)) == (400, "填写的内容不符合要求")
    assert size(world) == before


def test_a_review_of_an_older_version_is_refused_kindly(world: World, desk: Desk, item: str):
    before, version = size(world), world.record(item).version
    answer = desk.post(f"/evidence/{item}/review", version=version - 1, decision="approve")
    assert (answer.status_code, heading(answer)) == (409, "您查看期间，本件已有新版本")
    assert f'href="/evidence/{item}"' in answer.text
    assert "未作任何决定" in words(answer)
    assert size(world) == before


def test_a_second_approval_is_refused(world: World, desk: Desk, item: str):
    version = world.record(item).version
    assert desk.post(f"/evidence/{item}/review", version=version, decision="approve").status_code == 303
    again = desk.post(f"/evidence/{item}/review", version=version, decision="approve")
    assert again.status_code == 409
    page = desk.get(f"/evidence/{item}")
    assert len(re.findall(r"<button[^>]*disabled", page.text)) == 2


def test_a_review_without_the_form_s_token_is_refused(world: World, desk: Desk, item: str):
    form = {"version": world.record(item).version, "decision": "approve"}
    assert desk.client.post(f"/evidence/{item}/review", data=form).status_code == 400
    assert world.record(item).stage == "pending_review"


def test_a_supervisor_who_belongs_to_the_inspection_does_not_decide_on_it(alone: World):
    new = users.check(login="both", name="测试甲091", roles=("supervisor", "inspector"), region="341502")
    alone.users["both"], _ = users.enlist(alone.services, new, PASSWORD)
    draft = Draft("edit", "inspection", alone.inspection, add={"members": [alone.users["both"]]})
    alone.act(draft, by="supervisor")
    both, own = Desk(alone, "both"), alone.photograph(9, by="both")
    for record in (alone.evidence[0], own):
        page = both.get(f"/evidence/{record}")
        assert "您是本次检查组成员" in words(page)
        assert len(re.findall(r"<button[^>]*disabled", page.text)) == 2
        version = alone.record(record).version
        answer = both.post(f"/evidence/{record}/review", version=version, decision="approve")
        assert (answer.status_code, heading(answer)) == (403, "本件由您采集，或您是该检查组成员")
        assert alone.record(record).stage == "pending_review"


def test_an_auditor_reads_and_decides_nothing(world: World, item: str):
    auditor = Desk(world, "auditor")
    assert "您的角色无权作出此项决定" in words(auditor.get(f"/evidence/{item}"))
    before = size(world)
    answer = auditor.post(f"/evidence/{item}/review", version=world.record(item).version, decision="approve")
    assert answer.status_code == 403
    assert size(world) == before


def test_another_county_s_supervisor_cannot_decide(world: World, item: str):
    neighbour = Desk(world, "neighbour")
    answer = neighbour.post(
        f"/evidence/{item}/review", version=world.record(item).version, decision="approve"
    )
    assert answer.status_code == 404
    assert world.record(item).stage == "pending_review"


def test_nothing_is_decided_before_its_file_has_arrived(world: World, desk: Desk):
    waiting = world.photograph(95, sent=False, bed_check=world.checks[0])
    page = desk.get(f"/evidence/{waiting}")
    assert "文件尚未传齐或校验不一致" in words(page)
    answer = desk.post(
        f"/evidence/{waiting}/review", version=world.record(waiting).version, decision="approve"
    )
    assert (answer.status_code, heading(answer)) == (409, "文件尚未完整到达")
    assert desk.get(f"/evidence/{waiting}/file").status_code == 409


# The file and its proof


def test_the_badge_is_green_only_while_the_stored_file_is_what_was_signed(
    world: World, desk: Desk, item: str
):
    assert "存证核验通过（刚刚重算）" in words(desk.get(f"/evidence/{item}"))
    flip(stored(world, item))
    page = desk.get(f"/evidence/{item}")
    assert "存证核验不通过" in words(page)
    assert "所存文件与采集时签名的内容不符" in words(page)
    assert len(re.findall(r"<button[^>]*disabled", page.text)) == 2


@pytest.mark.parametrize("decision", ["approve", "return", "reject"])
def test_a_tampered_file_is_not_decided_on(world: World, desk: Desk, item: str, decision: str):
    before, version = size(world), world.record(item).version
    flip(stored(world, item))
    answer = desk.post(
        f"/evidence/{item}/review", version=version, decision=decision, reason="blurred", sentence="请重拍"
    )
    assert (answer.status_code, heading(answer)) == (409, "所存文件与采集时签名的内容不符")
    assert "file_corrupt" in answer.text
    assert size(world) == before


def test_the_original_is_sent_as_it_was_captured_and_the_reading_is_logged(
    world: World, desk: Desk, item: str
):
    answer = desk.get(f"/evidence/{item}/file")
    assert answer.data == photo(100 + len(world.evidence) - 1)
    assert answer.content_type == "image/jpeg"
    assert answer.headers["Content-Disposition"].startswith("inline; filename=")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    with world.services.database.reading() as connection:
        log = access_store.of_record(connection, world.services.ledger.id, item)
    assert [(each.user, each.act) for each in log] == [(world.users["supervisor"], "read_file")]


def test_a_document_is_saved_and_never_shown_in_place(world: World, desk: Desk):
    scan = world.photograph(96, media_type="application/pdf", kind="documentary", bed_check=world.checks[0])
    answer = desk.get(f"/evidence/{scan}/file")
    assert answer.content_type == "application/pdf"
    assert answer.headers["Content-Disposition"].startswith("attachment; ")
    assert desk.get(f"/evidence/{scan}/file", width="160").status_code == 413


def test_small_pictures_are_upright_have_lost_their_exif_and_leave_one_line_in_the_access_log(
    world: World, desk: Desk, item: str
):
    for width in (160, 320):
        answer = desk.get(f"/evidence/{item}/file", width=str(width))
        with Image.open(io.BytesIO(answer.data)) as image:
            assert image.size == (width * 3 // 4, width), "stored sideways, shown upright"
            assert not image.getexif()
    with world.services.database.reading() as connection:
        read = access_store.of_record(connection, world.services.ledger.id, item)
    assert [one.act for one in read] == ["read_derivative"]


@pytest.mark.parametrize("width", ["161", "0", "-160", "100000", "x"])
def test_a_width_that_is_not_offered_is_refused(desk: Desk, item: str, width: str):
    assert desk.get(f"/evidence/{item}/file", width=width).status_code == 400


@pytest.mark.parametrize("query", [{}, {"width": "160"}])
def test_a_tampered_file_is_not_shown(world: World, desk: Desk, item: str, query: dict[str, str]):
    flip(stored(world, item))
    answer = desk.get(f"/evidence/{item}/file", **query)
    assert (answer.status_code, answer.mimetype) == (409, "text/html")
    assert heading(answer) == "所存文件与采集时签名的内容不符"


def test_a_picture_drawn_for_another_item_says_nothing_of_a_tampered_file(alone: World):
    again = alone.photograph(0, bed_check=alone.checks[1])
    at = Desk(alone, "supervisor")
    assert at.get(f"/evidence/{alone.evidence[0]}/file", width="160").status_code == 200
    flip(stored(alone, again))
    assert at.get(f"/evidence/{again}/file", width="160").status_code == 409


def test_a_small_picture_that_was_drawn_before_is_not_shown_to_another_county(
    world: World, desk: Desk, item: str
):
    assert desk.get(f"/evidence/{item}/file", width="160").status_code == 200
    assert Desk(world, "neighbour").get(f"/evidence/{item}/file", width="160").status_code == 404


def test_the_same_bytes_shown_twice_at_one_institution_are_pointed_out(alone: World):
    again = alone.photograph(0, bed_check=alone.checks[1])
    page = Desk(alone, "supervisor").get(f"/evidence/{again}")
    assert f'href="/evidence/{alone.evidence[0]}"' in page.text
    assert "与另外 1 件证据为同一文件" in words(page)
    assert "为同一文件" not in words(Desk(alone, "supervisor").get(f"/evidence/{alone.evidence[1]}"))


# Confirming


def test_a_confirmation_opens_a_case_due_on_the_day_that_was_on_the_screen(alone: World):
    desk = Desk(alone, "supervisor")
    page = desk.get(f"/findings/{alone.finding}", served_on="2026-11-16", working_days="7")
    assert 'name="due_on" value="2026-11-25"' in page.text
    form = {"version": alone.record(alone.finding).version, "served_on": "2026-11-16", "working_days": "7"}
    answer = desk.post(f"/findings/{alone.finding}/confirm", action="confirm", due_on="2026-11-25", **form)
    assert answer.status_code == 303
    assert alone.record(alone.finding).stage == "in_case"
    case = words(desk.get(answer.location))
    assert "到期日 2026年11月25日" in case
    assert "12,345.67 元" in case
    assert "测试联系人 0564-0000000" in case
    assert "立案" in case
    listed = words(desk.get("/cases"))
    assert "测试市第001医院" in listed
    assert "挂床住院" in listed
    assert "/cases/" in desk.get(f"/findings/{alone.finding}").text
    assert Desk(alone, "neighbour").get(answer.location).status_code == 404


def test_a_due_day_that_is_not_the_computed_one_is_refused_and_shown(world: World, desk: Desk):
    before = size(world)
    form = {"version": world.record(world.finding).version, "served_on": "2026-11-16", "working_days": "7"}
    answer = desk.post(f"/findings/{world.finding}/confirm", action="confirm", due_on="2026-11-24", **form)
    assert answer.status_code == 409
    assert "到期日应为 2026年11月25日" in words(answer)
    assert 'name="due_on" value="2026-11-25"' in answer.text
    assert size(world) == before


def test_a_preview_works_out_the_day_and_decides_nothing(world: World, desk: Desk):
    before = size(world)
    form = {"action": "preview", "served_on": "2026-11-16", "working_days": "30", "due_on": "2026-11-25"}
    answer = desk.post(f"/findings/{world.finding}/confirm", **form)
    assert answer.status_code == 303
    assert 'name="due_on" value="2026-12-28"' in desk.get(answer.location).text
    assert size(world) == before


@pytest.mark.parametrize(
    "term", [{"served_on": "2026-11-18"}, {"served_on": "x"}, {"working_days": "0"}, {"working_days": "251"}]
)
def test_a_term_that_cannot_be_is_refused(world: World, desk: Desk, term: dict[str, str]):
    before = size(world)
    page = desk.get(f"/findings/{world.finding}", **term)
    assert 'role="alert"' in page.text
    form = {
        "version": world.record(world.finding).version,
        "served_on": "2026-11-16",
        "working_days": "7",
        **term,
    }
    answer = desk.post(f"/findings/{world.finding}/confirm", action="confirm", due_on="2026-11-25", **form)
    assert answer.status_code == 400
    assert size(world) == before


def test_a_finding_whose_party_was_not_heard_is_not_confirmed(world: World, desk: Desk):
    values = {
        "inspection": world.inspection,
        "violation_code": "upcoding",
        "facts": "高套病种测试",
        "amount_fen": 1,
    }
    finding = world.make("finding", {**values, "origin": "on_site"}, by="member")
    world.move("finding", finding, "draft", "proposed", by="lead")
    page = desk.get(f"/findings/{finding}")
    assert "<fieldset disabled>" in page.text
    due_on = re.search(r'name="due_on" value="([^"]+)"', page.text)
    assert due_on
    form = {"version": world.record(finding).version, "served_on": "2026-11-17", "working_days": "15"}
    answer = desk.post(f"/findings/{finding}/confirm", action="confirm", due_on=due_on[1], **form)
    assert (answer.status_code, heading(answer)) == (400, "该事项当前的状态已不允许此操作")
    assert world.record(finding).stage == "proposed"


def test_an_auditor_and_a_team_member_confirm_nothing(world: World):
    form = {"served_on": "2026-11-16", "working_days": "7", "due_on": "2026-11-25", "action": "confirm"}
    for login in ("auditor", "member", "lead"):
        version = world.record(world.finding).version
        answer = Desk(world, login).post(f"/findings/{world.finding}/confirm", version=version, **form)
        assert answer.status_code == 403, login
    assert world.record(world.finding).stage == "heard"
