"""Phones at the desk: how they keep up, letting one in by a code, shutting one out, and what was on a lost one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from mobile_stub.fleet import HARDNESS, PIN
from mobile_stub.phone import Phone
from schemas.records.device import REASONS
from schemas.wire.enrol import read_invite
from server.accounts import users
from server.ledger.audit import audit
from server.storage import device_store
from tests.server.builders import install
from tests.server.desk_client import Desk, words
from tests.server.phones import PhoneClock, client, enrol
from tests.server.world import PASSWORD, World, build


@pytest.fixture(scope="module", autouse=True)
def keeper(world: World) -> None:
    """Let an administrator of the county and one of another county in."""
    for login, region in (("keeper", "341502"), ("far", "341503")):
        new = users.check(login=login, name=f"测试{login}", roles=("admin",), region=region)
        world.users[login], _ = users.enlist(world.services, new, PASSWORD)


@pytest.fixture
def desk(world: World) -> Desk:
    """The county's administrator, signed in."""
    return Desk(world, "keeper")


@pytest.fixture
def phone(world: World, tmp_path: Path) -> Iterator[Phone]:
    """The member's phone, synced."""
    made = enrol(world.installation, tmp_path / "phone", world.users["member"])
    assert made.sync().clean
    yield made
    made.close()


def version(world: World, device: str) -> int:
    return world.record(device).version


def stage(world: World, device: str) -> str:
    return str(world.record(device).stage)


# How a phone keeps up


def test_the_list_tells_whose_phone_it_is_and_how_it_keeps_up(world: World, desk: Desk, phone: Phone):
    text = words(desk.get("/devices"))
    assert world.record(world.users["member"]).values["display_name"] in text
    assert "已注册" in text
    one = desk.get(f"/api/devices/{phone.kit.identity.device}").json["row"]
    assert (one["health"]["unsent"], one["health"]["behind"], one["health"]["trouble"]) == (0, 0, [])


def test_a_phone_tells_what_it_could_not_send_and_how_far_it_knows_the_ledger(
    world: World, desk: Desk, phone: Phone, monkeypatch: pytest.MonkeyPatch
):
    finding = phone.write_finding(
        world.inspection, violation_code="bed_hanging", facts="演示", amount_fen=1, origin="on_site"
    )
    real = phone.kit.transport.ask

    def no_push(method: str, path: str, **more):
        if path == "/v1/change-sets":
            from mobile_stub.trouble import Offline

            raise Offline("演示")
        return real(method, path, **more)

    monkeypatch.setattr(phone.kit.transport, "ask", no_push)
    phone.sync()
    health = desk.get(f"/api/devices/{phone.kit.identity.device}").json["row"]["health"]
    assert health["unsent"] == 1
    assert health["receipt_at"] is None
    monkeypatch.undo()
    assert phone.sync().clean
    told = desk.get(f"/api/devices/{phone.kit.identity.device}").json
    assert told["row"]["health"]["unsent"] == 0
    assert told["row"]["health"]["receipt_at"] is not None
    assert told["app_now"].startswith("mobile_stub/")
    assert world.record(finding).created_device == phone.kit.identity.device


def test_a_phone_out_of_touch_for_longer_than_its_lease_is_in_trouble(tmp_path: Path):
    alone = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"))
    made = enrol(alone.installation, tmp_path / "phone", alone.users["member"])
    assert made.sync().clean
    supervisor = Desk(alone, "supervisor")
    assert "超过时限未联系" not in words(supervisor.get("/devices"))
    alone.installation.clock.advance(days=8)
    page = Desk(alone, "supervisor").get("/devices", state="trouble")
    assert "超过时限未联系" in words(page)
    made.close()
    alone.services.engine.dispose()


# Letting in


def invite_of(page: str) -> str:
    found = re.search(r'<pre id="invite-text">([^<]+)</pre>', page)
    assert found, page
    return found[1]


def test_a_code_on_the_screen_lets_a_phone_in_once_and_the_page_learns_of_it(
    world: World, desk: Desk, tmp_path: Path
):
    shown = desk.post("/devices/invites", user=world.users["lead"])
    assert shown.status_code == 201
    assert "<path" in shown.text
    assert "style=" not in shown.text
    ticket = read_invite(invite_of(shown.text))
    fingerprint = " ".join(ticket.ledger[at : at + 4] for at in range(0, 16, 4))
    assert f'<code class="digest">{fingerprint}</code>' in shown.text, "as the phone shows it"
    state = f"/api/devices/invites/{ticket.code_digest}"
    assert desk.get(state).json["state"] == "open"
    clock, http = PhoneClock(world.installation.clock), client(world.installation)
    with Phone.enrol(tmp_path / "new", ticket, PIN, clock=clock, client=http, hardness=HARDNESS) as made:
        device = made.kit.identity.device
    assert desk.get(state).json == {**desk.get(state).json, "state": "used", "device": device}
    assert "手机已登记" in words(desk.get(f"/devices/invites/{ticket.code_digest}"))
    assert stage(world, device) == "enrolled"


def test_a_code_expires(tmp_path: Path):
    alone = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'desk.sqlite'}"))
    new = users.check(login="keeper", name="测试管理", roles=("admin",), region="341502")
    alone.users["keeper"], _ = users.enlist(alone.services, new, PASSWORD)
    desk = Desk(alone, "keeper")
    ticket = read_invite(invite_of(desk.post("/devices/invites", user=alone.users["lead"]).text))
    alone.installation.clock.advance(seconds=15 * 60 + 1)
    assert desk.get(f"/api/devices/invites/{ticket.code_digest}").json["state"] == "expired"
    assert "登记码已过期" in words(desk.get(f"/devices/invites/{ticket.code_digest}"))
    alone.services.engine.dispose()


