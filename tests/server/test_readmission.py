"""What lies in quarantine comes into the ledger by a named supervisor's word: once, audited, replayed."""

from __future__ import annotations

import pytest
from sqlalchemy import text

from schemas.drafting import Draft
from server.casework.readmissions import Readmitted, readmit, record_of
from server.commit.acts import act
from server.ledger.audit import audit
from server.storage import device_store, ledger_store, record_store
from sync import changes, lines
from sync.entries import from_line
from sync.errors import (
    DeviceFork,
    DeviceRevoked,
    NotAllowed,
    NotFound,
    OwnWork,
    RecordExists,
    SequenceGap,
)
from sync.merge import Record
from tests.server.builders import Installation
from tests.server.pushing import City, Line, Phone, found_city, user


@pytest.fixture
def city(installation: Installation) -> City:
    """A city with an inspection on site and two phones."""
    return found_city(installation)


def written(phone: Phone, *drafts: Draft) -> list[Line]:
    return [phone.line(draft) for draft in drafts]


def kept(city: City) -> list[str]:
    """Return the ids of what is in quarantine, in the order of the sets."""
    services = city.installation.services
    with services.database.reading() as connection:
        return [row.id for row in device_store.quarantined(connection, services.ledger.id)]


def loaded(city: City, key: str) -> Record:
    services = city.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return record_store.load(connection, vault, [key])[key]


def size(city: City) -> int:
    services = city.installation.services
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).size


def revoke(city: City, phone: Phone) -> None:
    step = {"stage": {"from": "enrolled", "to": "revoked"}}
    act(city.installation.services, [Draft("edit", "device", phone.id, step)], kind="device")


def send_off(phone: Phone, rows: list[Line], refusal: type[Exception]) -> bytes:
    """Hand in a set that is refused as a whole, and move the phone's own chain on; returns its text."""
    jws = phone.manifest(rows)
    content = changes.text_of(jws, rows)
    with pytest.raises(refusal):
        phone.hand_in(content)
    phone.seq, phone.prev = phone.seq + 1, lines.digest(jws.encode("ascii"))
    return content


def let_in(city: City, key: str) -> Readmitted:
    return readmit(city.installation.services, city.supervisor, key, "演示数据：核实过")[0]


def test_a_revoked_phones_set_goes_on_with_its_chain_and_gets_its_receipt(city: City):
    one = city.phones[0]
    one.push(city.finding())
    revoke(city, one)
    finding = city.finding(amount_fen=77)
    content = send_off(one, written(one, finding), DeviceRevoked)
    city.installation.clock.advance(days=3)
    done = let_in(city, kept(city)[0])
    assert (done.branch, done.verdicts, done.again) == (None, {"applied": 1}, False)
    assert loaded(city, finding.record).acts[0].writer == f"device:{one.id}"
    answer = one.hand_in(content)
    assert answer.repeated
    assert answer.receipt, "the phone may still ask for it"
    services = city.installation.services
    with services.database.reading() as connection:
        device = device_store.find(connection, services.ledger.id, one.id)
        entry = from_line(
            ledger_store.lines_at(connection, services.ledger.id, [size(city) - 1])[size(city) - 1]
        )
    assert device is not None
    assert (device.seq, device.stage) == (2, "revoked")
    assert device.contact_at < services.now_ms(), "nobody has heard of the phone"
    assert entry.at < services.now_ms(), "what arrived in time stays in time"
    assert audit(services).ok


def test_letting_a_set_in_twice_has_the_effect_of_once(city: City):
    one = city.phones[0]
    revoke(city, one)
    send_off(one, written(one, city.finding()), DeviceRevoked)
    (key,) = kept(city)
    first = let_in(city, key)
    before = size(city)
    again = let_in(city, key)
    assert (again.record, again.again, again.verdicts) == (first.record, True, {})
    assert size(city) == before
    assert audit(city.installation.services).ok


def test_sets_are_let_in_in_their_order(city: City):
    one = city.phones[0]
    revoke(city, one)
    for _ in range(2):
        send_off(one, written(one, city.finding()), DeviceRevoked)
    first, second = kept(city)
    with pytest.raises(SequenceGap, match=first):
        let_in(city, second)
    assert [let_in(city, key).branch for key in (first, second)] == [None, None]
    assert audit(city.installation.services).ok


def forked(city: City, drafts: list[list[Draft]]) -> tuple[Phone, str]:
    """Let a copy of the first phone send sets beside the chain; returns (the copy, its branch)."""
    one = city.phones[0]
    copy = Phone(city.installation, one.id, one.user, one.key, one.seq, one.prev)
    one.push(city.finding())
    branch = ""
    for some in drafts:
        content = send_off(copy, written(copy, *some), DeviceFork if not branch else Exception)
        branch = branch or lines.digest(content.split(b"\n", 1)[0])
    return copy, branch


