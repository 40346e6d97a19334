"""A report: answered finding by finding, proven by checked files, handed in, returned, written again."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import select

from schemas.drafting import Draft
from server.storage.access_store import TABLE as LOG
from sync import frames, lines
from tests.portal.scene import Scene
from tests.server.desk_client import Desk, words

PICTURE = b"\xff\xd8\xff\xe0" + b"proof" * 400
TUS = {"Tus-Resumable": "1.0.0"}


@dataclass
class Sealed:
    """A file as the browser seals it."""

    plain: bytes
    key: bytes
    cipher: bytes

    def announced(self, version: int, **other: Any) -> dict[str, Any]:
        """Return what names the file to a report."""
        return {
            "version": version,
            "digest": hashlib.sha256(self.plain).hexdigest(),
            "size": len(self.plain),
            "media_type": "image/jpeg",
            "cipher_digest": hashlib.sha256(self.cipher).hexdigest(),
            "cipher_size": len(self.cipher),
            "file_key": lines.b64u(self.key),
            **other,
        }


def sealed(scene: Scene, plain: bytes = PICTURE) -> Sealed:
    """Return a file under a key of its own."""
    key = scene.world.services.random(frames.KEY_BYTES)
    prefix = scene.world.services.random(frames.PREFIX_BYTES)
    return Sealed(plain, key, b"".join(frames.encrypt([plain], key, prefix)))


def create(desk: Desk, file: Sealed, **other: str) -> Any:
    """Ask for an upload."""
    digest = base64.b64encode(hashlib.sha256(file.cipher).hexdigest().encode()).decode()
    headers = {
        "X-CSRFToken": desk.token(),
        "Upload-Length": str(len(file.cipher)),
        "Upload-Metadata": f"digest {digest}",
        **TUS,
        **other,
    }
    return desk.client.post("/api/files", headers=headers)


def upload(desk: Desk, file: Sealed) -> None:
    """Send a file in two parts, as after a break."""
    address, half = create(desk, file).headers["Location"], len(file.cipher) // 2
    for at, part in ((0, file.cipher[:half]), (half, file.cipher[half:])):
        assert desk.client.head(address, headers=TUS).headers["Upload-Offset"] == str(at)
        headers = {**TUS, "Upload-Offset": str(at), "Content-Type": "application/offset+octet-stream"}
        assert desk.client.patch(address, headers=headers, data=part).status_code == 204


def begun(scene: Scene, own: Desk) -> tuple[str, dict[str, Any]]:
    """Return a case and the report that was begun for it, as JSON."""
    case = scene.case()
    scene.notice(case)
    return case, own.send(f"/api/portal/cases/{case}/report", None).json


def answer(report: dict[str, Any], **other: Any) -> dict[str, Any]:
    """Return an answer to the report's one finding."""
    finding = report["answers"][0]["finding"]["id"]
    return {
        "finding": finding,
        "measure": "planned",
        "words": "已制定整改计划。",
        "done_on": "2026-12-01",
        **other,
    }


def answered(own: Desk, report: dict[str, Any], **other: Any) -> dict[str, Any]:
    """Answer the report's one finding; return the report then."""
    path = f"/api/portal/reports/{report['report']['id']}/answers"
    done = own.send(path, {"version": report["version"], "answers": [answer(report, **other)]})
    assert done.status_code == 200, done.text
    return dict(done.json)


def stage(scene: Scene, record: str) -> str:
    return str(scene.world.record(record).stage)


def test_a_report_is_answered_proven_and_handed_in(scene: Scene, own: Desk):
    case, report = begun(scene, own)
    key, file = report["report"]["id"], sealed(scene)
    upload(own, file)
    done = own.send(f"/api/portal/reports/{key}/files", file.announced(report["version"]))
    assert done.status_code == 200, done.text
    digest = hashlib.sha256(PICTURE).hexdigest()
    report = answered(own, done.json, measure="corrected", done_on="2026-11-17", proof=[digest])
    assert report["missing"] == 0
    assert own.get(f"/portal/reports/{key}/files/{digest}").data == PICTURE
    done = own.send(f"/api/portal/reports/{key}/submit", {"version": report["version"]})
    assert done.status_code == 200, done.text
    assert (stage(scene, key), stage(scene, case)) == ("submitted", "report_submitted")
    assert scene.world.record(key).created_by == scene.world.users["portal"]


