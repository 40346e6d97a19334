"""The phone in JavaScript against a running server: what it sends arrives once, and in its order."""

from __future__ import annotations

import base64
import json
import shutil
from collections.abc import Iterator

import pytest

from schemas.drafting import Draft
from schemas.vectors.fixed import sign_key
from server.commit.acts import act
from server.keys import rotation
from sync import lines, signing
from tests.interop.line import Alter, Cut, Exchange, cut, once, said
from tests.interop.node_phone import NodePhone, NodeRefused
from tests.interop.town import Town

pytestmark = pytest.mark.slow
SETS, FEED, KEYS = "/v1/change-sets", "/v1/feed", "/v1/keys"
CHUNK = 1024 * 1024


@pytest.fixture(scope="module")
def kept_phone(whole_town: Town) -> Iterator[NodePhone]:
    """The lead's phone, for the tests that leave it as sound as it was."""
    made = whole_town.node(whole_town.found.lead)
    yield made
    made.stop()


@pytest.fixture
def phone(here: Town, kept_phone: NodePhone) -> NodePhone:
    """The lead's phone, synced; nothing that came before is in the line's memory."""
    kept_phone.sync()
    here.line.seen.clear()
    return kept_phone


# -- the straight way -----------------------------------------------------------------------------------------


def test_what_was_recorded_is_in_the_ledger_and_comes_back_proven(here: Town, phone: NodePhone) -> None:
    finding = here.write(phone, persons=["测试甲002", "测试甲003"])
    report = phone.sync()
    assert report["pushed"] == {"sets": 1, "changes": 1, "verdicts": {"applied": 1}}
    assert phone.values(finding)["persons"] == ["测试甲002", "测试甲003"]
    status = phone.do("status")
    assert (status["outbox"], status["unacknowledged"], status["alarm"]) == (0, 0, None)
    shown = phone.do("show", record=finding)
    assert (shown["pending"], shown["base"][0]) == (0, status["head"]["epoch"])


def test_what_a_phone_may_not_write_is_refused_with_its_code_and_stays_on_its_list(
    here: Town, phone: NodePhone
) -> None:
    finding = here.write(phone, amount_fen=-1)
    assert phone.sync()["pushed"]["verdicts"] == {"refused": 1}
    look = phone.do("status")["attention"][-1]
    assert (look["record"], look["code"], look["field"]) == (finding, "bad_value", "amount_fen")


@pytest.mark.parametrize("kem", ["xwing", "x25519"])
def test_a_phone_receives_under_either_kem(here: Town, kem: str) -> None:
    with here.node(here.found.member, kem=kem) as phone:
        assert phone.secrets()["kem"] == kem
        assert phone.values(here.found.inspection)["kind"] == "routine_check"


def test_an_invite_lets_one_phone_in(here: Town) -> None:
    ticket = here.ticket(here.found.member)
    with NodePhone(here.home()) as first, NodePhone(here.home()) as second:
        first.enrol(ticket)
        with pytest.raises(NodeRefused, match="invite_unknown"):
            second.enrol(ticket)


def test_an_enrolment_whose_answer_was_lost_goes_on_with_the_same_request(here: Town) -> None:
    ticket = here.ticket(here.found.member)
    with NodePhone(here.home()) as phone:
        here.line.after = once("/v1/devices", cut)
        with pytest.raises(NodeRefused, match="offline"):
            phone.enrol(ticket)
        phone.enrol(ticket)
        assert here.line.statuses("POST", "/v1/devices") == [201, 200]
        phone.sync()


def test_another_server_that_answers_the_invite_is_found_out(here: Town) -> None:
    ticket = here.ticket(here.found.member)
    key = sign_key("somebody else")

    def pose(exchange: Exchange) -> None:
        _, payload = signing.peek(exchange.answer.decode(), signing.KEYS)
        payload["ledger"] = [lines.b64u(signing.public_raw(key))]
        exchange.answer = signing.sign(key, signing.KEYS, payload, kid="0" * 16).encode()

    with NodePhone(here.home()) as phone:
        here.line.after = once(KEYS, pose)
        with pytest.raises(NodeRefused, match="pin_mismatch"):
            phone.enrol(ticket)