def test_a_branch_is_a_writer_of_its_own(city: City):
    one = city.phones[0]
    finding = city.finding(amount_fen=100)
    one.push(finding)
    edit = Draft("edit", "finding", finding.record, {"amount_fen": 5}, base=None)
    copy, branch = forked(city, [[edit]])
    one.push(Draft("edit", "finding", finding.record, {"amount_fen": 7}))
    done = let_in(city, kept(city)[0])
    assert (done.branch, done.verdicts) == (branch, {"conflict": 1})
    record = loaded(city, finding.record)
    assert record.acts[-1].writer == f"fork:{branch}"
    assert record.open_conflicts == ("amount_fen",), (
        "what the copy wrote is a candidate, and overwrites nothing"
    )
    assert audit(city.installation.services).ok
    assert copy.id == one.id


def test_the_sets_of_a_branch_are_one_writer_in_their_order(city: City):
    from server.casework import forks

    finding = city.finding(amount_fen=100)
    _, branch = forked(city, [[finding]])
    services = city.installation.services
    copy = city.phones[0]
    other = Phone(city.installation, copy.id, copy.user, copy.key, 1, branch)
    assert forks.stop(services, copy.id)
    send_off(other, written(other, Draft("edit", "finding", finding.record, {"amount_fen": 9})), DeviceFork)
    first, second = kept(city)
    with pytest.raises(SequenceGap):
        let_in(city, second)
    assert [let_in(city, key).branch for key in (first, second)] == [branch, branch]
    record = loaded(city, finding.record)
    assert (record.values["amount_fen"], record.open_conflicts) == (9, ())
    assert {one.writer for one in record.acts} == {f"fork:{branch}"}
    assert audit(services).ok


def test_what_the_branch_shares_with_the_chain_is_not_written_twice(city: City):
    one = city.phones[0]
    shared = one.line(city.finding())
    copy = Phone(city.installation, one.id, one.user, one.key)
    one.push_lines([shared])
    send_off(copy, [shared, copy.line(city.finding())], DeviceFork)
    assert let_in(city, kept(city)[0]).verdicts == {"same": 1, "applied": 1}
    assert audit(city.installation.services).ok


def test_what_is_held_of_a_branch_is_released_as_the_branchs(city: City):
    inspection = city.id()
    _, branch = forked(city, [[city.finding(inspection=inspection)]])
    assert let_in(city, kept(city)[0]).verdicts == {"held": 1}
    values = {
        "kind": "routine_check", "mode": "open", "institution": city.institution, "lead": city.phones[0].user,
        "planned_on": "2026-11-17",
    }  # fmt: skip
    services = city.installation.services
    act(services, [Draft("create", "inspection", inspection, values)], user=city.supervisor)
    with services.database.reading() as connection:
        last = size(city) - 1
        entry = from_line(ledger_store.lines_at(connection, services.ledger.id, [last])[last])
    assert (entry.kind, entry.branch) == ("release", branch)
    assert audit(services).ok


def test_faulty_changes_of_a_readmitted_set_are_refused_and_the_others_stand(city: City):
    one = city.phones[0]
    revoke(city, one)
    send_off(one, written(one, city.finding(), city.finding(origin="nonsense")), DeviceRevoked)
    assert let_in(city, kept(city)[0]).verdicts == {"applied": 1, "refused": 1}
    assert audit(city.installation.services).ok


def test_only_a_supervisor_who_is_another_person_lets_anything_in(city: City):
    services = city.installation.services
    one, two = city.phones
    far = user(city.installation, "far", "测试甲008", "supervisor")
    act(
        services,
        [Draft("create", "user", far.record, {**far.values, "region": "341600"}, add=far.add)],
        kind="setting",
    )
    revoke(city, one)
    send_off(one, written(one, city.finding()), DeviceRevoked)
    (key,) = kept(city)
    before = size(city)
    with pytest.raises(OwnWork):
        readmit(services, one.user, key, "演示数据")
    for who in (two.user, far.record):
        with pytest.raises(NotAllowed):
            readmit(services, who, key, "演示数据")
    with pytest.raises(NotFound):
        let_in(city, "01900000-0000-7000-8000-000000000000")
    assert size(city) == before
    assert audit(services).ok


def test_a_set_that_is_in_the_ledger_is_not_let_in_again(city: City):
    one = city.phones[0]
    broken = one.line(city.finding())
    one.push_lines([(broken[0][:-1], ())])
    with pytest.raises(RecordExists):
        let_in(city, kept(city)[0])


def test_the_audit_finds_a_branch_whose_text_is_gone_or_that_nobody_let_in(city: City):
    forked(city, [[city.finding()]])
    (key,) = kept(city)
    let_in(city, key)
    services = city.installation.services
    assert audit(services).ok
    with services.engine.begin() as connection:
        connection.execute(text("DELETE FROM quarantine WHERE id = :id"), {"id": key})
    found = [str(one) for one in audit(services).findings]
    assert any("quarantine" in one for one in found)


def test_a_set_is_let_in_by_one_record_alone():
    assert record_of("a", "b") == record_of("a", "b") != record_of("b", "a")