def test_the_form_saves_what_fits_and_keeps_what_was_typed_where_something_does_not(scene: Scene, own: Desk):
    case, report = begun(scene, own)
    key, finding = report["report"]["id"], report["answers"][0]["finding"]["id"]
    assert own.post(f"/portal/cases/{case}/report").location == f"/portal/reports/{key}"
    typed = {
        f"measure-{finding}": "corrected",
        f"words-{finding}": "已退回费用。",
        f"done_on-{finding}": "2026-11-17",
    }
    refused = own.post(f"/portal/reports/{key}", version=report["version"], **typed)
    assert refused.status_code == 422
    assert "已退回费用。" in words(refused)
    assert "佐证" in words(refused)
    typed |= {f"measure-{finding}": "disputed"}
    saved = own.post(f"/portal/reports/{key}", version=report["version"], **typed)
    assert saved.status_code == 303, words(saved)
    assert "已退回费用。" in words(own.get(f"/portal/reports/{key}"))
    late = own.post(
        f"/portal/reports/{key}", version=report["version"], **{**typed, f"words-{finding}": "改写"}
    )
    assert late.status_code == 422
    assert "改写" in words(late)


def test_the_form_hands_in(scene: Scene, own: Desk):
    case, report = begun(scene, own)
    key, finding = report["report"]["id"], report["answers"][0]["finding"]["id"]
    typed = {f"measure-{finding}": "disputed", f"words-{finding}": "有异议。", "act": "submit"}
    done = own.post(f"/portal/reports/{key}", version=report["version"], **typed)
    assert done.location == f"/portal/cases/{case}"
    assert stage(scene, case) == "report_submitted"


def test_a_report_with_an_unanswered_finding_is_not_handed_in(scene: Scene, own: Desk):
    case, report = begun(scene, own)
    key = report["report"]["id"]
    refused = own.send(f"/api/portal/reports/{key}/submit", {"version": report["version"]})
    assert (refused.status_code, refused.json["field"]) == (400, "answers")
    assert own.post(f"/portal/reports/{key}", version=report["version"], act="submit").status_code == 422
    assert stage(scene, case) == "notified"


@pytest.mark.parametrize(
    ("other", "field"),
    [
        ({"measure": "corrected", "done_on": "2026-11-17"}, "proof"),
        ({"measure": "corrected", "done_on": "2030-01-01", "proof": ["0" * 64]}, "done_on"),
        ({"done_on": "2020-01-01"}, "done_on"),
        ({"words": "   "}, "words"),
        ({"proof": ["0" * 64]}, "proof"),
    ],
)
def test_an_answer_that_cannot_be_is_refused_by_its_field(
    scene: Scene, own: Desk, other: dict[str, Any], field: str
):
    _, report = begun(scene, own)
    path = f"/api/portal/reports/{report['report']['id']}/answers"
    refused = own.send(path, {"version": report["version"], "answers": [answer(report, **other)]})
    assert (refused.status_code, refused.json["field"]) == (400, field)


def test_an_answer_takes_the_place_of_the_one_before(scene: Scene, own: Desk):
    _, report = begun(scene, own)
    report = answered(own, report)
    report = answered(own, report, words="计划已调整。")
    assert [one["words"] for one in scene.world.record(report["report"]["id"]).values["answers"]] == [
        "计划已调整。"
    ]


def test_a_file_that_is_another_than_announced_is_refused(scene: Scene, own: Desk):
    _, report = begun(scene, own)
    path, file = f"/api/portal/reports/{report['report']['id']}/files", sealed(scene, PICTURE + b"other")
    told = file.announced(report["version"])
    assert own.send(path, told).status_code == 404, "before it has arrived"
    upload(own, file)
    for wrong in ({"digest": "0" * 64}, {"size": 7}):
        assert own.send(path, {**told, **wrong}).json["code"] == "file_corrupt"
    assert own.send(path, {**told, "file_key": lines.b64u(bytes(32))}).json["code"] == "file_corrupt"
    assert own.send(path, {**told, "media_type": "image/png"}).json["code"] == "unsupported_type"
    assert own.send(path, told).status_code == 200


