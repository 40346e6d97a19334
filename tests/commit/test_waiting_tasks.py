"""What was held for a week is a supervisor's task, made once; it goes when what it waited for has come."""

from __future__ import annotations

from schemas.drafting import Draft
from server.casework import waiting_tasks
from server.casework.late_changes import rule
from server.storage import record_store
from server.storage.record_store import selected
from server.storage.waiting_store import Queue
from sync.errors import NotAllowed
from sync.merge import Record
from tests.commit.late_scene import ASIDE, late_edit
from tests.commit.state import is_sound
from tests.server.pushing import City

WEEK = 7


def tasks(city: City) -> list[Record]:
    """Return every task."""
    services = city.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return record_store.query(connection, vault, selected(services.ledger.id, "task"))


def sweep(city: City) -> dict[str, int]:
    """Let the scheduler look once."""
    return dict(waiting_tasks.sweep(city.installation.services))


def edit_of(finding: Draft) -> Draft:
    """Return an edit by somebody who has not seen the finding."""
    return Draft("edit", "finding", finding.record, {"legal_basis_on": "2026-11-03"})


def test_nothing_is_asked_of_anybody_before_a_week_is_over(city: City):
    city.phones[1].push(edit_of(city.finding()))
    city.installation.clock.advance(days=WEEK, seconds=-1)
    assert sweep(city) == {}
    assert tasks(city) == []


def test_after_a_week_a_supervisor_of_the_phones_user_gets_a_task(city: City):
    finding, (_, two) = city.finding(), city.phones
    two.push(edit_of(finding), Draft("void", "finding", finding.record))
    city.installation.clock.advance(days=WEEK)
    assert sweep(city) == {"tasks": 1}
    (task,) = tasks(city)
    assert (task.stage, task.values["kind"], task.values["for_role"]) == ("open", "held_change", "supervisor")
    assert (task.values["about"], task.values["cause"]) == (two.id, finding.record)
    assert (task.root, task.region) == (two.user, "341500")
    # Tuesday 17 November and a week; three working days behind it.
    assert task.values["due_on"] == "2026-11-27"
    assert is_sound(city.installation)


def test_it_is_made_once_however_often_anybody_looks(city: City):
    city.phones[1].push(edit_of(city.finding()))
    city.installation.clock.advance(days=WEEK)
    assert sweep(city) == {"tasks": 1}
    assert sweep(city) == {}
    assert len(tasks(city)) == 1


def test_two_schedulers_at_one_moment_make_one_task(city: City, monkeypatch):
    city.phones[1].push(edit_of(city.finding()))
    city.installation.clock.advance(days=WEEK)
    real = waiting_tasks.act

    def overtaken(services, drafts, **more):
        monkeypatch.setattr(waiting_tasks, "act", real)
        assert sweep(city) == {"tasks": 1}
        return real(services, drafts, **more)

    monkeypatch.setattr(waiting_tasks, "act", overtaken)
    assert sweep(city) == {}
    assert len(tasks(city)) == 1


def test_each_missing_thing_and_each_phone_is_a_task_of_its_own(city: City):
    one, two = city.phones
    missing, other = city.finding(), city.finding()
    two.push(edit_of(missing), edit_of(other))
    one.push(edit_of(missing))
    city.installation.clock.advance(days=WEEK)
    assert sweep(city) == {"tasks": 3}
    assert {(task.values["about"], task.values["cause"]) for task in tasks(city)} == {
        (two.id, missing.record),
        (two.id, other.record),
        (one.id, missing.record),
    }


def test_the_task_is_dropped_when_what_was_missing_arrives(city: City):
    one, two = city.phones
    finding = city.finding()
    two.push(edit_of(finding))
    city.installation.clock.advance(days=WEEK)
    assert sweep(city) == {"tasks": 1}
    one.push(finding)
    assert sweep(city) == {"done": 1}
    assert [task.stage for task in tasks(city)] == ["dropped"]
    assert sweep(city) == {}
    assert is_sound(city.installation)


def test_a_task_that_somebody_finished_stays_finished(city: City):
    from server.commit.acts import act

    city.phones[1].push(edit_of(city.finding()))
    city.installation.clock.advance(days=WEEK)
    sweep(city)
    (task,) = tasks(city)
    step = Draft("edit", "task", task.id, {"stage": {"from": "open", "to": "done"}, "result": "演示数据"})
    act(city.installation.services, [step], user=city.supervisor)
    assert sweep(city) == {}
    assert [task.stage for task in tasks(city)] == ["done"]


def test_what_cannot_be_a_task_keeps_nothing_else_from_being_one(city: City, monkeypatch):
    _, two = city.phones
    two.push(edit_of(city.finding()))
    two.push(edit_of(city.finding()))
    city.installation.clock.advance(days=WEEK)
    real, calls = waiting_tasks.act, []

    def first_fails(services, drafts, **more):
        calls.append(drafts)
        if len(calls) == 1:
            raise NotAllowed
        return real(services, drafts, **more)

    monkeypatch.setattr(waiting_tasks, "act", first_fails)
    assert sweep(city) == {"tasks": 1}


def test_a_type_of_a_long_name_is_a_cause_cut_short(city: City):
    _, two = city.phones
    long = Queue(two.id, f"type:{'a' * 64}", 1, 0)
    wanted = list(waiting_tasks._wanted(city.installation.services, [long], {}))
    assert waiting_tasks._open(city.installation.services, wanted) == 1
    assert tasks(city)[0].values["cause"] == f"type/{'a' * 59}"


def test_what_is_late_is_a_supervisors_task_at_once_and_goes_with_the_ruling(city: City):
    _, late = late_edit(city)
    assert sweep(city) == {"tasks": 1}
    (task,) = tasks(city)
    assert (task.values["kind"], task.values["about"]) == ("late_change", city.phones[1].id)
    assert task.values["cause"] == f"entry/{late.first}"
    assert sweep(city) == {}
    rule(city.installation.services, city.supervisor, late.first, ASIDE)
    assert sweep(city) == {"done": 1}
    (task,) = tasks(city)
    assert task.stage == "dropped"
    assert is_sound(city.installation)


def test_what_is_late_after_a_ruling_is_a_task_of_its_own(city: City):
    _, late = late_edit(city)
    sweep(city)
    rule(city.installation.services, city.supervisor, late.first, ASIDE)
    again = city.phones[1].push(Draft("edit", "finding", city.finding().record, {"amount_fen": 1}))
    assert again.outcomes[0].verdict == "held", "the twin: what is not late makes no such task"
    assert sweep(city) == {"done": 1}
