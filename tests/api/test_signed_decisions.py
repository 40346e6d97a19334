"""A decision carries its maker's assertion: signed for exactly this, once, and the audit finds every forged one."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.drafting import Draft
from server.accounts import second_factor, users
from server.accounts.passkeys import CHALLENGE_MS
from server.commit import signatures
from server.commit.acts import act, new_id
from server.ledger.audit import Report, audit
from server.storage import record_store
from server.storage.record_store import selected
from sync.lines import b64u, unb64u
from sync.merge import Record
from tests.server.authenticator import Authenticator
from tests.server.builders import install
from tests.server.desk_client import Desk
from tests.server.signing import asked, decided, keyed, supervisor
from tests.server.world import World, build


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A world of the test's own: what an operator forges in it stays in it."""
    made = build(install(tmp_path / "home", f"sqlite:///{tmp_path / 'ledger.sqlite'}"), photos=3)
    yield made
    made.services.engine.dispose()


@pytest.fixture
def who(world: World) -> str:
    """A supervisor who gets a passkey."""
    return supervisor(world)


def path(item: str) -> str:
    return f"/api/evidence/{item}/review"


def approval(world: World, item: str) -> dict[str, Any]:
    return {"act": "approve", "version": world.record(item).version}


def of_type(world: World, kind: str) -> list[Record]:
    services = world.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return record_store.query(connection, vault, selected(services.ledger.id, kind))


def forged(world: World, monkeypatch: pytest.MonkeyPatch, who: str, *drafts: Draft) -> int:
    """Write decisions in somebody's name past the door's check, as whoever holds the machine can; return the first."""
    with monkeypatch.context() as patched:
        patched.setattr(signatures, "check", lambda work, given: None)
        return act(world.services, drafts, user=world.users[who]).first


def approving(world: World, item: str) -> list[Draft]:
    about = {"about": item, "about_version": world.record(item).version, "act": "approve"}
    step = {"stage": {"from": "pending_review", "to": "approved"}}
    return [
        Draft("create", "decision", new_id(world.services), about),
        Draft("edit", "evidence", item, step),
    ]


def named(report: Report, index: int, words: str) -> bool:
    return any(
        (one.table, one.key) == ("entry", str(index)) and words in one.detail for one in report.findings
    )


def test_an_approval_is_asked_for_signed_kept_and_verified_by_the_audit(world: World, who: str):
    desk, item = Desk(world, who), world.evidence[0]
    made = keyed(desk)
    (key,) = of_type(world, "passkey")
    assert (key.values["user"], key.stage) == (world.users[who], "active")
    size = audit(world.services).entries
    options = asked(desk, path(item), approval(world, item))
    assert audit(world.services).entries == size, "asking writes nothing"
    assert [one["id"] for one in options["allowCredentials"]] == [b64u(made.credential)]
    assert options["userVerification"] == "required"
    answer = decided(desk, made, path(item), approval(world, item))
    assert (answer.status_code, answer.json["stage"]) == (200, "approved"), answer.text
    (kept,) = of_type(world, "assertion")
    assert (kept.values["passkey"], kept.values["count"]) == (key.id, 2)
    report = audit(world.services)
    assert report.ok, report.text()
    assert report.notes == ("2 changes signed by passkey, each verified",)


def test_a_user_without_a_passkey_decides_as_before(world: World, who: str):
    item = world.evidence[0]
    assert Desk(world, who).send(path(item), approval(world, item)).status_code == 200
    assert of_type(world, "assertion") == []
    assert audit(world.services).notes == ()


def test_what_was_signed_for_another_item_version_or_word_is_refused(world: World, who: str):
    desk = Desk(world, who)
    made = keyed(desk)
    one, other = world.evidence[:2]
    body = approval(world, one)
    refusal = {"act": "return", "version": body["version"], "reason": "blurred", "note": "看不清床号"}
    for place, sent in ((other, approval(world, other)), (one, refusal)):
        said = made.sign(asked(desk, path(one), body))
        answer = desk.send(path(place), {**sent, "assertion": said})
        assert (answer.status_code, answer.json["code"]) == (409, "assertion_unfit")
    said = made.sign(asked(desk, path(one), refusal))
    changed = {**refusal, "note": "看不清床号，请重拍"}
    assert desk.send(path(one), {**changed, "assertion": said}).json["code"] == "assertion_unfit"
    said = made.sign(asked(desk, path(one), body))
    world.act(Draft("edit", "evidence", one, {"form": "photo"}), by="member")
    moved = approval(world, one)
    assert desk.send(path(one), {**body, "assertion": said}).json["code"] == "version_changed"
    said = made.sign(asked(desk, path(other), approval(world, other)))
    assert desk.send(path(one), {**moved, "assertion": said}).json["code"] == "assertion_unfit"
    assert [world.record(item).stage for item in (one, other)] == ["pending_review"] * 2


