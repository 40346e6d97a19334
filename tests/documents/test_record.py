"""A record written on the phone on paper: from its own bytes, the same ever after; what holders of a copy are told."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from server.documents.record import render
from server.evidence import written
from server.queries import record_paper
from server.queries.reading import reading
from server.storage import access_store
from sync import lines
from sync.errors import FileCorrupt
from tests.documents.test_notice import text
from tests.server.builders import install
from tests.server.desk_client import Desk
from tests.server.world import World, build

INK = "M90 90L180 180L270 90M450 90L450 90"
SECRET = ("测试负责人", "测试检查员一", "三楼病区", "测试见证人")
"""What a record says of persons and places, and nobody but its readers is told."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world with an inspection."""
    home = tmp_path_factory.mktemp("records")
    made = build(install(home, f"sqlite:///{home / 'desk.sqlite'}"), beds=1, photos=0)
    yield made
    made.services.engine.dispose()


def content(world: World, **other: Any) -> dict[str, Any]:
    """Return what a scene record says."""
    signed = {"outcome": "signed", "at": 1_795_000_000_000, "ink": INK}
    return {
        "format": written.FORMAT,
        "form": "scene_record",
        "inspection": world.inspection,
        "institution": "六安市测试第001医院",
        "code": "H34150290001",
        "place": "三楼病区",
        "began": 1_795_000_000_000,
        "ended": 1_795_000_600_000,
        "officers": [{"name": "测试检查员一", "card": "皖1"}, {"name": "测试检查员二", "card": "皖2"}],
        "person": {"name": "测试负责人", "post": "院长"},
        "paragraphs": [{"text": "12 床无人。"}, {"text": "#image() 药房 [*] 台账不符。"}],
        "signatures": [
            {"signer": "officer", "name": "测试检查员一", **signed},
            {"signer": "officer", "name": "测试检查员二", **signed},
            {"signer": "party", "name": "测试负责人", "outcome": "refused", "at": 1_795_000_000_000,
             "reason": "有异议", "witness": "测试见证人"},
        ],
    } | other  # fmt: skip


def keep(world: World, plain: bytes | None = None, **values: Any) -> str:
    """Let an officer keep a written record, and return its id."""
    about = content(world)
    signatures = [{k: v for k, v in one.items() if k != "ink"} for one in about["signatures"]]
    given = {"kind": "inspection_record", "form": "scene_record", "media_type": "application/json"}
    return world.photograph(
        plain=lines.encode(about) if plain is None else plain,
        **(given | {"signatures": signatures, "note": None} | values),
    )


def paper(world: World, record: str) -> bytes:
    with reading(world.services, world.users["supervisor"]) as look:
        return render(record_paper.paper_of(look, look.one("evidence", record)))


def address(world: World, record: str) -> str:
    """Return what the QR code of its copy leads to, without the host."""
    return f"/verify/{record}/{world.record(record).values['digest']}"


def test_it_says_on_paper_what_was_signed_and_says_it_the_same_ever_after(world: World, tmp_path: Any):
    record = keep(world)
    made = paper(world, record)
    assert made == paper(world, record), "to the byte"
    said = text(made, tmp_path)
    for words in (
        "现场检查笔录", "六安市测试第001医院", "12 床无人。", "#image() 药房 [*] 台账不符。", "拒绝签名",
        "见证人：测试见证人", "皖2", str(world.record(record).values["digest"])[:16],
    ):  # fmt: skip
        assert words.replace(" ", "") in said.replace(" ", "").replace("\n", ""), words


def test_page_and_program_hand_over_the_same_paper_and_that_is_noted(world: World):
    record = keep(world)
    desk = Desk(world, "supervisor")
    assert f"/evidence/{record}/record.pdf" in desk.get(f"/evidence/{record}").text
    page, program = desk.get(f"/evidence/{record}/record.pdf"), desk.get(f"/api/evidence/{record}/record.pdf")
    assert page.data == program.data == paper(world, record)
    with world.services.database.reading() as connection:
        noted = access_store.of_record(connection, world.services.ledger.id, record)
    assert [one.act for one in noted] == ["read_file", "read_file"]


