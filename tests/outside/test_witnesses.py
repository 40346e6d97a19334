"""Our heads are cosigned by others, and a ledger that was put back or rewritten is told by them."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.request import urlopen

import pytest
from sqlalchemy import text, update
from sqlalchemy.exc import DBAPIError

from server.app import create_app
from server.ledger.audit import audit, audit_snapshot
from server.operations.doctor import NOTICE, OK, PROBLEM, Check, examine
from server.outside import parties, witnesses
from server.outside.refusals import NotConfigured
from server.reminders import schedule
from server.storage import witness_store
from server.storage.witness_store import AHEAD, AWAY, COSIGNED, FORKED, LINES, REFUSED, Contact
from sync import checkpoint, cosignature
from tests.outside.towns import Town
from tests.server.altering import altered
from tests.server.builders import FOUNDING, ORIGIN
from tests.server.commands import command_line
from tests.services.granian import ROOT, ServerProcess, clean_environment

Towns = tuple[Town, Town]


def ask(log: Town) -> Contact:
    """Let a town ask its only witness."""
    (witness,) = log.witnesses()
    return witnesses.exchange(log.installation.services, witness)


def served(log: Town, path: str = "/ledger/checkpoint") -> Any:
    return log.installation.app.test_client().get(path)


def word(log: Town) -> Check:
    """Return the doctor's word about the witnesses."""
    return next(check for check in examine(log.installation.services) if check.name == "witnesses")


# -- the straight way ------------------------------------------------------------------------------------------


def test_a_head_is_cosigned_kept_and_served(towns: Towns):
    log, witness = towns
    found = ask(log)
    assert (found.state, found.known, found.words) == (COSIGNED, FOUNDING, "")
    note = served(log).text
    own, line = note.split("\n\n")[1][:-1].split("\n")
    assert own.startswith(f"\u2014 {log.name} ")
    assert witness.seconds(line, note) == witness.installation.clock.now // 1000
    assert audit(log.installation.services).ok
    assert audit(witness.installation.services).ok


def test_a_phone_accepts_a_cosigned_head(towns: Towns):
    log, _ = towns
    ask(log)
    note = served(log).text
    assert note.count("\u2014") == 2
    assert checkpoint.verify(note, log.installation.services.keyring.verifiers()).size == FOUNDING


def test_a_head_that_has_grown_is_served_bare_and_the_cosigned_one_beside_it(towns: Towns):
    log, _ = towns
    assert served(log, "/ledger/cosigned").status_code == 404
    ask(log)
    log.grow()
    assert served(log).text.count("\u2014") == 1
    kept = served(log, "/ledger/cosigned")
    assert (kept.status_code, kept.text.count("\u2014"), kept.text.split("\n")[1]) == (200, 2, str(FOUNDING))


def test_each_head_is_proven_from_the_one_that_the_witness_knows(towns: Towns):
    log, witness = towns
    for first in (1, 4, 7):
        assert ask(log).known == log.size
        log.grow(3, first=first)
    # Somebody else presented the head: the witness tells its size, and the proof is made from there.
    answer = witness.installation.app.test_client().post(
        "/add-checkpoint", data=log.request(log.size - 3, log.size)
    )
    assert answer.status_code == 200
    log.grow(first=20)
    assert (ask(log).state, ask(log).known) == (COSIGNED, log.size)


def test_the_scheduler_asks_every_few_minutes_while_there_is_something_new(towns: Towns):
    log, _ = towns
    services, clock = log.installation.services, log.installation.clock
    assert schedule.tick(services, services.now())["cosigned"] == 1
    log.grow()
    assert "cosigned" not in schedule.tick(services, services.now())
    clock.advance(seconds=witnesses.EVERY_MS / 1000)
    towns[1].installation.clock.now = clock.now
    assert schedule.tick(services, services.now())["cosigned"] == 1
    clock.advance(seconds=witnesses.EVERY_MS / 1000)
    assert "cosigned" not in schedule.tick(services, services.now())
    clock.advance(days=1)
    towns[1].installation.clock.now = clock.now
    assert schedule.tick(services, services.now())["cosigned"] == 1


