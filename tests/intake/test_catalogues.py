"""Phones fetch by digest what their inspections name: nothing else, nobody else, and the same bytes for ever."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from sqlalchemy import text

from schemas.catalogues import content, shipped
from schemas.drafting import Draft
from server.commit.acts import act
from tests.catalogues.bureau import LOCAL_CHECKLIST, Bureau, found_bureau
from tests.intake.caller import Caller, caller
from tests.server.builders import Installation
from tests.server.phones import user

HOSPITALS = shipped.named("checklist-hospital-2026.11").digest
PHARMACIES = shipped.named("checklist-pharmacy-2026.11").digest


@pytest.fixture
def bureau(installation: Installation) -> Bureau:
    """A bureau with an approved inspection of a hospital."""
    made = found_bureau(installation)
    made.plan(approved=True)
    return made


@pytest.fixture
def phone(bureau: Bureau) -> Caller:
    """The member's phone."""
    return caller(bureau.installation, bureau.member)


def path_of(digest: str) -> str:
    return f"/v1/catalogues/{digest}"


def test_what_an_inspection_names_is_answered_as_the_bytes_that_the_digest_names(
    bureau: Bureau, phone: Caller
):
    for name in ("checklist-hospital-2026.11", "violations-2026.11"):
        digest = shipped.named(name).digest
        answer = phone.ask("GET", path_of(digest))
        assert answer.status_code == 200
        assert answer.content_type == content.MEDIA_TYPE
        assert hashlib.sha256(answer.data).hexdigest() == digest
        assert content.read(answer.data, digest).header["rows"] == len(shipped.named(name).rows)


def test_a_content_may_be_kept_for_ever_and_is_not_sent_twice(bureau: Bureau, phone: Caller):
    first = phone.ask("GET", path_of(HOSPITALS))
    assert first.headers["Cache-Control"] == "private, max-age=31536000, immutable"
    assert first.headers["ETag"] == f'"{HOSPITALS}"'
    again = phone.ask("GET", path_of(HOSPITALS), headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


@pytest.mark.parametrize("digest", [PHARMACIES, "0" * 64, "nonsense", HOSPITALS.upper()])
def test_what_no_inspection_of_the_user_names_is_not_found_and_that_is_not_kept(
    bureau: Bureau, phone: Caller, digest: str
):
    answer = phone.ask("GET", path_of(digest))
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")
    assert answer.headers["Cache-Control"] == "no-store"


def test_an_inspection_of_another_city_s_team_shows_nothing(bureau: Bureau, tmp_path: Path):
    local = bureau.bring(tmp_path, LOCAL_CHECKLIST)
    bureau.plan(approved=True)
    stranger = caller(bureau.installation, user(bureau.services, "stranger", "inspector", "340102"))
    supervisor = caller(bureau.installation, user(bureau.services, "elsewhere", "supervisor", "340102"))
    for phone in (stranger, supervisor):
        assert phone.ask("GET", path_of(local.digest)).status_code == 404
    own = caller(bureau.installation, bureau.supervisor)
    assert own.ask("GET", path_of(local.digest)).status_code == 200


def test_what_an_inspection_named_before_its_approval_is_no_longer_shown(
    bureau: Bureau, phone: Caller, tmp_path: Path
):
    inspection = bureau.plan(bureau.pharmacy)
    assert phone.ask("GET", path_of(PHARMACIES)).status_code == 200
    local = bureau.bring(tmp_path, LOCAL_CHECKLIST, institution_kinds=["pharmacy"])
    bureau.approve(inspection)
    assert phone.ask("GET", path_of(local.digest)).status_code == 200
    assert phone.ask("GET", path_of(PHARMACIES)).status_code == 404


def test_whoever_leaves_the_team_is_shown_nothing_more(bureau: Bureau, phone: Caller):
    inspection = bureau.plan(bureau.pharmacy, approved=True)
    assert phone.ask("GET", path_of(PHARMACIES)).status_code == 200
    leaving = Draft("edit", "inspection", inspection, {}, remove={"members": [bureau.member]})
    act(bureau.services, [leaving], user=bureau.supervisor)
    assert phone.ask("GET", path_of(PHARMACIES)).status_code == 404


def test_an_unsigned_request_is_refused(bureau: Bureau):
    answer = bureau.installation.app.test_client().get(path_of(HOSPITALS))
    assert (answer.status_code, answer.get_json()["code"]) == (401, "sign_in_required")
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_revoked_phone_is_refused(bureau: Bureau, phone: Caller):
    act(
        bureau.services,
        [Draft("edit", "device", phone.id, {"stage": {"from": "enrolled", "to": "revoked"}})],
        kind="device",
    )
    answer = phone.ask("GET", path_of(HOSPITALS))
    assert (answer.status_code, answer.get_json()["code"]) == (403, "device_revoked")


def test_bytes_that_were_tampered_with_are_never_served(bureau: Bureau, phone: Caller):
    services = bureau.services
    with services.engine.begin() as connection:
        on = "" if connection.dialect.name == "sqlite" else " ON catalogue_line"
        connection.execute(text(f"DROP TRIGGER catalogue_line_no_update{on}"))
        spoilt = text("UPDATE catalogue_line SET line = :line WHERE digest = :digest AND n = 1")
        connection.execute(spoilt, {"line": b'{"code":"H01","required":false,"zh":"x"}', "digest": HOSPITALS})
    answer = phone.ask("GET", path_of(HOSPITALS))
    assert (answer.status_code, answer.get_json()["code"]) == (409, "file_corrupt")
    assert answer.headers["Cache-Control"] == "no-store"
