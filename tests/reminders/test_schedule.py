"""One tick over a real mail server, and a scheduler process that ends in order."""

from __future__ import annotations

import json
import re
import signal
import time

import pytest

from server.cli import parser
from server.reminders.dispatch import BACKOFF_SECONDS_MIN, LEASE_SECONDS
from server.reminders.schedule import tick
from tests.reminders.scheduler_process import command, environment, scheduler
from tests.reminders.served_case import CONTACT, SECRETS, served_case
from tests.services.processes import kill, start, stop


def states(bureau, case):
    return [row.state for row in bureau.outbox(case)]


def test_a_served_case_reaches_its_contact_by_mail(bureau, mail_server):
    case = served_case(bureau)
    assert tick(bureau.services, bureau.now) == {"queued": 1, "sent": 1}
    (mail,) = mail_server.wait(1)
    assert mail["X-Envelope-To"] == mail["To"] == CONTACT
    assert "请签收" in mail["Subject"]
    assert case in mail.get_content()
    assert not [secret for secret in SECRETS if secret in mail.as_string() + mail.get_content()]
    assert re.fullmatch(r"<[0-9a-f]{40}@bureau.example>", mail["Message-ID"])
    assert case not in mail["Message-ID"]


def test_nothing_is_mailed_before_it_is_due(bureau, mail_server):
    served_case(bureau, served_on="2026-11-18")
    for _ in range(22):
        assert tick(bureau.services, bureau.now) == {}
        bureau.installation.clock.advance(seconds=3600)
    assert mail_server.attempts == 0
    bureau.installation.clock.advance(seconds=1800)
    assert tick(bureau.services, bureau.now) == {"queued": 1, "sent": 1}


def test_what_the_mail_server_defers_is_sent_later(bureau, mail_server):
    case = served_case(bureau)
    mail_server.behaviour = "defer"
    assert tick(bureau.services, bureau.now) == {"queued": 1, "retried": 1}
    mail_server.behaviour = "accept"
    bureau.installation.clock.advance(seconds=BACKOFF_SECONDS_MIN)
    assert tick(bureau.services, bureau.now) == {"sent": 1}
    assert (len(mail_server.wait(1)), states(bureau, case)) == (1, ["sent"])


def test_what_the_mail_server_refuses_has_failed(bureau, mail_server):
    case = served_case(bureau)
    mail_server.behaviour = "refuse"
    assert tick(bureau.services, bureau.now) == {"queued": 1, "failed": 1}
    assert states(bureau, case) == ["failed"]
    assert [reminder["result"] for reminder in bureau.reminders()] == ["failed"]


@pytest.mark.slow
def test_a_scheduler_process_sends_what_is_due_and_ends_in_order_on_sigterm(bureau, mail_server, tmp_path):
    case = served_case(bureau)
    with scheduler(bureau, tmp_path / "scheduler.log") as process:
        mail_server.wait(1, seconds=30)
        deadline = time.monotonic() + 20
        while states(bureau, case) != ["sent"] and time.monotonic() < deadline:
            time.sleep(0.05)
        assert stop(process, by=signal.SIGTERM) == 0
    log = (tmp_path / "scheduler.log").read_text("utf-8")
    assert states(bureau, case) == ["sent"]
    assert CONTACT not in log


@pytest.mark.slow
def test_a_scheduler_killed_while_the_server_hesitates_leaves_the_reminder_unknown(
    bureau, mail_server, tmp_path
):
    case = served_case(bureau)
    mail_server.behaviour = "keep_and_hang"
    with scheduler(bureau, tmp_path / "scheduler.log") as process:
        mail_server.wait(1, seconds=30)
        kill(process)
    assert states(bureau, case) == ["sending"]
    mail_server.behaviour = "accept"
    bureau.installation.clock.advance(seconds=LEASE_SECONDS + 120)
    assert tick(bureau.services, bureau.now) == {"unknown": 1}
    assert tick(bureau.services, bureau.now) == {}
    assert (len(mail_server.messages), states(bureau, case)) == (1, ["unknown"])
    assert [reminder["result"] for reminder in bureau.reminders()] == ["unknown"]


@pytest.mark.parametrize("seconds", ["0", "-1", "4000", "x"])
def test_a_tick_without_a_measure_is_wrong_usage(capsys, seconds):
    with pytest.raises(SystemExit) as ended:
        parser().parse_args(["scheduler", f"--seconds={seconds}"])
    assert ended.value.code == 2
    assert "--seconds" in capsys.readouterr().err


@pytest.mark.slow
def test_once_prints_what_came_of_it(bureau, mail_server, tmp_path):
    served_case(bureau)
    log = tmp_path / "once.log"
    words = command("scheduler", "--once", "--json")
    assert start(words, log=log, env=environment(bureau, tmp_path)).wait(60) == 0
    assert json.loads(log.read_text("utf-8")) == {"queued": 1, "sent": 1}
    assert len(mail_server.messages) == 1


@pytest.mark.slow
def test_a_mail_server_that_nobody_can_mean_is_told_by_its_setting(bureau, tmp_path):
    log = tmp_path / "settings.log"
    env = {**environment(bureau, tmp_path), "WARDLEDGER_SMTP_URL": "http://mail.example"}
    assert start(command("scheduler"), log=log, env=env).wait(60) == 2
    assert "WARDLEDGER_SMTP_URL" in log.read_text("utf-8")


@pytest.mark.slow
def test_the_preview_lists_what_is_coming_and_what_is_in_trouble(bureau, mail_server, tmp_path):
    case = served_case(bureau)
    mail_server.behaviour = "refuse"
    tick(bureau.services, bureau.now)
    log = tmp_path / "preview.json"
    words = command("reminders", "preview", "--days", "15", "--json")
    assert start(words, log=log, env=environment(bureau, tmp_path)).wait(60) == 0
    told = json.loads(log.read_text("utf-8"))
    assert [(row["when"], row["rung"], row["role"]) for row in told["coming"][:2]] == [
        ("2026-11-27T08:30+08:00", "T-7", "institution_contact"),
        ("2026-11-27T08:30+08:00", "T-7", "inspector"),
    ]
    assert {(row["case"], row["number"]) for row in told["coming"]} == {(case, "LA-2026-15")}
    assert [(row["case"], row["state"]) for row in told["troubled"]] == [(case, "failed")]
    table = tmp_path / "preview.txt"
    assert start(words[:-1], log=table, env=environment(bureau, tmp_path)).wait(60) == 0
    for words in (case, "LA-2026-15", "7 working days before 2026-12-08", "institution_contact", "failed"):
        assert words in table.read_text("utf-8")