def test_two_bureaus_witness_each_other(towns: Towns):
    log, other = towns
    other.asks(log)
    log.trusts(other.log_key)
    assert [ask(log).state, ask(other).state] == [COSIGNED, COSIGNED]
    assert [word(log).state, word(other).state] == [OK, OK]


# -- a ledger that was put back or rewritten ---------------------------------------------------------------------


def at_an_earlier_moment(log: Town, tmp_path: Path) -> tuple[Path, Path]:
    """Return copies of the database and the signer's record as they are now."""
    config = log.installation.services.config
    kept = tmp_path / "kept.sqlite", tmp_path / "kept.log"
    with sqlite3.connect(tmp_path / "log.sqlite") as source, sqlite3.connect(kept[0]) as target:
        source.backup(target)
    for connection in (source, target):
        connection.close()
    shutil.copy(config.signer_file, kept[1])
    return kept


def put_back(log: Town, kept: tuple[Path, Path], tmp_path: Path) -> Town:
    """Return the town as somebody left it who put back both: the one who may forge, and not only err."""
    log.installation.services.engine.dispose()
    for path in tmp_path.glob("log.sqlite*"):
        path.unlink()
    shutil.copy(kept[0], tmp_path / "log.sqlite")
    shutil.copy(kept[1], log.installation.services.config.signer_file)
    app = create_app(log.installation.services.config, now_ms=log.installation.clock)
    return Town(type(log.installation)(app, log.installation.clock), log.url)


def test_a_ledger_that_was_put_back_is_told_by_its_witness(towns: Towns, tmp_path: Path):
    log, _ = towns
    kept = at_an_earlier_moment(log, tmp_path)
    log.grow(3)
    ask(log)
    back = put_back(log, kept, tmp_path)
    assert back.size == FOUNDING
    found = ask(back)
    assert (found.state, found.known) == (AHEAD, FOUNDING + 3)
    said = word(back)
    assert said.state == PROBLEM
    assert f"cosigned {FOUNDING + 3} entries of this ledger, which now has {FOUNDING}" in said.words
    back.installation.services.engine.dispose()


def test_a_ledger_that_was_put_back_and_went_on_otherwise_is_told_by_its_witness(
    towns: Towns, tmp_path: Path
):
    log, witness = towns
    kept = at_an_earlier_moment(log, tmp_path)
    log.grow(3)
    ask(log)
    back = put_back(log, kept, tmp_path)
    back.grow(5, first=100)
    found = ask(back)
    assert (found.state, found.known) == (FORKED, FOUNDING + 3)
    assert (word(back).state, "another tree" in word(back).words) == (PROBLEM, True)
    assert served(back).text.count("\u2014") == 1
    services = witness.installation.services
    with services.database.reading() as connection:
        held = witness_store.witnessed(connection, services.ledger.id, back.name)
    assert held is not None
    assert held.size == FOUNDING + 3
    back.installation.services.engine.dispose()


# -- witnesses that are away, or lie -----------------------------------------------------------------------------


class Liar(BaseHTTPRequestHandler):
    """Answers what the test laid down."""

    answers: list[tuple[int, str, bytes]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, kind, body = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words: object) -> None:
        """Tell nothing."""


@pytest.fixture
def liar(towns: Towns) -> Iterator[type[Liar]]:
    """A witness in the real one's place, under its name and key."""
    log, witness = towns
    server = HTTPServer(("127.0.0.1", 0), Liar)
    thread = Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    log.asks(Town(witness.installation, f"http://127.0.0.1:{server.server_port}"))
    yield Liar
    server.shutdown()
    thread.join()
    server.server_close()


SIZE_TYPE = "text/x.tlog.size"