def test_a_new_phone_takes_the_place_of_a_lost_one_once(
    world: World, desk: Desk, phone: Phone, tmp_path: Path
):
    old, user = phone.kit.identity.device, world.users["member"]
    assert (
        desk.post(
            f"/devices/{old}/lost", version=version(world, old), reason="lost", wipe="after_upload"
        ).status_code
        == 303
    )
    answer = desk.send("/api/devices/invites", {"user": user, "supersedes": old})
    assert answer.status_code == 201
    ticket = read_invite(answer.json["invite"])
    clock, http = PhoneClock(world.installation.clock), client(world.installation)
    with Phone.enrol(tmp_path / "new", ticket, PIN, clock=clock, client=http, hardness=HARDNESS) as made:
        assert world.record(made.kit.identity.device).values["supersedes"] == old
        assert made.kit.identity.device in desk.get(f"/devices/{old}").text
    again = desk.send("/api/devices/invites", {"user": user, "supersedes": old})
    assert (again.status_code, again.json["code"]) == (409, "already_superseded")
    page = desk.post("/devices/invites", user=user, supersedes=old)
    assert page.status_code == 409
    assert "未生成登记码" in words(page)


@pytest.mark.parametrize(
    ("login", "status"), [("supervisor", 403), ("far", 404), ("lead", 404), ("auditor", 403)]
)
def test_nobody_but_an_administrator_of_the_region_lets_phones_in(world: World, login: str, status: int):
    other = Desk(world, login)
    assert other.post("/devices/invites", user=world.users["lead"]).status_code in (403, status)
    assert other.send("/api/devices/invites", {"user": world.users["lead"]}).status_code == status


# Shutting out


def test_a_phone_is_revoked_with_a_reason_by_the_administrators_own_name(
    world: World, desk: Desk, phone: Phone
):
    device = phone.kit.identity.device
    answer = desk.post(f"/devices/{device}/revoke", version=version(world, device), reason="left_service")
    assert answer.status_code == 303
    record = world.record(device)
    assert (record.stage, record.values["reason"]) == ("revoked", "left_service")
    assert record.acts[-1].writer == f"desk:{world.users['keeper']}"
    assert "人员离岗" in words(desk.get(f"/devices/{device}"))
    assert not phone.sync().clean
    assert audit(world.services).ok


def test_without_a_reason_nobody_is_shut_out(world: World, desk: Desk, phone: Phone):
    device = phone.kit.identity.device
    for path in (f"/devices/{device}/revoke", f"/devices/{device}/lost"):
        answer = desk.post(path, version=version(world, device), reason="")
        assert answer.status_code == 400
        assert "请从列表中选择原因" in words(answer)
    assert (
        desk.send(
            f"/api/devices/{device}/revoke", {"reason": "whim", "version": version(world, device)}
        ).status_code
        == 400
    )
    assert stage(world, device) == "enrolled"


def test_a_lost_phone_is_shut_out_and_what_may_be_on_it_is_told_without_a_name(
    world: World, desk: Desk, phone: Phone
):
    device = phone.kit.identity.device
    assert desk.get(f"/api/devices/{device}/loss").status_code == 400, "it is not lost yet"
    answer = desk.post(f"/devices/{device}/lost", version=version(world, device), reason="stolen", wipe="now")
    assert answer.location == f"/devices/{device}/loss"
    text = words(desk.get(answer.location))
    assert "手机上可能存有的内容" in text
    assert "立即擦除" in text
    assert "测试患者" not in text
    told = desk.get(f"/api/devices/{device}/loss").json
    assert (told["stage"], told["wipe"], told["reason"]) == ("lost", "now", "stolen")
    assert told["records"]["inspection"] == 1
    assert phone.sync().wiped


def test_an_administrator_sees_no_case_behind_the_report_and_a_supervisor_does(
    world: World, desk: Desk, phone: Phone
):
    device = phone.kit.identity.device
    desk.post(f"/devices/{device}/lost", version=version(world, device), reason="lost", wipe="after_upload")
    link = f"/records/inspection/{world.inspection}"
    assert link not in desk.get(f"/devices/{device}/loss").text
    assert link in Desk(world, "supervisor").get(f"/devices/{device}/loss").text


@pytest.mark.parametrize(("login", "status"), [("supervisor", 403), ("far", 404), ("member", 404)])
def test_nobody_but_an_administrator_of_the_region_shuts_phones_out(
    world: World, phone: Phone, login: str, status: int
):
    other, device = Desk(world, login), phone.kit.identity.device
    assert (
        other.post(f"/devices/{device}/revoke", version=version(world, device), reason="other").status_code
        == status
    )
    assert (
        other.post(
            f"/devices/{device}/lost", version=version(world, device), reason="other", wipe="now"
        ).status_code
        == status
    )
    assert other.get(f"/devices/{device}").status_code == (200 if login == "supervisor" else 404)
    assert stage(world, device) == "enrolled"


def test_the_reasons_are_those_of_the_declaration(desk: Desk, phone: Phone):
    text = desk.get(f"/devices/{phone.kit.identity.device}").text
    assert all(f'value="{code}"' in text for code in REASONS)


def test_only_the_digest_of_a_code_is_kept(world: World, desk: Desk):
    code = read_invite(invite_of(desk.post("/devices/invites", user=world.users["lead"]).text))
    with world.services.database.reading() as connection:
        kept = device_store.find_invite(connection, world.services.ledger.id, code.code_digest)
    assert kept is not None
    assert code.code not in repr(kept)
