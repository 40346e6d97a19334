"""What was erased stays out: sent again, sent anew, brought by a fork, released late, or brought back by a backup."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas.drafting import Draft
from server.commit.signer import ERASED
from server.ledger.audit import audit
from server.operations import erasing
from server.operations.doctor import OK, PROBLEM, examine
from server.storage import ledger_store, waiting_store
from sync import changes, erasure, lines
from sync.errors import DeviceFork
from tests.commit.erasing_scene import Bureau, bureau_of, digests
from tests.server.builders import Installation
from tests.server.pushing import Line, Phone, found_city

WORDS = "演示数据：要抹除的话"
NAME = "测试甲777"


@pytest.fixture
def bureau(installation: Installation) -> Bureau:
    """A bureau with one finding, which a phone wrote."""
    return bureau_of(found_city(installation))


def written(bureau: Bureau) -> tuple[Phone, Line]:
    """Let a phone make the finding that will be erased; return the phone and the lines that it sent."""
    phone = bureau.city.phones[0]
    draft = bureau.city.finding(facts=WORDS)
    line = phone.line(draft)
    phone.push_lines([line])
    bureau.finding = draft.record
    assert bureau.holds(WORDS)
    return phone, line


def is_sound(bureau: Bureau) -> bool:
    """Return whether the audit finds the ledger in order."""
    report = audit(bureau.installation.services)
    assert report.ok, report.text()
    return True


def with_new_id(bureau: Bureau, line: Line) -> Line:
    """Return a new create of a new record that carries the very same private lines."""
    body = json.loads(line[0])
    fresh = {**body, "id": bureau.city.id(), "record": bureau.city.id()}
    return lines.encode(fresh), line[1]


def test_a_change_that_is_sent_again_gets_its_entry_and_its_line_is_not_kept(bureau: Bureau):
    phone, line = written(bureau)
    bureau.erase()
    result = phone.push_lines([line])
    assert result.outcomes[0].verdict == "same"
    assert not bureau.holds(WORDS)
    assert is_sound(bureau)


def test_the_same_line_under_another_change_is_in_force_without_its_values(bureau: Bureau):
    phone, line = written(bureau)
    bureau.erase()
    fresh = with_new_id(bureau, line)
    result = phone.push_lines([fresh])
    assert result.outcomes[0].verdict == "applied"
    made = bureau.record(json.loads(fresh[0])["record"])
    assert "facts" not in made.values
    assert made.digests["facts"] in bureau.erased()
    assert not bureau.holds(WORDS)
    assert is_sound(bureau)


def test_a_line_that_stands_on_two_records_goes_from_both_with_an_entry_each(bureau: Bureau):
    phone, line = written(bureau)
    fresh = with_new_id(bureau, line)
    phone.push_lines([fresh])
    result = bureau.erase()
    assert set(result.records) == {bureau.finding, json.loads(fresh[0])["record"]}
    assert not bureau.holds(WORDS)
    assert is_sound(bureau)


def test_a_line_of_another_salt_is_another_line_and_is_kept(bureau: Bureau):
    phone, _ = written(bureau)
    bureau.erase()
    phone.push(bureau.city.finding(facts=WORDS))
    assert bureau.holds(WORDS)
    assert is_sound(bureau)


def test_the_text_of_a_fork_is_kept_without_what_was_erased(bureau: Bureau):
    phone, line = written(bureau)
    bureau.erase()
    phone.seq, phone.prev = 0, lines.ZERO_DIGEST
    with pytest.raises(DeviceFork):
        phone.push_lines([line, phone.line(bureau.city.finding(facts="演示数据：岔路"))])
    assert bureau.holds("岔路")
    assert not bureau.holds(WORDS)
    assert any(erasure.erased_digest(row) for row in bureau.private_lines())


def test_a_text_in_quarantine_loses_the_line_and_the_audit_still_reads_it(bureau: Bureau):
    phone = bureau.city.phones[0]
    good, bad = bureau.city.finding(facts=WORDS), bureau.city.finding(origin="nonsense")
    phone.push(good, bad)
    bureau.finding = good.record
    bureau.erase()
    assert not bureau.holds(WORDS)
    assert is_sound(bureau)


def test_a_text_in_quarantine_that_is_one_fault_as_a_whole_loses_the_line_too(bureau: Bureau):
    phone, line = written(bureau)
    edit = phone.line(Draft("edit", "finding", bureau.finding, {"facts": "演示数据：没有收下"}))
    phone.push_lines([edit], root="0" * 64)
    assert bureau.holds("没有收下")
    bureau.erase()
    assert not bureau.holds("没有收下")
    assert not bureau.holds(WORDS)
    assert is_sound(bureau)
    del line


def test_a_held_change_loses_its_line_and_comes_into_force_without_it(bureau: Bureau):
    one, two = bureau.city.phones
    finding = bureau.city.finding(facts="演示数据：建")
    services = bureau.installation.services
    one.push(finding)
    missing, tx = bureau.city.finding(facts="演示数据：来迟"), bureau.city.id()
    edit = Draft("edit", "finding", finding.record, {"facts": WORDS}, tx=tx)
    other = Draft("edit", "finding", missing.record, {"amount_fen": 3}, tx=tx)
    held = two.push(edit, other)
    assert held.outcomes[0].verdict == "held"
    bureau.finding = finding.record
    bureau.erase()
    assert not bureau.holds(WORDS)
    with services.database.reading() as connection:
        rows = waiting_store.waited_for(connection, services.ledger.id, {missing.record})
    assert [row.verdict for row in rows] == ["held", "held"]
    one.push(missing)
    with services.database.reading() as connection:
        assert not waiting_store.waited_for(connection, services.ledger.id, {missing.record})
    after = bureau.record()
    assert len(after.writes["facts"]) == 2
    assert "facts" not in after.values
    assert not bureau.holds(WORDS)
    assert is_sound(bureau)


def test_the_signers_own_record_notes_the_digests_before_the_commit(bureau: Bureau):
    written(bureau)
    bureau.erase()
    path = bureau.installation.services.config.signer_file
    notes = [json.loads(line) for line in path.read_text().splitlines() if line.strip()]
    (at,) = [n for n, note in enumerate(notes) if note["state"] == "erased"]
    assert {notes[at]["digest"]} == bureau.erased()
    assert notes[at + 1]["state"] == "prepared"
    assert notes[at + 1]["root"] == notes[at]["root"]
    kept = [one for one in bureau.installation.services.signer.notes() if one["state"] == "erased"]
    assert kept == [{"state": "erased", "digest": notes[at]["digest"]}]
    bureau.city.phones[0].push(bureau.city.finding())
    assert is_sound(bureau), "the signer goes on behind such a note"


def test_nothing_is_left_where_the_commit_fails(bureau: Bureau, monkeypatch: pytest.MonkeyPatch):
    written(bureau)

    monkeypatch.setattr("server.storage.ledger_writer.write_head", _full)
    with pytest.raises(OSError, match="no"):
        bureau.erase()
    monkeypatch.undo()
    assert bureau.holds(WORDS)
    assert not bureau.erased()
    assert is_sound(bureau)


def test_digests_of_the_lines_that_are_kept_are_those_that_the_bodies_name(bureau: Bureau):
    _, line = written(bureau)
    assert digests(line[1]) <= digests(bureau.private_lines())
    bureau.erase()
    assert not digests(line[1]) & digests(bureau.private_lines())
    assert changes.PRIVATE_LINES_MAX == 2
    assert Path(bureau.installation.services.config.signer_file).exists()


def brought_back(bureau: Bureau) -> str:
    """Let the signer's record know of an erasure that a restored database knows nothing of; return the digest."""
    _, line = written(bureau)
    services = bureau.installation.services
    (private,) = line[1]
    with services.database.reading() as connection:
        head = ledger_store.head(connection, services.ledger.id).checkpoint(services.ledger.origin)
    digest = lines.digest(private)
    services.signer.prepare(head, [{"state": ERASED, "digest": digest}])
    services.signer.committed(head)
    return digest


