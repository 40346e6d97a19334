"""What waits in the outbox is sent once, settled in the ledger, and never sent when it is no longer true."""

from __future__ import annotations

import re

import pytest

from server.reminders.delivery import Delivery
from server.reminders.dispatch import (
    ATTEMPTS_MAX,
    BACKOFF_SECONDS_MAX,
    BACKOFF_SECONDS_MIN,
    LEASE_SECONDS,
    dispatch,
)
from server.reminders.schedule import tick
from server.storage import outbox_store
from sync.errors import VersionChanged
from tests.reminders.served_case import CONTACT, LEAD, SECRETS, Bureau, FakeChannel, served_case


class PowerCut(BaseException):
    """Ends the process of a test without any of its cleaning up."""


def ticked(bureau: Bureau, mail: FakeChannel) -> dict[str, int]:
    return dict(tick(bureau.services, bureau.now, {"email": mail}))


def states(bureau: Bureau, case: str) -> list[tuple[str, str]]:
    return [(row.key.rung, row.state) for row in bureau.outbox(case)]


def test_a_served_case_is_mailed_and_entered_in_the_ledger_in_one_commit(bureau, mail):
    case = served_case(bureau)
    assert ticked(bureau, mail) == {"queued": 1, "sent": 1}
    (row,) = bureau.outbox(case)
    (reminder,) = bureau.reminders()
    (entry,) = bureau.entries()
    assert mail.addresses == [CONTACT]
    assert row.state == "sent"
    assert reminder == {
        "case": case,
        "rung": "served",
        "recipient": bureau.institution,
        "channel": "email",
        "due_version": 1,
        "sent_at": bureau.services.now_ms(),
        "result": "sent",
        "message": row.message,
    }
    assert (entry["by"], entry["outcome"]["verdict"]) == ("machine", "applied")


def test_a_sent_reminder_is_not_sent_again(bureau, mail):
    served_case(bureau)
    ticked(bureau, mail)
    bureau.installation.clock.advance(seconds=3 * LEASE_SECONDS)
    assert ticked(bureau, mail) == {}
    assert len(mail.kept) == 1


def test_without_a_channel_a_reminder_waits(bureau, mail):
    case = served_case(bureau)
    assert dict(tick(bureau.services, bureau.now, {})) == {"queued": 1}
    assert states(bureau, case) == [("served", "queued")]
    assert ticked(bureau, mail) == {"sent": 1}


def test_what_is_queued_before_the_evening_waits_in_quiet_hours(bureau, mail):
    case = served_case(bureau)
    tick(bureau.services, bureau.now, {})
    bureau.installation.clock.advance(seconds=10 * 3600)
    assert ticked(bureau, mail) == {"postponed": 1}
    bureau.installation.clock.advance(seconds=12 * 3600 + 29 * 60)
    assert ticked(bureau, mail) == {}
    bureau.installation.clock.advance(seconds=60)
    assert ticked(bureau, mail) == {"sent": 1}
    assert states(bureau, case) == [("served", "sent")]


def test_a_case_that_is_closed_meanwhile_is_not_reminded_of(bureau, mail):
    case = served_case(bureau, acknowledged=False)
    tick(bureau.services, bureau.now, {})
    for source, target in (
        ("notified", "rectifying"),
        ("rectifying", "report_submitted"),
        ("report_submitted", "verifying"),
        ("verifying", "closed"),
    ):
        # Whoever proposes to close it does not close it.
        user = bureau.other_supervisor() if target == "closed" else None
        bureau.edit("rectification_case", case, user=user, stage={"from": source, "to": target})
    assert ticked(bureau, mail) == {"superseded": 1}
    assert (mail.kept, bureau.reminders()) == ([], [])
    assert bureau.outbox(case)[0].error == "closed"


def test_a_changed_deadline_supersedes_what_still_waits(bureau, mail):
    case = served_case(bureau)
    tick(bureau.services, bureau.now, {})
    bureau.edit("rectification_case", case, due_on="2026-12-15", due_version=2)
    assert ticked(bureau, mail) == {"queued": 1, "superseded": 1, "sent": 1}
    ((_, message, _),) = mail.kept
    assert "2026年12月15日" in message.body
    assert [(row.key.due_version, row.state, row.error) for row in bureau.outbox(case)] == [
        (1, "superseded", "due_changed"),
        (2, "sent", None),
    ]


