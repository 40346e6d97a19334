"""The phone in JavaScript writes its unsent work into a file; the desk takes it in, and the phone settles."""

from __future__ import annotations

import base64
import io

import pytest

from schemas.wire.outbox_file import FILE, SET, Reader
from server.intake.outbox_file import Brought, bring
from server.ledger.audit import audit
from tests.interop.line import cut
from tests.interop.node_phone import NodePhone
from tests.interop.town import Town

pytestmark = pytest.mark.slow
SETS = "/v1/change-sets"


def work(here: Town, phone: NodePhone) -> tuple[str, str]:
    """Record a finding and a photo, unsent; return both records."""
    content = base64.b64encode(bytes(range(251)) * 9_000).decode()
    values = {"inspection": here.found.inspection, "kind": "audio_visual", "media_type": "image/jpeg"}
    return here.write(phone), phone.do("take_evidence", content=content, values=values)


def exported(here: Town, phone: NodePhone) -> bytes:
    target = here.home().with_suffix(".wlo")
    phone.do("export", file=str(target))
    return target.read_bytes()


def brought(here: Town, content: bytes) -> Brought:
    return bring(here.installation.services, io.BytesIO(content))


def test_a_phone_without_a_network_hands_its_work_over_as_a_file(here: Town) -> None:
    with here.node(here.found.lead) as phone:
        here.line.before = cut
        finding, photo = work(here, phone)
        told = phone.do("export", file=str(here.folder / "one.wlo"))
        assert told == {"sets": 1, "files": 1, "left": 0}
        content = (here.folder / "one.wlo").read_bytes()
        assert [one.kind for one in Reader(io.BytesIO(content)).parts()] == [SET, FILE]
        for word in ("测试", "bed_hanging", finding, photo, here.found.inspection):
            assert word.encode() not in content
        report = brought(here, content)
        assert [(one.became, dict(one.verdicts)) for one in report.parts] == [
            ("taken", {"applied": 2}), ("taken", {}),
        ]  # fmt: skip
        assert report.whole
        here.line.reset()
        synced = phone.sync()
        assert synced["pushed"]["verdicts"] == {"applied": 2}
        assert here.line.statuses("POST", SETS) == [200]
        assert not any(one.method == "PATCH" for one in here.line.seen)
        phone.sync()
        assert phone.values(photo)["file_state"] == "verified"
        assert [one.became for one in brought(here, content).parts] == ["known", "known"]
    assert audit(here.installation.services).ok


def test_of_a_phone_that_broke_the_file_is_what_is_left_and_it_is_enough(here: Town) -> None:
    phone = here.node(here.found.lead)
    finding, photo = work(here, phone)
    content = exported(here, phone)
    phone.kill()
    assert brought(here, content).whole
    with here.node(here.found.member) as other:
        assert other.values(finding)["amount_fen"] == 126_000
        assert other.values(photo)["file_state"] == "verified"


def test_a_file_of_the_same_phone_that_is_damaged_is_told_part_by_part(here: Town) -> None:
    with here.node(here.found.lead) as phone:
        work(here, phone)
        content = bytearray(exported(here, phone))
        content[content.index(b"\n", content.index(b'"kind":"set"')) + 300] ^= 1
        assert [(one.part, one.became, one.code) for one in brought(here, bytes(content)).parts] == [
            (1, "refused", "checksum_mismatch"), (2, "taken", None),
        ]  # fmt: skip
        assert phone.sync()["pushed"]["verdicts"] == {"applied": 2}