def test_a_file_that_is_too_large_is_not_begun(scene: Scene, own: Desk):
    answer = create(own, sealed(scene), **{"Upload-Length": str(30 * 1024 * 1024)})
    assert answer.status_code == 413


def test_only_an_institutions_user_uploads_here(scene: Scene):
    for login in ("supervisor", "lead"):
        assert create(Desk(scene.world, login), sealed(scene)).status_code == 403
    assert create(Desk(scene.world), sealed(scene)).status_code == 401


def test_another_institution_reaches_nothing_of_a_report(scene: Scene, own: Desk, other: Desk):
    case, report = begun(scene, own)
    key, file = report["report"]["id"], sealed(scene)
    upload(own, file)
    told = file.announced(report["version"])
    assert other.send(f"/api/portal/reports/{key}/files", told).status_code == 404
    assert own.send(f"/api/portal/reports/{key}/files", told).status_code == 200
    digest, version = told["digest"], scene.world.record(key).version
    answers = {"version": version, "answers": [answer(report)]}
    for desk in (other, Desk(scene.world, "supervisor")):
        wanted = 404 if desk is other else 403
        for path in (
            f"/portal/reports/{key}",
            f"/api/portal/reports/{key}",
            f"/portal/reports/{key}/files/{digest}",
            f"/api/portal/reports/{key}/files/{digest}",
        ):
            assert desk.get(path).status_code == wanted, path
        assert desk.post(f"/portal/cases/{case}/report").status_code == wanted
        assert desk.send(f"/api/portal/cases/{case}/report", None).status_code == wanted
        assert desk.post(f"/portal/reports/{key}", version=version).status_code == wanted
        assert desk.send(f"/api/portal/reports/{key}/answers", answers).status_code == wanted
        assert desk.send(f"/api/portal/reports/{key}/submit", {"version": version}).status_code == wanted
    assert scene.world.record(key).version == version


def test_a_returned_report_is_seen_with_its_reason_and_the_next_one_begins(scene: Scene, own: Desk):
    case, report = begun(scene, own)
    key = report["report"]["id"]
    report = answered(own, report)
    own.send(f"/api/portal/reports/{key}/submit", {"version": report["version"]})
    assert own.send(f"/api/portal/cases/{case}/report", None).json["code"] == "bad_transition"
    checks = [{"finding": report["answers"][0]["finding"]["id"], "verdict": "not_met", "words": "内部意见"}]
    back = {"stage": {"from": "submitted", "to": "returned"}, "return_reason": "缺少退款凭证。"}
    scene.world.move("rectification_case", case, "report_submitted", "verifying", by="supervisor")
    scene.world.act(Draft("edit", "rectification_report", key, {}, add={"checks": checks}), by="supervisor")
    scene.world.act(Draft("edit", "rectification_report", key, back), by="supervisor")
    scene.world.move("rectification_case", case, "verifying", "returned", "rectifying", by="supervisor")
    told = words(own.get(f"/portal/reports/{key}"))
    assert "缺少退款凭证。" in told
    assert "内部意见" not in told
    second = own.send(f"/api/portal/cases/{case}/report", None).json
    assert second["report"]["round"] == 2
    assert second["returned_before"] == "缺少退款凭证。"


def test_who_verifies_sees_the_proof_and_the_look_is_logged(scene: Scene, own: Desk):
    _, report = begun(scene, own)
    key, file = report["report"]["id"], sealed(scene)
    upload(own, file)
    told = file.announced(report["version"])
    assert own.send(f"/api/portal/reports/{key}/files", told).status_code == 200
    paths = [
        f"/{room}/{key}/files/{told['digest']}" for room in ("cases/reports", "api/rectification-reports")
    ]
    for path in paths:
        answer = Desk(scene.world, "supervisor").get(path)
        assert answer.data == PICTURE
        assert "sandbox" in answer.headers["Content-Security-Policy"]
        assert Desk(scene.world, "neighbour").get(path).status_code == 404
        assert Desk(scene.world, "supervisor").get(path[:-1] + "z").status_code == 404
    services = scene.world.services
    with services.database.reading() as connection:
        rows = connection.execute(select(LOG).where(LOG.c.record == key)).all()
    assert [row.user for row in rows] == [scene.world.users["supervisor"]] * 2
