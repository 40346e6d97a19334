"""The day's checkpoint is timestamped by an authority outside, and an answer that proves nothing is not kept."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import delete, text, update
from sqlalchemy.exc import DBAPIError

from server.ledger.audit import audit, audit_snapshot
from server.operations.doctor import NOTICE, OK, PROBLEM, Check, examine
from server.outside import asking, timestamps, tsa
from server.outside.refusals import BadTimestamp, NotConfigured, OutsideDown
from server.reminders import schedule
from server.storage import ledger_store, timestamp_store
from server.storage.timestamp_store import TABLE, Stamp
from sync.errors import Refusal
from tests.outside.authority import Authority, make_keys, openssl, query_over, reply, signed_again
from tests.server.altering import altered
from tests.server.builders import ORIGIN, Installation, install
from tests.server.commands import command_line

DAY_MS = 24 * 60 * 60_000
REJECTED = bytes.fromhex("30073005020102 3000".replace(" ", ""))
"""A response of status 2 (rejection) without words and without a token."""


def kept(installation: Installation) -> list[Stamp]:
    services = installation.services
    with services.database.reading() as connection:
        return list(timestamp_store.all_of(connection, services.ledger.id))


def note_of(installation: Installation) -> str:
    services = installation.services
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).note


def doctors_word(installation: Installation) -> Check:
    return next(check for check in examine(installation.services) if check.name == "timestamp")


# -- the straight way ------------------------------------------------------------------------------------------


def test_the_present_checkpoint_is_timestamped_and_kept(stamped: Installation):
    found = timestamps.stamp(stamped.services)
    assert kept(stamped) == [found]
    assert abs(found.at - stamped.services.now_ms()) < 60_000
    answer = tsa.read(found.response)
    note = note_of(stamped)
    assert answer.tst_info.message_imprint.message == hashlib.sha256(note.encode()).digest()
    assert audit(stamped.services).ok


def test_the_scheduler_asks_once_a_day(stamped: Installation, authority: Authority, monkeypatch: Any):
    assert schedule.tick(stamped.services, stamped.services.now())["timestamped"] == 1
    assert "timestamped" not in schedule.tick(stamped.services, stamped.services.now())
    assert len(authority.asked) == 1
    tomorrow = stamped.services.now_ms() + DAY_MS
    monkeypatch.setattr(stamped.services, "now_ms", lambda: tomorrow)
    assert timestamps.is_due(stamped.services)


def test_without_an_authority_nobody_is_asked(installation: Installation):
    assert timestamps.sweep(installation.services) == 0
    with pytest.raises(NotConfigured, match="WARDLEDGER_TSA_URL"):
        timestamps.stamp(installation.services)
    assert not [check for check in examine(installation.services) if check.name == "timestamp"]


def test_openssl_alone_verifies_what_is_exported(stamped: Installation, authority: Authority, tmp_path: Path):
    timestamps.stamp(stamped.services)
    note, answer = timestamps.export(stamped.services, tmp_path / "out")
    assert (note.suffix, answer.suffix) == (".note", ".tsr")
    said = openssl("ts", "-verify", "-in", answer, "-data", note, "-CAfile", authority.root)
    assert b"Verification: OK" in said
    note.write_text(note.read_text().replace(ORIGIN, "ledger.test/xuan"))
    with pytest.raises(AssertionError, match="message imprint mismatch"):
        openssl("ts", "-verify", "-in", answer, "-data", note, "-CAfile", authority.root)


# -- what proves nothing ----------------------------------------------------------------------------------------


def other_nonce(authority: Authority, note: Path) -> Any:
    return lambda _query: reply(authority.folder, query_over(note))


def test_an_answer_to_another_request_is_not_kept(
    stamped: Installation, authority: Authority, tmp_path: Path
):
    """Over the very note, by the very authority: only the nonce tells that it is not the answer to what was asked."""
    note = tmp_path / "note"
    note.write_text(note_of(stamped))
    authority.answer = other_nonce(authority, note)
    with pytest.raises(BadTimestamp, match="Nonce"):
        timestamps.stamp(stamped.services)
    assert kept(stamped) == []


def test_an_answer_over_something_else_is_not_kept(
    stamped: Installation, authority: Authority, tmp_path: Path
):
    other = tmp_path / "other"
    other.write_text(note_of(stamped) + "x")
    authority.answer = other_nonce(authority, other)
    with pytest.raises(BadTimestamp, match="something else"):
        timestamps.stamp(stamped.services)
    assert kept(stamped) == []


def test_an_answer_over_another_digest_of_the_note_is_not_kept(
    stamped: Installation, authority: Authority, tmp_path: Path
):
    note = tmp_path / "note"
    note.write_text(note_of(stamped))
    asked = openssl("ts", "-query", "-data", note, "-sha512", "-cert")
    authority.answer = lambda _query: reply(authority.folder, asked)
    with pytest.raises(BadTimestamp, match="something else"):
        timestamps.stamp(stamped.services)


def test_an_authority_that_leads_to_no_trusted_root_is_not_believed(
    stamped: Installation, authority: Authority, tmp_path: Path
):
    make_keys(tmp_path / "stranger")
    authority.answer = lambda query: reply(tmp_path / "stranger", query)
    with pytest.raises(BadTimestamp, match="does not verify"):
        timestamps.stamp(stamped.services)
    assert kept(stamped) == []


def resigned(tmp_path: Path, authority: Authority, usage: str) -> tuple[bytes, bytes, tsa.Trust]:
    """Return (answer, note, trust): a timestamp signed by a certificate for `usage` under a root that is trusted."""
    root = make_keys(tmp_path / "tsa", usage=usage)
    note = tmp_path / "note"
    note.write_text("a note\n")
    answer = signed_again(tmp_path, reply(authority.folder, query_over(note)), tmp_path / "tsa")
    return answer, note.read_bytes(), tsa.trust(root)


def test_a_certificate_that_is_for_timestamps_alone_is_believed(tmp_path: Path, authority: Authority):
    assert tsa.check(*resigned(tmp_path, authority, "critical,timeStamping")) > 0


@pytest.mark.parametrize(
    "usage", ["timeStamping", "critical,codeSigning", "critical,timeStamping,codeSigning"]
)
def test_a_certificate_that_is_not_for_timestamps_alone_is_not_believed(
    usage: str, tmp_path: Path, authority: Authority
):
    with pytest.raises(BadTimestamp, match="does not verify: certificate verify error"):
        tsa.check(*resigned(tmp_path, authority, usage))


@pytest.mark.parametrize("body", [b"", b"no", b"\x30\x82\xff\xff", b"<html></html>", REJECTED])
def test_garbage_and_refusals_are_told_and_not_kept(stamped: Installation, authority: Authority, body: bytes):
    authority.answer = lambda _query: body
    with pytest.raises(BadTimestamp):
        timestamps.stamp(stamped.services)
    assert kept(stamped) == []


def test_a_refusal_says_its_status(stamped: Installation, authority: Authority):
    authority.answer = lambda _query: REJECTED
    with pytest.raises(BadTimestamp, match=r"refused \(status 2"):
        timestamps.stamp(stamped.services)


def test_every_cut_of_an_answer_is_refused(authority: Authority, tmp_path: Path):
    note = tmp_path / "note"
    note.write_text("a note\n")
    whole, trusted = reply(authority.folder, query_over(note)), tsa.trust(authority.root)
    assert tsa.check(whole, note.read_bytes(), trusted) > 0
    for length in range(0, len(whole), 37):
        with pytest.raises(BadTimestamp):
            tsa.check(whole[:length], note.read_bytes(), trusted)


def test_an_authority_whose_clock_is_another_is_told(stamped: Installation, monkeypatch: Any):
    late = stamped.services.now_ms() + timestamps.CLOCK_SLACK_MS + 60_000
    monkeypatch.setattr(stamped.services, "now_ms", lambda: late)
    with pytest.raises(BadTimestamp, match="apart"):
        timestamps.stamp(stamped.services)
    assert kept(stamped) == []


# -- an authority that is away ----------------------------------------------------------------------------------


def test_an_authority_that_is_away_is_asked_again_after_a_while(
    stamped: Installation, authority: Authority, monkeypatch: Any
):
    authority.status = 503
    assert timestamps.sweep(stamped.services) == 0
    assert timestamps.sweep(stamped.services) == 0
    assert len(authority.asked) == 1
    authority.status = 200
    later = stamped.services.now_ms() + timestamps.AGAIN_MS
    monkeypatch.setattr(stamped.services, "now_ms", lambda: later)
    monkeypatch.setattr(timestamps, "CLOCK_SLACK_MS", 2 * timestamps.AGAIN_MS)
    assert timestamps.sweep(stamped.services) == 1
    assert len(kept(stamped)) == 1


def test_an_authority_that_takes_too_long_is_let_go(
    stamped: Installation, authority: Authority, monkeypatch: Any
):
    monkeypatch.setattr(asking, "SECONDS_MAX", 0.2)
    authority.wait_seconds = 0.6
    with pytest.raises(OutsideDown, match="does not answer"):
        timestamps.stamp(stamped.services)


def test_an_answer_without_end_is_let_go(stamped: Installation, authority: Authority):
    authority.answer = lambda _query: b"x" * (tsa.RESPONSE_BYTES_MAX + 1)
    with pytest.raises(OutsideDown, match="more than"):
        timestamps.stamp(stamped.services)


def test_an_address_at_which_nobody_is_there_is_told_without_its_password(
    tmp_path: Path, database_url: str, authority: Authority
):
    made = install(
        tmp_path / "home",
        database_url,
        WARDLEDGER_TSA_URL=f"http://{'clerk:hidden'}@127.0.0.1:9/tsa",
        WARDLEDGER_TSA_CERTS=str(authority.root),
    )
    with pytest.raises(OutsideDown) as found:
        timestamps.stamp(made.services)
    assert "hidden" not in found.value.detail
    assert "hidden" not in repr(made.services.config)
    made.services.engine.dispose()


# -- what is kept -----------------------------------------------------------------------------------------------


def test_the_database_refuses_to_alter_or_drop_a_timestamp(stamped: Installation):
    timestamps.stamp(stamped.services)
    for order in ("UPDATE time_token SET size = size", "DELETE FROM time_token"):
        with pytest.raises(DBAPIError, match="append-only"), stamped.services.engine.begin() as connection:
            connection.execute(text(order))


@pytest.mark.parametrize("column", ["epoch", "size", "at", "digest", "response"])
def test_the_audit_names_a_timestamp_that_was_altered(stamped: Installation, column: str):
    found = timestamps.stamp(stamped.services)
    value: Any = getattr(found, column)
    if isinstance(value, int):
        value += 1
    elif isinstance(value, bytes):
        value = value[:-200] + bytes([value[-200] ^ 1]) + value[-199:]
    else:
        value = ("0" if value[0] != "0" else "1") + value[1:]
    with altered(stamped.services) as connection:
        connection.execute(update(TABLE).values({TABLE.c[column]: value}))
        report = audit_snapshot(stamped.services, connection)
    assert [finding for finding in report.findings if finding.table == "time_token"], report.text()


def test_the_audit_names_a_timestamp_whose_checkpoint_is_gone(stamped: Installation):
    timestamps.stamp(stamped.services)
    from server.storage.database import table_of
    from server.storage.models import CheckpointRow

    with altered(stamped.services) as connection:
        connection.execute(delete(table_of(CheckpointRow)))
        report = audit_snapshot(stamped.services, connection)
    assert "no checkpoint of this ledger" in "".join(report.text())


def test_the_audit_says_when_no_timestamp_can_be_verified(
    stamped: Installation, authority: Authority, tmp_path: Path
):
    timestamps.stamp(stamped.services)
    object.__setattr__(stamped.services.config, "tsa_certs", "")
    assert "no timestamp can be verified" in audit(stamped.services).text()[0]
    object.__setattr__(stamped.services.config, "tsa_certs", str(make_keys(tmp_path / "stranger")))
    assert "does not verify" in audit(stamped.services).text()[0]


def test_a_file_without_roots_is_refused(tmp_path: Path, authority: Authority):
    for path, raw in (
        (tmp_path / "no.pem", b"x"),
        (tmp_path / "leaf.pem", (authority.folder / "tsa.pem").read_bytes()),
    ):
        path.write_bytes(raw)
        with pytest.raises(NotConfigured):
            tsa.trust(path)
    with pytest.raises(NotConfigured, match="there is no file"):
        tsa.trust(tmp_path / "nothing.pem")


# -- the operator -----------------------------------------------------------------------------------------------


def test_the_doctor_says_when_the_last_timestamp_is_old(stamped: Installation, monkeypatch: Any):
    assert doctors_word(stamped).state == NOTICE
    timestamps.stamp(stamped.services)
    assert doctors_word(stamped).state == OK
    late = stamped.services.now_ms() + 3 * DAY_MS
    monkeypatch.setattr(stamped.services, "now_ms", lambda: late)
    found = doctors_word(stamped)
    assert (found.state, found.words) == (NOTICE, "the last checkpoint was timestamped 3 days ago")
    object.__setattr__(stamped.services.config, "tsa_certs", "")
    assert doctors_word(stamped).state == PROBLEM


def test_the_command_asks_and_exports(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, authority: Authority
):
    run = command_line(tmp_path, capsys, monkeypatch)
    run.init()
    assert run("ledger", "timestamp").status == 1
    monkeypatch.setenv("WARDLEDGER_TSA_URL", authority.url)
    monkeypatch.setenv("WARDLEDGER_TSA_CERTS", str(authority.root))
    ended = run("ledger", "timestamp", "--json")
    assert (ended.status, ended.json["log"].rpartition("/")[0]) == (0, ORIGIN)
    assert "existed at" in run("ledger", "timestamp").out
    assert len(run("ledger", "timestamp", "--export", tmp_path / "out", "--json").json["files"]) >= 2
    authority.answer = lambda _query: b"x"
    ended = run("ledger", "timestamp", "--json")
    assert (ended.status, ended.json["code"]) == (1, "bad_timestamp")


def test_every_refusal_of_the_world_outside_says_what_to_do():
    for kind in (BadTimestamp, NotConfigured, OutsideDown):
        assert kind.next != Refusal.next