def test_a_clock_that_is_set_back_sends_nothing_again(bureau, mail):
    case = served_case(bureau)
    ticked(bureau, mail)
    for days in (-1, 0.5, 0.5):
        bureau.installation.clock.advance(days=days)
        assert ticked(bureau, mail) == {}
    assert len(mail.addresses) == len(bureau.reminders()) == len(bureau.outbox(case)) == 1


def test_after_an_outage_the_higher_rung_goes_and_the_lower_is_superseded(bureau, mail):
    case = served_case(bureau)
    tick(bureau.services, bureau.now, {})
    bureau.installation.clock.advance(days=10)
    assert ticked(bureau, mail) == {"queued": 2, "superseded": 1, "sent": 2}
    assert set(mail.addresses) == {CONTACT, LEAD}
    assert dict(states(bureau, case)) == {"served": "superseded", "T-7": "sent"}


def test_the_address_is_the_one_at_the_time_of_sending(bureau, mail):
    served_case(bureau)
    tick(bureau.services, bureau.now, {})
    bureau.edit("institution", bureau.institution, contact_email="new@hospital.example")
    ticked(bureau, mail)
    assert mail.addresses == ["new@hospital.example"]


def test_a_temporary_refusal_is_tried_again_later_and_then_sent(bureau, mail):
    case = served_case(bureau)
    mail.answer = Delivery("temporary", "451 4.3.0")
    assert ticked(bureau, mail) == {"queued": 1, "retried": 1}
    (row,) = bureau.outbox(case)
    wait_ms = row.send_at - bureau.services.now_ms()
    assert BACKOFF_SECONDS_MIN * 500 <= wait_ms <= BACKOFF_SECONDS_MIN * 1000
    assert (row.state, row.attempts, row.error) == ("queued", 1, "451 4.3.0")
    mail.answer = Delivery("sent", "250")
    assert ticked(bureau, mail) == {}
    bureau.installation.clock.advance(seconds=BACKOFF_SECONDS_MIN)
    assert ticked(bureau, mail) == {"sent": 1}
    assert mail.kept[0][2] == mail.kept[1][2], "both attempts carry one Message-ID"
    assert [reminder["result"] for reminder in bureau.reminders()] == ["sent"]


def test_after_many_temporary_refusals_it_has_failed(bureau, mail):
    case = served_case(bureau)
    mail.answer = Delivery("temporary", "451")
    scan_and_try = [ticked(bureau, mail)]
    while bureau.outbox(case)[0].state == "queued" and len(scan_and_try) < 3 * ATTEMPTS_MAX:
        bureau.installation.clock.advance(seconds=BACKOFF_SECONDS_MAX)
        scan_and_try.append(ticked(bureau, mail))
    assert scan_and_try[-1] == {"failed": 1}
    assert len(mail.kept) == ATTEMPTS_MAX
    assert [reminder["result"] for reminder in bureau.reminders()] == ["failed"]


def test_a_permanent_refusal_has_failed_and_is_in_the_ledger(bureau, mail):
    case = served_case(bureau)
    mail.answer = Delivery("permanent", "550 5.1.1")
    assert ticked(bureau, mail) == {"queued": 1, "failed": 1}
    bureau.installation.clock.advance(days=1)
    assert ticked(bureau, mail) == {}
    assert bureau.outbox(case)[0].error == "550 5.1.1"
    assert [reminder["result"] for reminder in bureau.reminders()] == ["failed"]


def test_an_answer_that_never_came_is_unknown_and_not_sent_again(bureau, mail):
    case = served_case(bureau)
    mail.answer = Delivery("unknown", "SMTPServerDisconnected", in_trouble=True)
    assert ticked(bureau, mail) == {"queued": 1, "unknown": 1}
    mail.answer = Delivery("sent", "250")
    bureau.installation.clock.advance(days=1)
    assert ticked(bureau, mail) == {}
    assert (len(mail.kept), states(bureau, case)) == (1, [("served", "unknown")])
    assert [reminder["result"] for reminder in bureau.reminders()] == ["unknown"]


