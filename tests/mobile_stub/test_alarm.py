"""The alarm: whatever the ledger says against what this phone has seen is found, kept, and stops the sealing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from mobile_stub.kit import ALARM_FILE
from mobile_stub.trouble import Alarmed
from sync import lines, merge, signing
from sync.changes import private_line
from sync.checkpoint import Checkpoint
from tests.mobile_stub.bench import Bench
from tests.mobile_stub.fake_ledger import FakeLedger, Spoil

FINDING: dict[str, Any] = {"violation_code": "bed_hanging", "facts": "事实", "amount_fen": 1200}


def item(change: Callable[[dict[str, Any]], None]) -> Spoil:
    """Return what falsifies the last item of a feed page."""

    def spoil(body: dict[str, Any]) -> dict[str, Any]:
        change(body["items"][-1])
        return body

    return spoil


def set_field(body: dict[str, Any]) -> None:
    body["fields"]["amount_fen"] = 9


def drop_field(body: dict[str, Any]) -> None:
    del body["fields"]["amount_fen"]


def set_life(body: dict[str, Any]) -> None:
    body["life"] = "voided"


def set_private(body: dict[str, Any]) -> None:
    other = private_line("person", b"s" * 16, {"facts": "另一事实"})
    body["private"], body["digests"]["facts"] = [other.decode()], lines.digest(other)


def other_entry(body: dict[str, Any]) -> None:
    body["entry"] = 3


def no_entry(body: dict[str, Any]) -> None:
    body["entry"] = 99


FEEDS: dict[str, Spoil] = {
    "a value": item(set_field),
    "a missing value": item(drop_field),
    "a life": item(set_life),
    "a private line": item(set_private),
    "an entry of another record": item(other_entry),
    "an entry that is not shown": item(no_entry),
    "a page for another phone": lambda body: body | {"device": "0" * 8 + "-0000-7000-8000-" + "0" * 12},
    "a page for another cursor": lambda body: body | {"after": "1"},
    "a head beyond its checkpoint": lambda body: body | {"head": 9_999},
    "another epoch": lambda body: body | {"epoch": "cd" * 16},
    "a proof that does not join": lambda body: body | {"proof": [lines.b64u(b"x" * 32)]},
    "no proof": lambda body: body | {"proof": []},
}

RECEIPTS: dict[str, Spoil] = {
    "another set": lambda body: body | {"set": "0" * 64},
    "another device": lambda body: body | {"device": "someone"},
    "an altered entry": lambda body: (
        body | {"entries": [line.replace("applied", "refused") for line in body["entries"]]}
    ),
    "no proof to the checkpoint": lambda body: body | {"range": [*body["range"][:-1], lines.b64u(b"x" * 32)]},
    "no proof from what was seen": lambda body: body | {"from_seen": [lines.b64u(b"x" * 32)]},
}


def stands(bench: Bench, phone: Any) -> None:
    """Assert that the alarm stands: in the report, in a file, for every later sync and seal, but not for recording."""
    assert phone.kit.alarm
    assert (bench.folder / "phone" / ALARM_FILE).read_text("utf-8").strip()
    asked = len(bench.ledger.requests)
    bench.ledger.spoil.clear()
    phone.write_finding(bench.inspection, **FINDING)
    report = phone.sync()
    assert report.alarm
    assert [error.code for error in report.errors] == [Alarmed.code]
    assert len(bench.ledger.requests) == asked
    assert phone.status()["outbox"] >= 1
    phone.close()
    with bench.open() as again:
        assert again.kit.alarm


@pytest.mark.parametrize("what", FEEDS)
def test_a_falsified_feed_raises_the_alarm_and_nothing_of_it_is_kept(bench: Bench, what: str) -> None:
    with bench.ready("other") as other:
        phone = bench.ready()
        finding = other.write_finding(bench.inspection, **FINDING)
        assert other.sync().clean
    bench.ledger.spoil[signing.FEED] = FEEDS[what]
    head = phone.kit.head
    assert phone.sync().alarm
    assert phone.kit.journal.copy(finding) is None
    assert phone.kit.head == head
    stands(bench, phone)


def test_an_honest_feed_raises_none(bench: Bench) -> None:
    with bench.ready("other") as other:
        phone = bench.ready()
        finding = other.write_finding(bench.inspection, **FINDING)
        assert other.sync().clean
    assert phone.sync().clean
    assert phone.show(finding).values["facts"] == "事实"
    assert not (bench.folder / "phone" / ALARM_FILE).exists()
    phone.close()


@pytest.mark.parametrize("what", RECEIPTS)
def test_a_falsified_receipt_raises_the_alarm_and_the_set_stays(bench: Bench, what: str) -> None:
    phone = bench.ready()
    phone.write_finding(bench.inspection, **FINDING)
    bench.ledger.spoil[signing.RECEIPT] = RECEIPTS[what]
    assert phone.sync().alarm
    assert phone.status()["sets_unacknowledged"] == 1
    assert len(phone.kit.journal.of_set(1)) == 1
    stands(bench, phone)


@pytest.mark.parametrize("answer", ["receipt", "feed"])
def test_a_statement_by_another_key_raises_the_alarm(bench: Bench, answer: str) -> None:
    phone = bench.ready()
    phone.write_finding(bench.inspection, **FINDING)
    if answer == "feed":
        assert phone.sync().pushed.sets == 1
        bench.patient("W12", "1201")
    impostor = FakeLedger()
    bench.ledger.key = impostor.key
    assert phone.sync().alarm
    stands_without_key(phone)


def stands_without_key(phone: Any) -> None:
    assert phone.kit.alarm
    phone.close()


def other_root(head: Checkpoint) -> Checkpoint:
    return replace(head, root=b"r" * 32)


@pytest.mark.parametrize("part", ["feed", "empty feed", "receipt"])
def test_a_checkpoint_over_another_tree_raises_the_alarm(bench: Bench, part: str) -> None:
    phone = bench.ready()
    if part == "feed":
        bench.patient("W12", "1201")
    elif part == "empty feed":
        bench.ledger.user("auditor")
    else:
        phone.write_finding(bench.inspection, **FINDING)
    head = phone.kit.head
    bench.ledger.spoil["checkpoint"] = other_root
    assert phone.sync().alarm
    assert phone.kit.head == head
    stands(bench, phone)


def test_a_ledger_that_lost_entries_raises_the_alarm(bench: Bench) -> None:
    phone = bench.ready()
    bench.ledger.log.pop()
    bench.ledger.user("auditor")
    assert phone.sync().alarm
    stands(bench, phone)


def test_a_ledger_that_grew_raises_none(bench: Bench) -> None:
    with bench.ready() as phone:
        bench.ledger.user("auditor")
        assert phone.sync().clean


def test_a_shorter_head_that_is_an_ancestor_is_heard_and_not_kept(bench: Bench) -> None:
    with bench.ready() as phone:
        head = phone.kit.head
        note = bench.ledger.head(2).note
        from mobile_stub.ledger_view import follow

        assert follow(phone.kit, note) == head


def test_a_new_epoch_without_recovery_raises_the_alarm(bench: Bench) -> None:
    phone = bench.ready()
    bench.ledger.epoch = "cd" * 16
    bench.ledger.user("auditor")
    assert phone.sync().alarm
    stands(bench, phone)


def test_an_altered_row_is_found_by_the_checks_of_random_records(bench: Bench) -> None:
    """The altered entry is served with its record, and only its place in the tree cannot be shown."""
    phone = bench.ready()
    patient = bench.patient("W12", "1201")
    record = bench.ledger.records[patient]
    forged = replace(record, values=record.values | {"bed": "9999"})
    index = record.version
    from sync.entries import from_line

    entry = from_line(bench.ledger.log[index])
    line = replace(entry, after=merge.after_digest(forged, entry.salt)).line()
    bench.ledger.records[patient] = forged

    def alter(body: dict[str, Any]) -> dict[str, Any]:
        return body | {"entries": body["entries"] | {str(index): line.decode()}}

    bench.ledger.spoil[signing.FEED] = alter
    report = phone.sync()
    assert [(error.part, error.code) for error in report.errors] == [("check", Alarmed.code)]
    stands(bench, phone)


def test_a_place_proof_that_does_not_hold_raises_the_alarm(bench: Bench) -> None:
    phone = bench.ready()
    bench.patient("W12", "1201")
    bench.ledger.spoil["path"] = lambda path: [b"x" * 32 for _ in path]
    assert phone.sync().alarm
    stands(bench, phone)


def test_a_feed_sealed_by_nobody_in_particular_is_an_error_and_no_alarm(bench: Bench) -> None:
    import httpx

    from tests.mobile_stub.fake_ledger import path_of

    with bench.ready() as phone:
        bench.patient("W12", "1201")

        def flip(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
            if path_of(request) != "/v1/feed":
                return None
            return httpx.Response(200, content=answer.content[:-1] + bytes([answer.content[-1] ^ 1]))

        bench.ledger.after = flip
        report = phone.sync()
        assert [error.code for error in report.errors] == ["unopenable"]
        assert report.alarm is None
        bench.ledger.after = lambda request, answer: None
        assert phone.sync().clean