def test_an_assertion_is_good_once_for_one_browser_and_five_minutes(world: World, who: str):
    desk, (one, other, third) = Desk(world, who), world.evidence
    made = keyed(desk)
    said = made.sign(asked(desk, path(one), approval(world, one)))
    assert Desk(world, who).send(path(one), {**approval(world, one), "assertion": said}).status_code == 401
    assert desk.send(path(one), {**approval(world, one), "assertion": said}).status_code == 200
    again = desk.send(path(other), {**approval(world, other), "assertion": said})
    assert again.json["code"] == "passkey_refused"
    late = made.sign(asked(desk, path(third), approval(world, third)))
    world.installation.clock.advance(seconds=CHALLENGE_MS / 1000)
    assert desk.send(path(third), {**approval(world, third), "assertion": late}).status_code == 401
    assert audit(world.services).ok


def test_somebody_elses_passkey_a_forged_one_and_an_unverified_user_sign_nothing(world: World, who: str):
    desk, item = Desk(world, who), world.evidence[0]
    made, other = keyed(desk), keyed(Desk(world, supervisor(world)))
    options = asked(desk, path(item), approval(world, item))
    lone = Authenticator(credential=made.credential, user=made.user, count=9)
    made.verified = False
    for signer in (other, lone, made):
        options = asked(desk, path(item), approval(world, item))
        answer = desk.send(path(item), {**approval(world, item), "assertion": signer.sign(options)})
        assert answer.json["code"] == "passkey_refused", answer.text
    assert desk.send(path(item), {**approval(world, item), "assertion": {}}).json["code"] == "passkey_refused"
    assert desk.send(path(item), {**approval(world, item), "assertion": "x"}).json["code"] == "bad_value"
    assert world.record(item).stage == "pending_review"


def test_a_challenge_of_signing_in_decides_nothing(world: World, who: str):
    desk, item = Desk(world, who), world.evidence[0]
    made = keyed(desk)
    said = made.sign(desk.send("/api/session/passkey/options", {}).json)
    answer = desk.send(path(item), {**approval(world, item), "assertion": said})
    assert answer.json["code"] == "passkey_refused"


def test_a_counter_that_goes_back_decides_nothing(world: World, who: str):
    desk, item = Desk(world, who), world.evidence[0]
    made = keyed(desk)
    made.count = 1
    answer = decided(desk, made, path(item), approval(world, item))
    assert (answer.status_code, answer.json["code"]) == (403, "passkey_doubted")


def test_taking_back_within_the_minute_asks_for_no_second_ceremony(world: World, who: str):
    desk, item = Desk(world, who), world.evidence[0]
    made = keyed(desk)
    done = decided(desk, made, path(item), approval(world, item)).json
    answer = desk.send(f"/api/evidence/{item}/undo", {"version": done["version"]})
    assert (answer.status_code, answer.json["stage"]) == (200, "pending_review"), answer.text
    assert audit(world.services).ok


def test_several_items_are_signed_at_once_and_a_void_too(world: World, who: str):
    desk, (one, other, third) = Desk(world, who), world.evidence
    made = keyed(desk)
    chosen = [{"id": item, "version": world.record(item).version} for item in (one, other)]
    body = {"act": "approve", "items": chosen}
    said = made.sign(asked(desk, "/api/evidence/review", body))
    fewer = {"act": "approve", "items": chosen[:1], "assertion": said}
    assert desk.send("/api/evidence/review", fewer).json["code"] == "assertion_unfit"
    assert decided(desk, made, "/api/evidence/review", body).status_code == 200
    void = {"version": world.record(third).version, "reason": "mistaken", "note": "误拍"}
    assert decided(desk, made, f"/api/evidence/{third}/void", void).status_code == 200
    assert [one.values["count"] for one in of_type(world, "assertion")] == [4, 2]
    assert audit(world.services).ok


def test_a_key_of_the_programs_own_names_both_steps_of_one_decision(world: World, who: str):
    desk, item = Desk(world, who), world.evidence[0]
    made, body = keyed(desk), approval(world, item)
    headers = {"X-CSRFToken": desk.token(), "Idempotency-Key": "decision-1"}

    def send(sent: dict[str, Any]):
        return desk.client.post(path(item), json=sent, headers=headers)

    said = made.sign(send(body).json["options"])
    first = send({**body, "assertion": said})
    assert first.status_code == 200
    again = send({**body, "assertion": said})
    assert (again.status_code, again.json) == (200, first.json)


def test_after_the_passkey_is_removed_the_password_decides_and_the_audit_says_so(world: World, who: str):
    desk, (one, other, _) = Desk(world, who), world.evidence
    made = keyed(desk)
    said = made.sign(asked(desk, path(one), approval(world, one)))
    assert second_factor.reset(world.services, world.users[who]) is True
    (key,) = of_type(world, "passkey")
    assert (key.stage, key.values["reason"]) == ("removed", "reset")
    desk = Desk(world, who)
    assert desk.send(path(one), {**approval(world, one), "assertion": said}).status_code == 401
    done = desk.send(path(other), approval(world, other))
    assert done.status_code == 200
    report = audit(world.services)
    assert report.ok, report.text()
    assert any(world.users[who] in note and str(done.json["ledger_index"]) in note for note in report.notes)


