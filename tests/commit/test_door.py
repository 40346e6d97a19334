"""The one door: what waits shares a commit, nobody sinks another, and what is refused leaves nothing."""

from __future__ import annotations

import queue
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import func, select

from schemas.drafting import Draft
from server.commit import judging
from server.commit import queue as queues
from server.commit.acts import act
from server.commit.submission import Result
from server.imports.institutions import import_institutions
from server.storage import ledger_store
from server.storage.models import BodyRow, CheckpointRow, EntryRow
from sync.errors import (
    BadTransition,
    BadValue,
    Busy,
    DeviceFork,
    NotAllowed,
    Refusal,
    SequenceGap,
    VersionChanged,
)
from tests.commit.state import act_of, door, everything, is_sound, push_of, together
from tests.server.pushing import City, enrol


def checkpoints(city: City) -> int:
    with city.installation.services.database.reading() as connection:
        return connection.execute(select(func.count()).select_from(CheckpointRow)).scalar_one()


def size(city: City) -> int:
    services = city.installation.services
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).size


def note(city: City, text: str = "演示数据") -> Draft:
    return Draft("edit", "inspection", city.inspection, {"note": text})


def test_what_waits_together_is_one_commit_with_a_receipt_each(city):
    one, two = city.phones
    before, entries = checkpoints(city), size(city)
    given = [
        push_of(one, city.finding(), city.finding()),
        push_of(two, city.finding()),
        push_of(one, city.finding()),
    ]
    answers = together(door(city.installation), given)
    assert checkpoints(city) == before + 1
    assert [answer.first for answer in answers] == [entries, entries + 2, entries + 3]
    assert len({answer.receipt for answer in answers}) == 3
    assert is_sound(city.installation)


def test_what_a_batch_did_first_is_what_its_next_is_judged_on(city):
    one, _ = city.phones
    made = city.finding()
    edit = Draft("edit", "finding", made.record, {"amount_fen": 7})
    answers = together(door(city.installation), [push_of(one, made), push_of(one, edit)])
    assert [outcome.verdict for answer in answers for outcome in answer.outcomes] == ["applied", "applied"]
    assert answers[1].records[made.record].values["amount_fen"] == 7


def test_one_set_that_waits_twice_is_accepted_once_with_one_receipt(city):
    one, _ = city.phones
    push = push_of(one, city.finding())
    first, again = together(door(city.installation), [push, push])
    assert (first.repeated, again.repeated) == (False, True)
    assert first.receipt == again.receipt
    assert is_sound(city.installation)


def test_refusals_in_a_batch_are_each_their_own(city):
    one, two = city.phones
    good = push_of(one, city.finding())
    push_of(two, city.finding())
    skipping = push_of(two, city.finding())
    moved = act_of(city.installation, city.supervisor, note(city), expect={city.inspection: 0})
    last = act_of(city.installation, city.supervisor, note(city))
    answers = together(door(city.installation), [good, skipping, moved, last])
    kinds = [type(answer) for answer in answers]
    assert kinds == [Result, SequenceGap, VersionChanged, Result]
    assert is_sound(city.installation)


def test_two_sets_of_one_seq_in_a_batch_are_a_fork(city):
    one, _ = city.phones
    first = push_of(one, city.finding())
    one.seq, one.prev = 0, "0" * 64
    other = push_of(one, city.finding())
    answers = together(door(city.installation), [first, other])
    assert [type(answer) for answer in answers] == [Result, DeviceFork]
    assert len(everything(city.installation)["quarantine"]) == 1


def test_a_fault_of_ours_in_one_submission_does_not_sink_the_others(city, monkeypatch):
    one, two = city.phones
    poison = push_of(two, city.finding())
    given = [push_of(one, city.finding()), poison, push_of(one, city.finding())]
    judge = judging.judge

    def stumble(work, submission):
        if submission is poison:
            raise RuntimeError("a fault of ours")
        return judge(work, submission)

    with monkeypatch.context() as patched:
        patched.setattr(judging, "judge", stumble)
        answers = together(door(city.installation), given)
    assert [type(answer) for answer in answers] == [Result, RuntimeError, Result]
    assert is_sound(city.installation)
    (healed,) = together(door(city.installation), [poison])
    assert isinstance(healed, Result)


@pytest.mark.parametrize(
    ("drafts", "refusal"),
    [
        pytest.param(
            lambda city: [Draft("edit", "inspection", city.inspection, {"mode": "x"})], BadValue, id="value"
        ),
        pytest.param(
            lambda city: [
                Draft("edit", "inspection", city.inspection, {"stage": {"from": "on_site", "to": "archived"}})
            ],
            BadTransition,
            id="stage",
        ),
        pytest.param(
            lambda city: [note(city), Draft("edit", "finding", city.id(), {"amount_fen": 1})],
            Refusal,
            id="held",
        ),
        pytest.param(lambda city: [note(city), city.finding()], NotAllowed, id="not allowed"),
    ],
)
def test_an_act_that_is_refused_leaves_nothing(city, drafts, refusal):
    before = everything(city.installation)
    touched = []
    with pytest.raises(refusal):
        act(
            city.installation.services,
            drafts(city),
            user=city.supervisor,
            after=lambda *_: touched.append(1),
        )
    assert everything(city.installation) == before
    assert touched == []


