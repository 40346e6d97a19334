"""Files with a statement or an appeal: whole ones alone, shown to whoever decides, each look logged."""

from __future__ import annotations

import json
from typing import Any

import pytest
from sqlalchemy import select

from server.storage.access_store import TABLE as LOG
from sync import lines
from tests.portal.scene import Scene
from tests.portal.test_reporting import PICTURE, Sealed, sealed, upload
from tests.server.desk_client import Desk, words

WHY = "当日该患者外出检查，见所附登记。"


@pytest.fixture(scope="module")
def told(scene: Scene) -> list[str]:
    """Sanctions that the party was told of."""
    made = []
    for _ in range(2):
        case = scene.case()
        scene.notice(case)
        made.append(scene.sanction(case))
    return made


@pytest.fixture(scope="module")
def put(scene: Scene, told: list[str]) -> list[str]:
    """Findings that lie before the party; the cases were made before, while the record was open."""
    return scene.put(4)


def named(file: Sealed, **other: Any) -> dict[str, Any]:
    """Return a file as a writing names it."""
    told = file.announced(0, **other)
    del told["version"]
    return told


def arrived(scene: Scene, own: Desk) -> dict[str, Any]:
    """Return a file that was sent, as a writing names it."""
    file = sealed(scene)
    upload(own, file)
    return named(file)


def version(scene: Scene, record: str) -> int:
    return scene.world.record(record).version


def stated(scene: Scene, own: Desk, finding: str, file: dict[str, Any]) -> Any:
    """Dispute a finding with a file; return the answer."""
    body = {"version": version(scene, finding), "kind": "disputes", "words": WHY, "files": [file]}
    return own.send(f"/api/portal/findings/{finding}/statement", body)


def looked_at(scene: Scene, record: str) -> list[str]:
    """Return who opened a file of a record, as the access log has it."""
    services = scene.world.services
    with services.database.reading() as connection:
        return [
            row.user
            for row in connection.execute(select(LOG).where(LOG.c.record == record).order_by(LOG.c.at))
        ]


def test_a_statement_with_a_file_is_read_by_whoever_decides_and_each_look_is_logged(
    scene: Scene, own: Desk, other: Desk, put: list[str]
):
    finding, file = put.pop(), arrived(scene, own)
    done = stated(scene, own, finding, file)
    assert done.status_code == 200, done.text
    shown = done.json["files"][0]
    assert (shown["digest"], shown["size"]) == (file["digest"], len(PICTURE))
    tail = f"statement/{shown['record']}"
    assert own.get(f"/portal/files/{tail}/{file['digest']}").data == PICTURE
    assert own.get(f"/api/portal/files/{tail}/{file['digest']}").data == PICTURE
    desk = Desk(scene.world, "supervisor")
    path = f"/handed-in/{tail}/files/{file['digest']}"
    assert path in desk.get(f"/findings/{finding}").text
    for each in (path, f"/api{path}"):
        answer = desk.get(each)
        assert answer.data == PICTURE
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert Desk(scene.world, "neighbour").get(each).status_code == 404
        assert other.get(each).status_code in (403, 404)
        assert desk.get(each[:-1] + "z").status_code == 404
    assert looked_at(scene, shown["record"]) == [scene.world.users["supervisor"]] * 2


def test_the_form_carries_a_file_and_keeps_it_where_something_does_not_fit(
    scene: Scene, own: Desk, put: list[str]
):
    finding, file = put.pop(), arrived(scene, own)
    path, typed = f"/portal/findings/{finding}", {"version": version(scene, finding), "kind": "disputes"}
    refused = own.post(path, **typed, words=" ", file=json.dumps(file))
    assert refused.status_code == 422
    assert file["cipher_digest"] in refused.text
    assert own.post(path, **typed, words=WHY, file=json.dumps(file)).status_code == 303
    assert "/portal/files/statement/" in own.get(path).text


@pytest.mark.parametrize("value", ["", "{}", "[]", "null", "{" * 900, "x" * 2_000, '{"digest": 1}'])
def test_what_names_no_file_is_refused(scene: Scene, own: Desk, put: list[str], value: str):
    typed = {"version": version(scene, put[0]), "kind": "agrees", "file": value}
    refused = own.post(f"/portal/findings/{put[0]}", **typed)
    assert refused.status_code in (400, 422)
    assert scene.world.record(put[0]).stage == "proposed"


def test_a_statement_names_whole_files_or_is_not_taken(scene: Scene, own: Desk, put: list[str]):
    finding, file = put[0], sealed(scene)
    assert stated(scene, own, finding, named(file)).status_code == 404, "before it has arrived"
    upload(own, file)
    for wrong, code in (
        ({"digest": "0" * 64}, "file_corrupt"),
        ({"file_key": lines.b64u(bytes(32))}, "file_corrupt"),
        ({"media_type": "image/png"}, "unsupported_type"),
    ):
        assert stated(scene, own, finding, named(file, **wrong)).json["code"] == code
    assert scene.world.record(finding).stage == "proposed"


def test_more_files_than_there_may_be_are_refused(scene: Scene, own: Desk, put: list[str]):
    file = arrived(scene, own)
    body = {"version": version(scene, put[0]), "kind": "agrees", "files": [file] * 21}
    assert own.send(f"/api/portal/findings/{put[0]}/statement", body).status_code == 400


def test_an_appeal_with_a_file_is_read_by_whoever_decides(
    scene: Scene, own: Desk, other: Desk, told: list[str]
):
    sanction, file = told.pop(), arrived(scene, own)
    body = {"kind": "statement_of_defence", "reasons": WHY, "files": [file]}
    done = own.send(f"/api/portal/sanctions/{sanction}/appeal", body)
    assert done.status_code == 200, done.text
    appeal = done.json["sanction"]["appeals"][0]["id"]
    mine, theirs = f"/portal/files/appeal/{appeal}/{file['digest']}", f"/handed-in/appeal/{appeal}/files"
    assert mine in own.get(f"/portal/sanctions/{sanction}").text
    assert own.get(mine).data == PICTURE
    for path in (mine, f"/api{mine}"):
        assert other.get(path).status_code == 404
        assert Desk(scene.world, "supervisor").get(path).status_code == 403
    desk = Desk(scene.world, "supervisor")
    assert theirs in desk.get(f"/appeals/{appeal}").text
    assert desk.get(f"{theirs}/{file['digest']}").data == PICTURE
    assert looked_at(scene, appeal) == [scene.world.users["supervisor"]]


def test_the_form_of_an_appeal_keeps_its_files_where_something_does_not_fit(
    scene: Scene, own: Desk, told: list[str]
):
    sanction, file = told.pop(), arrived(scene, own)
    path = f"/portal/sanctions/{sanction}/appeal"
    refused = own.post(path, kind="lawsuit", reasons=WHY, file=json.dumps(file))
    assert refused.status_code == 422
    assert file["cipher_digest"] in refused.text
    assert own.post(path, kind="hearing", reasons=WHY, file=json.dumps(file)).status_code == 303
    assert "文件 1" in words(own.get(f"/portal/sanctions/{sanction}"))


def test_only_statements_and_appeals_are_opened_here(scene: Scene, own: Desk):
    case = scene.world.hospital
    for path in (f"/portal/files/sanction/{case}/{'0' * 64}", f"/api/portal/files/user/{case}/{'0' * 64}"):
        assert own.get(path).status_code == 404
    desk = Desk(scene.world, "supervisor")
    assert desk.get(f"/handed-in/evidence/{case}/files/{'0' * 64}").status_code == 404