def test_a_passkey_that_its_owner_removes_is_removed_in_the_ledger(world: World, who: str):
    desk = Desk(world, who)
    keyed(desk)
    (line,) = desk.get("/api/account").json["passkeys"]
    assert desk.send(f"/api/account/passkeys/{line['id']}", {}, "DELETE").status_code == 204
    (key,) = of_type(world, "passkey")
    assert (key.stage, key.values["reason"]) == ("removed", "own")


def test_the_door_takes_no_decision_of_a_passkeys_owner_by_any_other_way(world: World, who: str):
    item = world.evidence[0]
    keyed(Desk(world, who))
    for drafts in (approving(world, item), approving(world, item)[1:]):
        with pytest.raises(signatures.AssertionWanted):
            world.act(*drafts, by=who)
    assert world.record(item).stage == "pending_review"


def test_what_an_operator_enters_in_somebodys_name_is_named_by_the_audit(
    world: World, who: str, monkeypatch: pytest.MonkeyPatch
):
    keyed(Desk(world, who))
    index = forged(world, monkeypatch, who, *approving(world, world.evidence[0]))
    report = audit(world.services)
    assert all(named(report, at, "without its assertion") for at in (index, index + 1)), report.text()
    assert len(report.findings) == 2


@pytest.mark.parametrize("spoilt", ["none", "signature", "authenticator_data", "client_data", "asked_at"])
def test_an_assertion_that_was_made_for_something_else_is_named_by_the_audit(
    world: World, who: str, monkeypatch: pytest.MonkeyPatch, spoilt: str
):
    desk, (one, other, _) = Desk(world, who), world.evidence
    assert decided(desk, keyed(desk), path(one), approval(world, one)).status_code == 200
    (kept,) = of_type(world, "assertion")
    values = {**kept.values, "about": other}
    if spoilt == "asked_at":
        values[spoilt] += 1
    elif spoilt != "none":
        raw = bytearray(unb64u(values[spoilt]))
        raw[-5] ^= 1
        values[spoilt] = b64u(bytes(raw))
    own = Draft("create", "assertion", new_id(world.services), values)
    index = forged(world, monkeypatch, who, *approving(world, other), own)
    report = audit(world.services)
    assert named(report, index + 2, "assertion:"), report.text()
    shown = [desk.get(f"/api/evidence/{item}").json["reviews"][0]["signed"] for item in (one, other)]
    assert shown == [{"verdict": "ok", "index": kept.version}, {"verdict": "bad", "index": index + 2}]
    assert named(report, index, "without its assertion")


def test_an_operator_who_removes_the_key_first_leaves_that_in_the_ledger(world: World, who: str):
    keyed(Desk(world, who))
    (key,) = of_type(world, "passkey")
    step = {"stage": {"from": "active", "to": "removed"}, "reason": "reset"}
    act(world.services, [Draft("edit", "passkey", key.id, step)], kind="setting")
    index = act(world.services, approving(world, world.evidence[0]), user=world.users[who]).first
    report = audit(world.services)
    assert report.ok
    assert report.notes == (
        f"{world.users[who]} decided without a passkey after it was removed: entries {index}, {index + 1}",
    )


def test_a_passkey_from_before_the_ledger_knew_them_is_entered_when_it_signs_in(world: World, who: str):
    desk = Desk(world, who)
    made = keyed(desk)
    with world.services.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE passkey SET record = NULL")
    nobody = Desk(world)
    answer = nobody.send("/api/session/passkey/options", {}).json
    assert nobody.send("/api/session/passkey", {"answer": made.sign(answer)}).status_code == 201
    assert len(of_type(world, "passkey")) == 2
    item = world.evidence[0]
    assert decided(nobody, made, path(item), approval(world, item)).status_code == 200
    assert users.load(world.services, world.users[who]).stage == "active"


def test_confirming_a_finding_is_signed_with_the_case_that_it_opens(world: World, who: str):
    desk = Desk(world, who)
    made, body = keyed(desk), {"served_on": world.services.today().isoformat(), "working_days": 15}
    body |= {"version": world.record(world.finding).version}
    place = f"/api/findings/{world.finding}/confirm"
    said = made.sign(asked(desk, place, body))
    longer = {**body, "working_days": 30, "assertion": said}
    assert desk.send(place, longer).json["code"] == "assertion_unfit"
    assert decided(desk, made, place, body).status_code == 201
    report = audit(world.services)
    assert report.ok, report.text()
    # Decision, finding, case and notice, which was handed over on the spot, with each of its steps.
    assert of_type(world, "assertion")[0].values["count"] == 8


def test_a_form_without_its_assertion_is_told_what_to_do_and_decides_nothing(world: World, who: str):
    desk, item = Desk(world, who), world.evidence[0]
    keyed(desk)
    form = {"decision": "approve", "version": world.record(item).version}
    told = desk.post(f"/evidence/{item}/review", **form)
    assert (told.status_code, "须用您的通行密钥签署" in told.text) == (428, True)
    for broken in ("{", "[]", "[" * 9000):
        assert desk.post(f"/evidence/{item}/review", **form, assertion=broken).status_code == 400
    assert world.record(item).stage == "pending_review"