# -- once, in order, under the right key ------------------------------------------------------------------------


def test_a_set_whose_acknowledgement_was_lost_gets_the_same_receipt(here: Town, phone: NodePhone) -> None:
    here.write(phone)
    here.line.after = once(SETS, cut)
    assert phone.failures() == [("push", "offline")]
    phone.sync()
    first, second = (one for one in here.line.seen if one.place == SETS)
    assert (first.status, second.status) == (201, 200)
    seq = signing.peek(first.answer.decode(), signing.RECEIPT)[1]["seq"]
    assert first.answer == second.answer == phone.do("set", seq=seq)["receipt"].encode()


def test_a_phone_that_was_killed_before_its_receipt_sends_the_same_set(here: Town) -> None:
    phone = here.node(here.found.lead)
    here.write(phone)
    here.line.after = once(SETS, cut)
    assert phone.failures() == [("push", "offline")]
    manifest = phone.do("set", seq=1)["manifest"]
    phone.kill()
    with NodePhone(phone.home) as again:
        assert again.sync()["pushed"]["changes"] == 1
        assert again.do("set", seq=1)["manifest"] == manifest
        assert here.line.statuses("POST", SETS) == [201, 200]


def test_a_set_that_comes_too_early_is_sent_again_behind_the_missing_one(
    here: Town, phone: NodePhone
) -> None:
    sealed = []
    for _ in range(2):
        here.write(phone)
        sealed.append(phone.do("seal"))
    assert phone.do("send", seq=sealed[1])["sets"] == 2
    assert here.line.statuses("POST", SETS) == [409, 201, 201]
    early = next(one for one in here.line.seen if one.place == SETS)
    problem = json.loads(early.answer)
    assert (problem["code"], problem["expected"]) == ("gap", sealed[0])
    assert phone.do("status")["unacknowledged"] == 0


def test_sets_that_were_sealed_before_a_rotation_go_under_the_new_key(here: Town, phone: NodePhone) -> None:
    """The phone was away, its unsent sets are sealed, and the key they were for is retired: the same sets go."""
    manifests = []
    for _ in range(2):
        here.write(phone)
        manifests.append(phone.do("set", seq=phone.do("seal"))["manifest"])
    fresh, _ = rotation.rotate_opening(here.installation.services, days=0)
    assert phone.sync()["pushed"]["verdicts"] == {"applied": 2}
    sent = [one for one in here.line.seen if one.place == SETS]
    assert [one.status for one in sent] == [409, 201, 201]
    problem = json.loads(sent[0].answer)
    kids = [{name.lower(): value for name, value in one.headers.items()}["wardledger-key"] for one in sent]
    assert (problem["code"], problem["kid"]) == ("rekey_required", kids[0])
    assert kids[1:] == [fresh.kid, fresh.kid]
    assert phone.do("status")["unacknowledged"] == 0
    assert [phone.do("set", seq=seq)["manifest"] for seq in _last_seqs(manifests)] == manifests


def _last_seqs(manifests: list[str]) -> list[int]:
    """Return the seqs that manifests name."""
    return [signing.peek(manifest, signing.MANIFEST)[1]["seq"] for manifest in manifests]


def test_a_clock_that_is_off_is_corrected_by_the_servers(here: Town) -> None:
    phone = here.node(here.found.lead)
    phone.stop()
    here.line.seen.clear()
    with NodePhone(phone.home, wall_offset_ms=3_600_000) as wrong:
        wrong.sync()
        assert here.line.statuses("GET", FEED)[:2] == [401, 204]
        assert abs(wrong.do("status")["clock_offset_ms"] + 3_600_000) < 60_000


def test_a_copied_phone_is_stopped_before_it_seals_and_when_it_has_sealed(
    here: Town, phone: NodePhone
) -> None:
    for sealed, told in ((False, ("push", "chain_differs")), (True, ("push", "device_fork"))):
        original = here.node(here.found.lead)
        original.stop()
        twin = here.home()
        shutil.copytree(original.home, twin)
        with NodePhone(original.home) as first, NodePhone(twin) as second:
            here.write(second)
            if sealed:
                second.do("seal")
            here.write(first)
            first.sync()
            assert second.failures()[0] == told