def test_a_crash_between_the_yes_and_the_commit_is_unknown_and_not_sent_again(bureau, mail):
    case = served_case(bureau)
    handed_over_at = bureau.services.now_ms()
    mail.raising = PowerCut()
    with pytest.raises(PowerCut):
        ticked(bureau, mail)
    assert (states(bureau, case), bureau.reminders()) == ([("served", "sending")], [])
    mail.raising = None
    assert ticked(bureau, mail) == {}, "the lease still stands"
    bureau.installation.clock.advance(seconds=LEASE_SECONDS + 1)
    assert ticked(bureau, mail) == {"unknown": 1}
    assert ticked(bureau, mail) == {}
    assert (len(mail.kept), states(bureau, case)) == (1, [("served", "unknown")])
    (reminder,) = bureau.reminders()
    assert (reminder["result"], reminder["sent_at"]) == ("unknown", handed_over_at)


def test_a_commit_that_is_refused_leaves_neither_entry_nor_state(bureau, mail):
    case = served_case(bureau)
    tick(bureau.services, bureau.now, {})

    def somebody_else_settles() -> None:
        (row,) = bureau.outbox(case)
        with outbox_store.claiming(bureau.services.database) as connection:
            outbox_store.settle(
                connection,
                bureau.services.ledger.id,
                row.key,
                claimed_by=row.claimed_by or "",
                state="sent",
                sent_at=1,
            )

    mail.before = somebody_else_settles
    with pytest.raises(VersionChanged):
        dispatch(bureau.services, {"email": mail}, bureau.now)
    assert bureau.reminders() == []
    assert bureau.outbox(case)[0].sent_at == 1


def test_a_slow_worker_may_still_settle_what_was_given_up(bureau, mail):
    case = served_case(bureau)

    def lease_ends_meanwhile() -> None:
        mail.before = None
        bureau.installation.clock.advance(seconds=LEASE_SECONDS + 1)
        ticked(bureau, FakeChannel())

    mail.before = lease_ends_meanwhile
    ticked(bureau, mail)
    assert states(bureau, case) == [("served", "sent")]
    assert [reminder["result"] for reminder in bureau.reminders()] == ["unknown", "sent"]


def test_a_provider_in_trouble_is_not_asked_for_the_others(bureau, mail):
    served_case(bureau)
    bureau.installation.clock.advance(days=10)
    mail.answer = Delivery("temporary", "ConnectionRefusedError", in_trouble=True)
    assert ticked(bureau, mail) == {"queued": 2, "retried": 1}
    assert len(mail.kept) == 1


def test_no_message_and_no_row_of_the_outbox_holds_personal_data(bureau, mail):
    case = served_case(bureau)
    for _ in range(40):
        ticked(bureau, mail)
        bureau.installation.clock.advance(days=1)
    assert {message.subject[:6] for _, message, _ in mail.kept} == {"【限期整改】"}
    assert len(mail.kept) > 10
    rows = bureau.outbox(case)
    told = [f"{message.subject}\n{message.body}\n{name}" for _, message, name in mail.kept]
    kept = [str(row) for row in rows] + [str(dict(values)) for values in bureau.reminders()]
    for text in (*told, *kept):
        assert not [secret for secret in SECRETS if secret in text]
        assert not re.search(r"[\w.]+@[\w.]+", text), "an address stands in no message and in no row"


def test_a_message_tells_what_to_do_in_the_language_of_the_installation(bureau, mail):
    served_case(bureau)
    ticked(bureau, mail)
    ((_, message, _),) = mail.kept
    for words in ("挂床住院：1项", "违规资金退回凭证", "2026年12月8日", "六安市医疗保障局", "LA-2026-15"):
        assert words in message.body


def test_the_bureau_may_name_its_office_and_line(bureau, mail):
    path = bureau.services.config.home / "office.json"
    path.write_text('{"office": "基金监管科", "phone": "0564-0000000", "unknown": "x"}', "utf-8")
    served_case(bureau)
    ticked(bureau, mail)
    ((_, message, _),) = mail.kept
    assert "基金监管科，电话：0564-0000000" in message.body