@pytest.mark.parametrize(
    ("answer", "state"),
    [
        ((500, "text/plain", b"x"), AWAY),
        ((409, "text/plain", b"4\n"), AWAY),
        ((409, SIZE_TYPE, b"04\n"), AWAY),
        ((409, SIZE_TYPE, b"4"), AWAY),
        ((409, SIZE_TYPE, b"\xff\n"), AWAY),
        ((409, SIZE_TYPE, b"2\n"), AWAY),
        ((409, SIZE_TYPE, b"99\n"), AHEAD),
        ((404, "text/plain", b""), REFUSED),
        ((403, "text/plain", b""), REFUSED),
        ((400, "text/plain", b""), REFUSED),
        ((302, "text/plain", b""), REFUSED),
        ((422, "text/plain", b""), FORKED),
        ((200, "text/plain", b""), REFUSED),
        ((200, "text/plain", b"<html></html>\n"), REFUSED),
        ((200, "text/plain", b"x" * (witnesses.ANSWER_BYTES_MAX + 1)), AWAY),
    ],
)
def test_whatever_a_witness_answers_it_is_noted_and_nothing_false_is_kept(
    towns: Towns, liar: type[Liar], answer: tuple[int, str, bytes], state: str
):
    log, _ = towns
    liar.answers = [answer]
    assert ask(log).state == state
    assert served(log).text.count("\u2014") == 1
    assert word(log).state == (PROBLEM if state in (AHEAD, FORKED) else NOTICE)


def test_a_line_over_another_head_or_of_another_day_is_not_kept(towns: Towns, liar: type[Liar]):
    log, witness = towns
    key = parties.own_key(witness.installation.services.config)
    assert key is not None
    body = cosignature.body_of(log.note(FOUNDING))
    name, now = (
        parties.own_name(witness.installation.services.ledger.origin),
        log.installation.clock.now // 1000,
    )
    for line in (
        cosignature.cosign(body.replace(f"\n{FOUNDING}\n", "\n9\n"), name, key, now),
        cosignature.cosign(body, "another.example/witness", key, now),
        cosignature.cosign(body, name, key, now + witnesses.CLOCK_SLACK_SECONDS + 1),
    ):
        liar.answers = [(200, "text/plain", f"{line}\n".encode())]
        assert ask(log).state == REFUSED
    liar.answers = [(200, "text/plain", f"{cosignature.cosign(body, name, key, now)}\n".encode())]
    assert ask(log).state == COSIGNED


def test_a_witness_that_is_away_keeps_nobody_from_the_others(towns: Towns):
    log, witness = towns
    config = log.installation.services.config
    away = parties.make_key(witness.installation.services.config, witness.installation.services.random)
    name, key = away.split("+")[0], witness.installation.services.keyring.ledger_public
    gone = checkpoint.verifier_key(f"{name}2", key, cosignature.COSIGNATURE)
    rows = [{"url": "http://127.0.0.1:9", "vkey": gone}, {"url": witness.url, "vkey": away}]
    config.witnesses_file.write_text(json.dumps({"witnesses": rows}))
    assert witnesses.sweep(log.installation.services) == 1
    assert [one.last.state for one in witnesses.standings(log.installation.services) if one.last] == [
        AWAY,
        COSIGNED,
    ]


# -- what is kept, and the operator -------------------------------------------------------------------------------


def test_the_database_refuses_to_alter_or_drop_a_cosignature(towns: Towns):
    log, _ = towns
    ask(log)
    for order in ("UPDATE cosignature SET size = size", "DELETE FROM cosignature"):
        engine = log.installation.services.engine
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(order))


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("epoch", "00" * 16),
        ("size", 3),
        ("witness", "a"),
        ("at", 7),
        ("vkey", "a+b+c"),
        ("line", "\u2014 a AAAA"),
    ],
)
def test_the_audit_names_a_cosignature_that_was_altered(towns: Towns, column: str, value: Any):
    log, _ = towns
    ask(log)
    with altered(log.installation.services) as connection:
        connection.execute(update(LINES).values({LINES.c[column]: value}))
        report = audit_snapshot(log.installation.services, connection)
    assert {finding.table for finding in report.findings} == {"cosignature"}, report.text()


def test_the_doctor_says_when_a_witness_has_not_cosigned_for_long(towns: Towns):
    log, _ = towns
    assert (word(log).state, "not cosigned yet" in word(log).words) == (NOTICE, True)
    ask(log)
    assert word(log).state == OK
    log.installation.clock.advance(days=2)
    assert word(log).state == NOTICE