def told(bureau: Bureau) -> str:
    """Return what the doctor says of what was erased."""
    found = examine(bureau.installation.services)
    return next(check.state for check in found if check.name == "erased")


def test_what_a_backup_brought_back_is_told_and_erased_again(bureau: Bureau):
    assert told(bureau) == OK
    digest = brought_back(bureau)
    bureau.city.phones[0].push(bureau.city.finding(facts="演示数据：bleibt"))
    assert told(bureau) == PROBLEM
    services = bureau.installation.services
    assert erasing.brought_back(services) == {bureau.finding: {digest}}
    assert erasing.erase_again(services) == 1
    assert bureau.erased() == {digest}
    assert not bureau.holds(WORDS)
    assert bureau.holds("bleibt")
    assert told(bureau) == OK
    assert is_sound(bureau)
    assert erasing.erase_again(services) == 0


def test_an_erasure_that_never_came_to_be_is_not_done_again(bureau: Bureau, monkeypatch: pytest.MonkeyPatch):
    written(bureau)
    monkeypatch.setattr("server.storage.ledger_writer.write_head", _full)
    with pytest.raises(OSError, match="no"):
        bureau.erase()
    monkeypatch.undo()
    bureau.city.phones[0].push(bureau.city.finding())
    assert erasing.brought_back(bureau.installation.services) == {}
    assert bureau.holds(WORDS)


def _full(*_: object, **__: object) -> None:
    raise OSError("no")
