"""The phone's command line: plain data out, exit status 0, 1 or 2, never a stack trace."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mobile_stub import cli, identity
from mobile_stub.identity import Hardness
from tests.mobile_stub.bench import PIN, SOFT, Bench


class Terminal:
    """Runs commands of one phone against a fake ledger."""

    def __init__(self, bench: Bench):
        self.bench, self.said, self.complained = bench, "", ""

    def run(self, *argv: str, pin: str | None = PIN) -> int:
        said: list[str] = []
        complained: list[str] = []
        options = ["--home", str(self.bench.folder / "phone"), *(["--pin", pin] if pin else [])]
        client = self.bench.ledger.client()
        status = cli.main([*options, *argv], said.append, complained.append, client)
        self.said, self.complained = "".join(said), "".join(complained)
        return status

    def data(self, *argv: str) -> Any:
        assert self.run(*argv, "--json") == 0, self.complained
        return json.loads(self.said)


@pytest.fixture
def terminal(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """A terminal whose phone is enrolled and has synced."""
    monkeypatch.setattr(identity, "Hardness", lambda: SOFT)
    terminal = Terminal(bench)
    text = bench.ledger.invite(bench.inspector).text()
    url, _, code = text.removeprefix("wardledger:").partition("#")
    assert terminal.run("enrol", url, code) == 0, terminal.complained
    assert terminal.run("sync") == 0
    return terminal


def test_the_hardness_of_real_phones_is_not_that_of_tests() -> None:
    assert Hardness().memory_kib >= 64 * 1024


def test_the_whole_text_of_the_code_enrols_too(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(identity, "Hardness", lambda: SOFT)
    terminal = Terminal(bench)
    assert terminal.data("enrol", bench.ledger.invite(bench.inspector).text())["user"] == bench.inspector


def test_a_text_that_is_no_invite_is_refused(bench: Bench) -> None:
    terminal = Terminal(bench)
    assert terminal.run("enrol", "http://ledger.example", "nonsense") == 1
    assert "malformed" in terminal.complained


def test_a_round_is_recorded_and_synced(terminal: Terminal) -> None:
    done = terminal.data("round", "--photo-share", "0")
    assert len(done["bed_checks"]) == 1
    assert terminal.data("status")["outbox"] >= 4
    assert set(terminal.data("sync")["pushed"]["verdicts"]) == {"applied"}
    assert terminal.data("status")["outbox"] == 0


def test_one_bed_is_recorded_as_the_options_say(terminal: Terminal) -> None:
    done = terminal.data(
        "round",
        "--bed",
        "1101",
        "--presence",
        "absent",
        "--note",
        "去做检查",
        "--lat",
        "31.7",
        "--lon",
        "116.5",
    )
    shown = terminal.data("status", "--type", "bed_check")[done["bed_check"]]
    assert (shown["presence"], shown["note"]) == ("absent", "去做检查")
    assert shown["position"]["lat_e7"] == 317_000_000


def test_evidence_and_a_finding_and_its_statement_are_recorded(terminal: Terminal) -> None:
    photo = terminal.bench.folder / "bed.jpg"
    photo.write_bytes(b"photo")
    evidence = terminal.data("evidence", str(photo))
    assert evidence["size"] == 5
    finding = terminal.data(
        "finding",
        "--violation",
        "bed_hanging",
        "--facts",
        "事实",
        "--amount-fen",
        "1200",
        "--evidence",
        evidence["evidence"],
    )
    terminal.data(
        "finding", "--statement-on", finding["finding"], "--statement", "silent", "--heard-on", "2026-11-18"
    )
    assert terminal.data("status", "--type", "finding")[finding["finding"]]["stage"] == "heard"
    assert terminal.run("sync") == 0


def test_a_finding_without_its_amount_is_a_wrong_use(terminal: Terminal) -> None:
    assert terminal.run("finding", "--violation", "bed_hanging", "--facts", "事实") == 2
    assert "--amount-fen" in terminal.complained


def test_a_file_that_is_not_there_fails_with_one_line(terminal: Terminal) -> None:
    assert terminal.run("evidence", "nowhere.jpg") == 1
    assert terminal.complained.startswith("file:")


def test_a_file_of_no_known_kind_is_a_wrong_use(terminal: Terminal) -> None:
    assert terminal.run("evidence", "notes.xyz") == 2


def test_an_open_conflict_is_listed_and_resolved(terminal: Terminal) -> None:
    bench = terminal.bench
    finding = terminal.data(
        "finding", "--violation", "bed_hanging", "--facts", "事实", "--amount-fen", "1200"
    )["finding"]
    assert terminal.run("sync") == 0
    with bench.ready("other") as other, bench.open() as phone:
        phone.edit(finding, {"amount_fen": 1300})
        other.edit(finding, {"amount_fen": 1400})
        assert other.sync().clean
        assert phone.sync().clean
    (conflict,) = terminal.data("resolve")
    assert terminal.run("resolve", conflict) == 2
    terminal.data("resolve", conflict, "--value", "1400")
    assert terminal.data("sync")["pushed"]["verdicts"] == {"applied": 1}
    assert terminal.data("resolve") == {}


def test_a_wrong_pin_opens_nothing(terminal: Terminal) -> None:
    assert terminal.run("status", pin="000000") == 1
    assert terminal.complained.startswith("wrong_pin")


def test_no_pin_at_all_is_a_wrong_use(terminal: Terminal) -> None:
    with pytest.raises(SystemExit) as ended:
        terminal.run("status", pin=None)
    assert ended.value.code == 2


def test_the_pin_may_stand_in_the_environment(terminal: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cli.PIN_VARIABLE, PIN)
    assert terminal.run("status", pin=None) == 0


def test_an_alarm_is_loud_and_fails(terminal: Terminal) -> None:
    terminal.bench.ledger.log.pop()
    terminal.bench.ledger.user("auditor")
    assert terminal.run("sync") == 1
    assert "ALARM" in terminal.complained
    assert terminal.run("status") == 1


def test_without_a_network_a_sync_fails_and_says_so(terminal: Terminal) -> None:
    import httpx

    def cut(request: httpx.Request) -> None:
        raise httpx.ConnectError("no network")

    terminal.bench.ledger.before = cut
    assert terminal.run("sync", "--json") == 1
    assert {error["code"] for error in json.loads(terminal.said)["errors"]} == {"offline"}


def test_a_fleet_needs_an_invite_for_each_new_phone(bench: Bench) -> None:
    terminal = Terminal(bench)
    assert terminal.run("fleet", "--phones", "2") == 2
    assert "invite" in terminal.complained


def test_a_signed_slip_is_photographed_for_its_notice(terminal: Terminal, bench: Bench) -> None:
    photo = bench.folder / "slip.jpg"
    photo.write_bytes(b"photo")
    taken = terminal.data("slip", str(photo), "--notice", bench.encounter)
    shown = terminal.data("status", "--type", "evidence")[taken["evidence"]]
    assert (shown["form"], shown["slip_of"], shown["digest"]) == (
        "service_slip",
        bench.encounter,
        taken["digest"],
    )
    assert terminal.run("slip", str(photo), "--number", "六医保改〔2026〕1号") == 1
    with pytest.raises(SystemExit) as ended:
        terminal.run("slip", str(photo))
    assert ended.value.code == 2


def test_a_fleet_enrols_works_and_tells_what_it_did(bench: Bench) -> None:
    invites = bench.folder / "invites"
    invites.write_text("\n".join(bench.ledger.invite(bench.inspector).text() for _ in range(2)))
    terminal = Terminal(bench)
    options = ["--phones", "2", "--days", "1", "--invites", str(invites), "--photo-share", "0", "--jobs", "1"]
    total = terminal.data("fleet", *options)
    assert (total["phones"], total["alarms"], total["errors"]) == (2, 0, {})
    assert total["beds"] >= 2


@pytest.mark.parametrize(
    "command", ["enrol", "round", "evidence", "slip", "finding", "resolve", "sync", "status", "fleet"]
)
def test_every_command_explains_itself(command: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        cli.main(["--home", "nowhere", command, "--help"])
    assert ended.value.code == 0
    assert "--json" in capsys.readouterr().out