def test_a_revoked_phone_hands_over_what_it_holds_and_stops(here: Town) -> None:
    with here.node(here.found.lead) as phone:
        here.write(phone)
        step = {"stage": {"from": "enrolled", "to": "revoked"}}
        device = Draft("edit", "device", phone.secrets()["device"], step)
        act(here.installation.services, [device], kind="device")
        assert phone.failures()[0] == ("push", "device_revoked")
        assert here.line.statuses("POST", SETS) == [403]
        assert phone.failures()[0] == ("push", "stopped")
        assert phone.do("status")["unacknowledged"] == 1


# -- files ------------------------------------------------------------------------------------------------------


def test_an_upload_goes_on_where_a_killed_phone_left_it(here: Town) -> None:
    phone = here.node(here.found.lead)
    content = bytes(range(251)) * (5 * CHUNK // 502)
    values = {"inspection": here.found.inspection, "kind": "audio_visual", "media_type": "image/jpeg"}
    photo = phone.do("take_evidence", content=base64.b64encode(content).decode(), values=values)
    here.line.before = second_part_cut()
    assert phone.failures() == [("files", "offline")]
    phone.kill()
    here.line.reset()
    with NodePhone(phone.home) as again:
        assert again.sync()["uploaded"]["files"] == 1
        parts = [
            one for one in here.line.seen if one.method in ("HEAD", "PATCH", "POST") and "/files" in one.place
        ]
        assert [one.method for one in parts] == ["HEAD", "PATCH", "PATCH"]
        offsets = [{name.lower(): v for name, v in one.headers.items()}["upload-offset"] for one in parts[1:]]
        assert offsets == [str(CHUNK), str(2 * CHUNK)]
        again.sync()
        assert again.values(photo)["file_state"] == "verified"
        assert base64.b64decode(again.do("read_file", evidence=photo)) == content


def test_a_sync_tells_how_far_it_is_and_a_good_line_gets_longer_parts(here: Town, phone: NodePhone) -> None:
    content = bytes(range(251)) * (8 * CHUNK // 251)
    values = {"inspection": here.found.inspection, "kind": "audio_visual", "media_type": "image/jpeg"}
    phone.do("take_evidence", content=base64.b64encode(content).decode(), values=values)
    told = phone.do("sync", progress=True)["progress"]
    assert [one["part"] for one in told if one["done"] == 0 and one["total"] is None] == [
        "push", "pull", "catalogues", "files", "check",
    ]  # fmt: skip
    assert {"part": "push", "done": 1, "total": 1} in told
    file = [one for one in told if "file" in one]
    lengths = [len(one.body) for one in here.line.seen if one.method == "PATCH"]
    assert lengths[:3] == [CHUNK, 2 * CHUNK, 4 * CHUNK]
    assert [one["bytes"] for one in file[:3]] == [CHUNK, 3 * CHUNK, 7 * CHUNK]
    assert (file[-1]["done"], file[-1]["total"], file[-1]["bytes"]) == (1, 1, file[-1]["size"])


def second_part_cut() -> Alter:
    """Return what cuts the line at the second part of a file."""
    parts = iter([True, False])

    def before(exchange: Exchange) -> None:
        if exchange.method == "PATCH" and not next(parts, False):
            raise Cut

    return before


def test_a_file_that_is_another_than_the_record_names_is_not_shown(here: Town, phone: NodePhone) -> None:
    values = {"inspection": here.found.inspection, "kind": "audio_visual", "media_type": "image/jpeg"}
    photo = phone.do("take_evidence", content=base64.b64encode(b"a photograph").decode(), values=values)
    phone.sync()
    phone.sync()
    with here.node(here.found.member) as other:
        digest = other.values(photo)["cipher_digest"]
        here.line.after = once(f"/v1/files/{digest}", said(lambda body: body[:-1] + bytes([body[-1] ^ 1])))
        with pytest.raises(NodeRefused, match="file_corrupt"):
            other.do("read_file", evidence=photo)
        assert base64.b64decode(other.do("read_file", evidence=photo)) == b"a photograph"