@pytest.mark.parametrize(
    "written",
    [
        "no",
        "[]",
        '{"witnesses": {}}',
        '{"witnesses": ["x"]}',
        '{"witnesses": [{"url": "http://127.0.0.1"}]}',
        '{"witnesses": [{"url": "ftp://127.0.0.1", "vkey": "VKEY"}]}',
        '{"witnesses": [{"url": "http://127.0.0.1", "vkey": "a+00000000+AAAA"}]}',
        '{"witnesses": [{"url": "http://127.0.0.1", "vkey": "LOGKEY"}]}',
        '{"witnesses": [{"url": "http://a", "vkey": "VKEY"}, {"url": "http://b", "vkey": "VKEY"}]}',
    ],
)
def test_a_file_of_witnesses_that_cannot_be_read_is_told(towns: Towns, written: str):
    log, witness = towns
    config = log.installation.services.config
    given = written.replace("VKEY", witness.witness_key()).replace("LOGKEY", log.log_key)
    config.witnesses_file.write_text(given)
    with pytest.raises(NotConfigured, match=r"witnesses\.json|address"):
        parties.witnesses(config)
    assert word(log).state == PROBLEM
    assert witnesses.sweep(log.installation.services) == 0


def test_the_command_lists_asks_and_makes_the_key(
    towns: Towns, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    _, witness = towns
    run = command_line(tmp_path, capsys, monkeypatch)
    run.init()
    assert "nobody cosigns" in run("ledger", "witnesses").out
    told = run("ledger", "witnesses", "--make-key", "--json").json
    assert (told["witnesses"], told["as_witness"].split("+")[0]) == ([], f"{ORIGIN}/witness")
    assert run("ledger", "witnesses", "--make-key", "--json").json["as_witness"] == told["as_witness"]
    assert (run.home / "keys" / parties.KEY_FILE).stat().st_mode & 0o077 == 0
    witness.trusts(told["log"])
    rows = [{"url": witness.url, "vkey": witness.witness_key()}]
    (run.home / "witnesses.json").write_text(json.dumps({"witnesses": rows}))
    ended = run("ledger", "witnesses", "--json")
    assert (ended.json["witnesses"][0]["state"], ended.json["witnesses"][0]["lag"]) == (
        "never asked",
        FOUNDING,
    )
    monkeypatch.setattr(witnesses, "CLOCK_SLACK_SECONDS", 10**10)
    ended = run("ledger", "witnesses", "--now", "--json")
    assert (ended.status, ended.json["witnesses"][0]["state"], ended.json["witnesses"][0]["lag"]) == (
        0,
        COSIGNED,
        0,
    )
    assert f"{FOUNDING} entries at" in run("ledger", "witnesses").out


@pytest.mark.slow
def test_two_servers_of_their_own_witness_each_other(tmp_path: Path):
    """Two processes, each with its scheduler's tick: after one round either checkpoint bears both signatures."""
    homes = {name: tmp_path / name for name in ("luan", "anqing")}
    keys: dict[str, dict[str, str]] = {}
    for name, home in homes.items():
        command(home, "init", "--demo", "--origin", f"ledger.test/{name}", "--url", "http://127.0.0.1:1")
        keys[name] = json.loads(command(home, "ledger", "witnesses", "--make-key", "--json"))
    with ServerProcess(homes["luan"]) as luan, ServerProcess(homes["anqing"]) as anqing:
        for name, other, server in (("luan", "anqing", anqing), ("anqing", "luan", luan)):
            rows = [{"url": server.url, "vkey": keys[other]["as_witness"]}]
            (homes[name] / "witnesses.json").write_text(json.dumps({"witnesses": rows}))
            (homes[name] / "witnessed.json").write_text(json.dumps({"logs": [keys[other]["log"]]}))
        for home in homes.values():
            assert json.loads(command(home, "scheduler", "--once", "--json"))["cosigned"] == 1
        for server in (luan, anqing):
            with urlopen(f"{server.url}/ledger/checkpoint") as answer:
                assert answer.read().decode().count("\u2014") == 2


def command(home: Path, *words: str) -> str:
    """Run a command over a home in a process of its own; return what it printed."""
    done = subprocess.run(
        [sys.executable, "-P", "-m", "server", *words],
        env=clean_environment() | {"WARDLEDGER_HOME": str(home)},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
