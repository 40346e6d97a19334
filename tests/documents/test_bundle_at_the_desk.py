"""A bundle is taken away at the desk and by programs: by whose right, with what, and never unnoticed."""

from __future__ import annotations

import base64
import hashlib
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.accounts import access_log
from server.casework import desk as casework
from server.casework.confirm import Confirmation
from server.console import bundle_answer
from server.documents import bundle_contents, verify_bundle
from server.storage import access_store
from tests.security.access.people import let_in
from tests.server.builders import install
from tests.server.desk_client import Desk, words
from tests.server.world import World, build

KINDS = ("case", "inspection", "institution")


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world with people of every role."""
    home = tmp_path_factory.mktemp("taken")
    made = build(install(home, f"sqlite:///{home / 'taken.sqlite'}"))
    let_in(made)
    yield made
    made.services.engine.dispose()


@pytest.fixture(scope="module")
def about(world: World) -> dict[str, str]:
    """Return what a bundle can be about, by kind; the finding became a case."""
    wanted = Confirmation(world.record(world.finding).version, world.services.today(), 15)
    done = casework.confirm_finding(world.services, world.users["supervisor"], world.finding, wanted)
    case = next(each.id for each in done.records.values() if each.type == "rectification_case")
    return {"case": case, "inspection": world.inspection, "institution": world.hospital}


def private_names(raw: bytes) -> list[str]:
    """Return the files of a bundle that only some may take."""
    names = zipfile.ZipFile(io.BytesIO(raw)).namelist()
    return [name for name in names if name.startswith("files/") or name.endswith(".private")]


def noted(world: World, act: str) -> list[tuple[str, str | None]]:
    """Return (user, record) of every line of an act in the access log."""
    with world.services.database.reading() as connection:
        rows = connection.execute(access_store.TABLE.select().where(access_store.TABLE.c.act == act)).all()
    return [(row.user, row.record) for row in rows]


@pytest.mark.parametrize("kind", KINDS)
def test_it_is_saved_whole_proven_by_its_own_check_and_has_no_private_line(
    world: World, about: dict[str, str], tmp_path: Path, kind: str
):
    answer = Desk(world, "supervisor").get(f"/bundles/{kind}/{about[kind]}.zip")
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert answer.headers["Content-Disposition"].startswith("attachment;")
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    said = base64.b64encode(hashlib.sha256(answer.data).digest()).decode()
    assert answer.headers["Repr-Digest"] == f"sha-256=:{said}:"
    place = tmp_path / "taken.zip"
    place.write_bytes(answer.data)
    assert [check for check in verify_bundle.check_bundle(place) if not check.ok] == []
    assert private_names(answer.data) == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_supervisor_takes_private_lines_and_originals_along_by_a_form(
    world: World, about: dict[str, str], kind: str
):
    supervisor = Desk(world, "supervisor")
    answer = supervisor.post(f"/bundles/{kind}/{about[kind]}.zip")
    assert answer.status_code == 200, answer.text
    assert {name.partition("/")[0] for name in private_names(answer.data)} == {"entries", "files"}
    assert supervisor.client.post(f"/bundles/{kind}/{about[kind]}.zip").status_code == 400, (
        "no token, no bundle"
    )


@pytest.mark.parametrize("login", ["auditor", "second", "legal"])
def test_who_only_looks_on_takes_it_without_private_lines_alone(
    world: World, about: dict[str, str], login: str
):
    reader = Desk(world, login)
    path = f"/bundles/case/{about['case']}.zip"
    assert private_names(reader.get(path).data) == []
    refused = reader.post(path)
    assert refused.status_code == 403
    assert not refused.data.startswith(b"PK")
    assert reader.send(f"/api/bundles/case/{about['case']}", {}).json["code"] == "not_allowed"


def test_outside_his_region_there_is_none_and_before_signing_in_neither(world: World, about: dict[str, str]):
    for kind, record in about.items():
        assert Desk(world, "neighbour").get(f"/bundles/{kind}/{record}.zip").status_code == 404
        assert Desk(world, "neighbour").post(f"/bundles/{kind}/{record}.zip").status_code == 404
        assert Desk(world).get(f"/api/bundles/{kind}/{record}").status_code == 401
    supervisor = Desk(world, "supervisor")
    assert supervisor.get(f"/api/bundles/inspection/{about['case']}").status_code == 404
    assert supervisor.get(f"/api/bundles/secret/{about['case']}").json["field"] == "kind"


@pytest.mark.parametrize(
    ("method", "act"), [("GET", access_log.EXPORT_BUNDLE), ("POST", access_log.EXPORT_PRIVATE)]
)
def test_programs_get_the_same_bytes_and_each_taking_is_a_line_of_its_own(
    world: World, about: dict[str, str], method: str, act: str
):
    supervisor, kind = Desk(world, "supervisor"), "inspection"
    before = len(noted(world, act))
    page = f"/bundles/{kind}/{about[kind]}.zip"
    shown = supervisor.get(page) if method == "GET" else supervisor.post(page)
    told = supervisor.client.open(
        f"/api/bundles/{kind}/{about[kind]}", method=method, headers={"X-CSRFToken": supervisor.token()}
    )
    assert told.data == shown.data
    assert noted(world, act)[before:] == [(world.users["supervisor"], about[kind])] * 2


def test_what_is_refused_is_no_line_of_the_log(world: World, about: dict[str, str]):
    before = noted(world, access_log.EXPORT_PRIVATE)
    assert Desk(world, "auditor").post(f"/bundles/case/{about['case']}.zip").status_code == 403
    assert noted(world, access_log.EXPORT_PRIVATE) == before


def test_the_log_names_each_taking_in_words(world: World, about: dict[str, str]):
    Desk(world, "supervisor").post(f"/bundles/case/{about['case']}.zip")
    shown = words(Desk(world, "auditor").get("/access-log", act="export_private_bundle"))
    assert "导出证据包（含个人信息和原件）" in shown
    assert "export_private_bundle" not in shown.replace("value=", "")


def test_a_covert_visit_is_in_no_bundle_of_who_must_not_see_it(world: World, about: dict[str, str]):
    values = {
        "institution": world.hospital,
        "kind": "unannounced_check",
        "mode": "covert",
        "planned_on": "2026-12-01",
        "lead": world.users["lead"],
    }
    covert = world.make("inspection", values, by="supervisor", members=[world.users["lead"]])
    path = f"/bundles/institution/{about['institution']}.zip"

    def named(login: str) -> bool:
        archive = zipfile.ZipFile(io.BytesIO(Desk(world, login).get(path).data))
        return any(covert.encode() in archive.read(name) for name in archive.namelist())

    assert named("supervisor")
    assert not named("leader")


def test_while_others_are_made_it_says_so_and_when_to_ask_again(world: World, about: dict[str, str]):
    supervisor, path = Desk(world, "supervisor"), f"/api/bundles/case/{about['case']}"
    for _ in range(bundle_answer.AT_ONCE):
        assert bundle_answer._seats.acquire(blocking=False)
    try:
        refused = supervisor.get(path)
    finally:
        for _ in range(bundle_answer.AT_ONCE):
            bundle_answer._seats.release()
    assert (refused.status_code, refused.json["code"]) == (503, "busy")
    assert int(refused.headers["Retry-After"]) == bundle_answer.RETRY_SECONDS
    assert supervisor.get(path).status_code == 200, "a seat that was given back serves the next"


def test_originals_beyond_the_limit_are_refused_and_the_rest_is_not(
    world: World, about: dict[str, str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(bundle_contents, "ORIGINAL_BYTES_MAX", 10)
    supervisor, path = Desk(world, "supervisor"), f"/api/bundles/case/{about['case']}"
    refused = supervisor.send(path, {})
    assert (refused.status_code, refused.json["code"]) == (413, "too_large")
    assert supervisor.get(path).status_code == 200


@pytest.mark.parametrize(
    ("login", "public", "private"),
    [("supervisor", True, True), ("leader", True, True), ("auditor", True, False)],
)
def test_pages_offer_what_their_reader_may_take(
    world: World, about: dict[str, str], login: str, public: bool, private: bool
):
    reader = Desk(world, login)
    for kind, page in (("case", "cases"), ("inspection", "inspections"), ("institution", "institutions")):
        shown = words(reader.get(f"/{page}/{about[kind]}"))
        assert ("下载证据包（不含个人信息）" in shown) is public
        assert ("下载证据包（含个人信息和原件）" in shown) is private