def test_an_act_on_a_version_that_moved_is_refused_and_on_the_present_one_taken(city):
    services = city.installation.services
    version = act(services, [note(city)], user=city.supervisor).records[city.inspection].version
    before = everything(city.installation)
    for stale in (version - 1, version + 1):
        with pytest.raises(VersionChanged) as refusal:
            act(services, [note(city, "再")], user=city.supervisor, expect={city.inspection: stale})
        assert refusal.value.facts["version"] == version
    with pytest.raises(VersionChanged):
        act(services, [note(city, "再")], user=city.supervisor, expect={city.id(): 1})
    assert everything(city.installation) == before
    act(services, [note(city, "再")], user=city.supervisor, expect={city.inspection: version})


def test_a_refusal_after_the_entries_takes_them_back(city):
    before = everything(city.installation)

    def refuse(*_: object) -> None:
        raise Busy("演示")

    with pytest.raises(Busy):
        act(city.installation.services, [note(city)], user=city.supervisor, after=refuse)
    assert everything(city.installation) == before
    act(city.installation.services, [note(city)], user=city.supervisor)
    assert is_sound(city.installation)


def test_a_full_queue_tells_the_sender_to_come_back(city, monkeypatch):
    shut = door(city.installation)
    monkeypatch.setattr(shut, "_start", lambda: None)
    shut._waiting = queue.Queue(1)
    shut._waiting.put_nowait((act_of(city.installation, city.supervisor, note(city)), queues.Future()))
    with pytest.raises(Busy) as refusal:
        shut.submit(act_of(city.installation, city.supervisor, note(city)))
    assert refusal.value.facts["retry_seconds"] > 0


def test_a_commit_that_takes_too_long_tells_the_sender_to_come_back(city, monkeypatch):
    shut = door(city.installation)
    monkeypatch.setattr(shut, "_start", lambda: None)
    monkeypatch.setattr(queues, "ANSWER_SECONDS", 0)
    with pytest.raises(Busy):
        shut.submit(act_of(city.installation, city.supervisor, note(city)))


def test_two_doors_on_one_database_take_turns_without_a_gap(city):
    phones = [*city.phones, *(enrol(city.installation, phone.user) for phone in city.phones)]
    before, sets = size(city), 6
    doors = [door(city.installation), door(city.installation)]

    def work(number: int) -> list[int]:
        phone = phones[number]
        found = []
        for n in range(sets):
            result = doors[(number + n) % 2].submit(push_of(phone, city.finding()))
            assert result.receipt
            found.append(result.first)
        return found

    with ThreadPoolExecutor(len(phones)) as pool:
        places = [place for found in pool.map(work, range(len(phones))) for place in found]
    assert sorted(places) == list(range(before, before + len(phones) * sets))
    assert size(city) == before + len(phones) * sets
    assert is_sound(city.installation)


def test_doors_that_wait_for_one_lock_share_commits(city):
    """While one transaction holds the lock, what arrives meanwhile becomes one batch."""
    phones = [enrol(city.installation, phone.user) for phone in city.phones * 4]
    pushes = [push_of(phone, city.finding()) for phone in phones]
    services = city.installation.services
    gate = door(city.installation)
    entered = threading.Event()
    commit = gate._commit

    def tell(submissions):
        entered.set()
        return commit(submissions)

    gate._commit = tell
    before = checkpoints(city)
    with ThreadPoolExecutor(len(pushes)) as pool:
        with services.database.writing(services.ledger.id):
            answers = [pool.submit(gate.submit, pushes[0])]
            assert entered.wait(10)
            answers += [pool.submit(gate.submit, push) for push in pushes[1:]]
            while gate._waiting.qsize() < len(pushes) - 1:
                threading.Event().wait(0.001)
        assert all(answer.result(30).receipt for answer in answers)
    assert checkpoints(city) == before + 2
    assert is_sound(city.installation)


HEADER = "fixmedins_code,name,kind,region,contact_name\n"


def test_an_import_is_one_entry_whatever_its_rows(city, tmp_path):
    path = tmp_path / "institutions.csv"
    rows = [f"H3415029000{n},测试第00{n}医院,hospital,341502,测试甲02{n}" for n in range(2, 8)]
    path.write_text(HEADER + "\n".join(rows) + "\n", "utf-8")
    before = size(city)
    import_institutions(city.installation.services, path)
    assert size(city) == before + 1
    with city.installation.services.database.reading() as connection:
        entry = connection.execute(
            select(EntryRow.__table__.c.line).where(EntryRow.index == before)
        ).scalar_one()
        bodies = connection.execute(
            select(func.count()).select_from(BodyRow).where(BodyRow.index == before)
        ).scalar_one()
    assert b'"kind":"import"' in bytes(entry)
    assert bodies == len(rows) + 1
    assert is_sound(city.installation)


def test_an_import_with_one_bad_row_leaves_nothing(city, tmp_path):
    path = tmp_path / "institutions.csv"
    rows = [f"H3415029000{n},测试第00{n}医院,hospital,341502,测试甲02{n}" for n in range(2, 8)]
    rows[3] = rows[3].replace("hospital", "hotel")
    path.write_text(HEADER + "\n".join(rows) + "\n", "utf-8")
    before = everything(city.installation)
    with pytest.raises(Refusal):
        import_institutions(city.installation.services, path)
    assert everything(city.installation) == before