def test_who_may_not_see_the_item_takes_none(world: World):
    record = keep(world)
    for way in ("/evidence", "/api/evidence"):
        assert Desk(world, "neighbour").get(f"{way}/{record}/record.pdf").status_code == 404


def test_evidence_that_is_no_written_record_has_no_such_paper(world: World):
    photo = world.photograph(1)
    assert Desk(world, "supervisor").get(f"/evidence/{photo}/record.pdf").status_code == 404


def test_whoever_holds_a_copy_is_told_that_its_original_stands(world: World):
    record = keep(world)
    found = world.installation.app.test_client().get(address(world, record))
    assert found.status_code == 200
    assert "本件原件存在于台账" in found.text
    assert str(world.record(record).values["digest"]) in found.text
    assert found.headers["X-Robots-Tag"] == "noindex, nofollow"
    program = world.installation.app.test_client().get("/api" + address(world, record))
    assert program.json["state"] == "stands"
    assert program.json["entry"] == world.record(record).acts[0].index


def test_strangers_are_told_nothing_else(world: World):
    record, photo = keep(world), world.photograph(2)
    stranger = world.installation.app.test_client()
    told = [stranger.get(where + address(world, record)).text for where in ("", "/api")]
    names = (*SECRET, "六安市测试第001医院", world.inspection, world.users["lead"])
    assert not [word for word in names for answer in told if word in answer]
    other = "0" * 64
    unknown = stranger.get(f"/verify/{'0' * 8}-0000-7000-8000-{'0' * 12}/{other}")
    wrong = [
        stranger.get(f"/verify/{record}/{other}"),
        stranger.get(address(world, photo)),
        stranger.get(f"/verify/{record}/x"),
        stranger.get(f"/verify/{world.inspection}/{other}"),
    ]
    assert {answer.status_code for answer in wrong} == {unknown.status_code} == {404}
    assert "台账中没有本件的原件" in unknown.text
    api = [stranger.get(f"/api/verify/{one}/{other}") for one in (record, photo, world.inspection)]
    assert len({answer.text for answer in api}) == 1, "the id alone tells nobody that it was right"


def test_a_copy_of_what_was_taken_back_says_so(world: World):
    record = keep(world)
    form = {"version": world.record(record).version, "decision": "void", "reason": "unlawful"}
    Desk(world, "supervisor").post(f"/evidence/{record}/review", sentence="取证时只有一人在场", **form)
    stranger = world.installation.app.test_client()
    assert "其后已被撤销" in stranger.get(address(world, record)).text
    assert stranger.get("/api" + address(world, record)).json["state"] == "taken_back"


@pytest.mark.parametrize(
    "change",
    [
        {"format": "other"},
        {"form": "photo"},
        {"more": 1},
        {"paragraphs": []},
        {"place": "x" * 201},
        {"began": -1},
        {"officers": [{"name": "一", "card": ""}]},
        {
            "signatures": [
                {"signer": "officer", "name": "一", "outcome": "signed", "at": 1, "ink": '"/><script>'}
            ]
        },
        {
            "signatures": [
                {"signer": "officer", "name": "一", "outcome": "signed", "at": 1, "ink": "M1 1L2000 1"}
            ]
        },
    ],
)
def test_bytes_of_another_form_are_no_record(world: World, change: dict[str, Any]):
    with pytest.raises(FileCorrupt):
        written.read(lines.encode(content(world, **change)), "x")


def test_bytes_that_are_not_canonical_are_no_record(world: World):
    with pytest.raises(FileCorrupt):
        written.read(json.dumps(content(world), indent=1).encode(), "x")


def test_the_record_of_another_inspection_is_not_shown_as_this_ones(world: World):
    other = lines.encode(content(world, inspection=world.users["lead"]))
    record = keep(world, other)
    answer = Desk(world, "supervisor").get(f"/api/evidence/{record}/record.pdf")
    assert answer.json["code"] == FileCorrupt.code
