"""The signed slip on its way: photographed on a phone offline, long after the record was signed, proven at the desk."""

from __future__ import annotations

from pathlib import Path

import pytest

from mobile_stub import recording
from server.casework import case_desk, desk
from server.casework.confirm import Confirmation
from server.casework.serving import Service
from server.storage import record_store
from sync.errors import BadValue
from sync.merge import Record
from tests.server.builders import Installation
from tests.server.phones import enrol, visit

SLIP = b"\xff\xd8" + bytes(range(256)) * 300


def load(installation: Installation, record: str) -> Record:
    services = installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return record_store.load(connection, vault, [record])[record]


def issued(installation: Installation, supervisor: str, finding: str) -> tuple[str, str]:
    """Return the case of a finding and its notice, which was issued."""
    services = installation.services
    wanted = Confirmation(load(installation, finding).version)
    done = desk.confirm_finding(services, supervisor, finding, wanted)
    case = next(one.id for one in done.records.values() if one.type == "rectification_case")
    notice = case_desk.draft_notice(services, supervisor, case, version=load(installation, case).version)
    case_desk.sign_off_notice(services, supervisor, notice, version=load(installation, notice).version)
    case_desk.issue_notice(services, supervisor, notice, version=load(installation, notice).version)
    return case, notice


def test_a_slip_photographed_offline_proves_the_service(installation: Installation, tmp_path: Path):
    services, found = installation.services, visit(installation.services)
    phone = enrol(installation, tmp_path / "lead", found.lead)
    assert phone.sync().clean
    phone.step(found.inspection, "on_site")
    finding = phone.write_finding(
        found.inspection, violation_code="bed_hanging", facts="测试床位无人", amount_fen=100
    )
    phone.step(finding, "proposed")
    phone.take_statement(finding, kind="agrees", text="无异议", heard_on=services.today().isoformat())
    assert phone.sync().clean
    _, notice = issued(installation, found.supervisor, finding)
    phone.step(found.inspection, "record_signed")
    assert phone.sync().clean
    number = load(installation, notice).values["number"]
    with pytest.raises(BadValue):
        recording.case_numbered(phone.kit, "六医保改〔2020〕1号")
    case = recording.case_numbered(phone.kit, number)
    taken = phone.photograph_slip(found.inspection, case.id, SLIP, media_type="image/jpeg")
    phone.take_evidence(found.inspection, SLIP, kind="documentary", media_type="image/jpeg")
    report = phone.sync()
    assert report.pushed.verdicts == {"applied": 1, "refused": 1}, "nothing but the slip comes in now"
    service = Service(method="direct", served_on=services.today(), received_by="测试签收人", slip=taken)
    version = load(installation, notice).version
    case_desk.serve_notice(services, found.supervisor, notice, service, version=version)
    assert load(installation, notice).values["receipt"] == phone.show(taken).values["digest"]
