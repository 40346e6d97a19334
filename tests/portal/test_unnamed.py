"""What was sent from the portal and named nowhere goes after a named age; what is named, or a phone's, stays."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from server.intake import unnamed, uploads
from server.storage import file_store
from tests.portal.scene import Scene, stage
from tests.portal.test_handed_files import named
from tests.portal.test_reporting import PICTURE, create, sealed, upload
from tests.server.builders import install
from tests.server.desk_client import Desk
from tests.server.world import build

DAYS = uploads.EXPIRES_DAYS


@pytest.fixture
def scene(tmp_path: Path) -> Iterator[Scene]:
    """Two institutions of this test's own: its clock runs far ahead."""
    made = stage(build(install(tmp_path, f"sqlite:///{tmp_path / 'portal.sqlite'}")))
    yield made
    made.world.services.engine.dispose()


def pass_days(scene: Scene, days: int) -> None:
    scene.world.installation.clock.advance(days=days, seconds=1)


def swept(scene: Scene) -> int:
    """Sweep as the scheduler does; return how many files were dropped."""
    uploads.sweep(scene.world.services)
    return unnamed.sweep(scene.world.services)


def has(scene: Scene, file: dict[str, Any]) -> bool:
    return scene.world.services.files.has(file["cipher_digest"])


def signed_in(scene: Scene) -> Desk:
    """Return the browser of the hospital's user, who signs in anew: days have gone by."""
    return Desk(scene.world, "portal")


def test_a_file_that_no_writing_names_goes_a_day_after_its_upload_is_over(scene: Scene):
    sent = sealed(scene)
    upload(signed_in(scene), sent)
    file = named(sent)
    pass_days(scene, DAYS - 1)
    assert (swept(scene), has(scene, file)) == (0, True)
    pass_days(scene, 1)
    assert (swept(scene), has(scene, file)) == (0, True), "given up, not dropped yet"
    pass_days(scene, 1)
    assert (swept(scene), has(scene, file)) == (1, False)
    assert swept(scene) == 0
    upload(signed_in(scene), sent)
    assert has(scene, file), "it can come anew"


def test_a_file_that_a_statement_names_stays(scene: Scene):
    (finding,) = scene.put(1)
    own, sent = signed_in(scene), sealed(scene)
    upload(own, sent)
    body = {"version": scene.world.record(finding).version, "kind": "agrees", "files": [named(sent)]}
    done = own.send(f"/api/portal/findings/{finding}/statement", body)
    assert done.status_code == 200, done.text
    record = done.json["files"][0]["record"]
    for _ in range(3):
        pass_days(scene, DAYS)
        assert swept(scene) == 0
    path = f"/portal/files/statement/{record}/{named(sent)['digest']}"
    assert signed_in(scene).get(path).data == PICTURE


def test_what_was_given_up_cannot_be_named_until_it_is_sent_again(scene: Scene):
    (finding,) = scene.put(1)
    sent = sealed(scene)
    upload(signed_in(scene), sent)
    pass_days(scene, DAYS)
    swept(scene)
    own = signed_in(scene)
    body = {"version": scene.world.record(finding).version, "kind": "agrees", "files": [named(sent)]}
    assert own.send(f"/api/portal/findings/{finding}/statement", body).status_code == 404
    assert create(own, sent).headers["Upload-Offset"] == str(len(sent.cipher)), "all of it is there still"
    assert own.send(f"/api/portal/findings/{finding}/statement", body).status_code == 200
    pass_days(scene, 2 * DAYS)
    assert (swept(scene), has(scene, named(sent))) == (0, True)


def test_a_file_that_a_phone_sent_too_is_never_dropped_here(scene: Scene):
    sent = sealed(scene)
    upload(signed_in(scene), sent)
    services, digest = scene.world.services, named(sent)["cipher_digest"]
    until = services.now_ms() + DAYS * uploads.DAY_MS
    phone = file_store.Upload("a" * 64, scene.world.hospital, digest, len(sent.cipher), until)
    with services.database.writing(services.ledger.id) as connection:
        file_store.create(connection, services.ledger.id, phone)
    pass_days(scene, DAYS)
    swept(scene)
    pass_days(scene, 2)
    assert (swept(scene), services.files.has(digest)) == (0, True)


def test_a_report_keeps_what_it_names_and_not_what_was_refused(scene: Scene):
    case = scene.case()
    scene.notice(case)
    own = signed_in(scene)
    report = own.send(f"/api/portal/cases/{case}/report", None).json
    kept, refused = sealed(scene), sealed(scene, PICTURE + b"other")
    path = f"/api/portal/reports/{report['report']['id']}/files"
    for sent in (kept, refused):
        upload(own, sent)
    assert own.send(path, kept.announced(report["version"])).status_code == 200
    assert own.send(path, refused.announced(report["version"])).json["code"] == "version_changed"
    pass_days(scene, DAYS)
    swept(scene)
    pass_days(scene, 2)
    assert swept(scene) == 1
    assert (has(scene, named(kept)), has(scene, named(refused))) == (True, False)
