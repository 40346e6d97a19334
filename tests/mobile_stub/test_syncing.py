"""Syncing: in order, once, each part for itself; what was acknowledged is provably in the tree."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from mobile_stub import push
from mobile_stub.trouble import SyncRunning
from sync import errors
from sync.changes import CHANGES_MAX
from tests.mobile_stub.bench import Bench
from tests.mobile_stub.fake_ledger import path_of

FINDING: dict[str, Any] = {"violation_code": "bed_hanging", "facts": "事实", "amount_fen": 1200}
DAY_MS = 86_400_000


def fail(bench: Bench, path: str, error: Exception | None = None) -> None:
    """Let every request to a path fail before it reaches the ledger."""

    def cut(request: httpx.Request) -> None:
        if path_of(request) == path:
            raise error or httpx.ConnectError("no network")

    bench.ledger.before = cut


def heal(bench: Bench) -> None:
    bench.ledger.before = lambda request: None
    bench.ledger.after = lambda request, answer: None


def codes(report: Any) -> list[tuple[str, str]]:
    return [(error.part, error.code) for error in report.errors]


def test_a_days_work_is_in_the_ledger_after_one_sync(bench: Bench) -> None:
    with bench.ready() as phone:
        finding = phone.write_finding(bench.inspection, **FINDING)
        report = phone.sync()
        assert (report.pushed.sets, report.pushed.verdicts) == (1, {"applied": 1})
        assert bench.ledger.records[finding].values["amount_fen"] == 1200
        assert phone.status()["outbox"] == 0


def test_a_lost_acknowledgement_gets_the_same_receipt(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.write_finding(bench.inspection, **FINDING)

        def lose(request: httpx.Request, answer: httpx.Response) -> None:
            if path_of(request) == "/v1/change-sets":
                raise httpx.ReadError("cut off")

        bench.ledger.after = lose
        assert codes(phone.sync()) == [("push", "offline")]
        size = len(bench.ledger.log)
        assert phone.status()["sets_unacknowledged"] == 1
        heal(bench)
        report = phone.sync()
        assert report.clean
        assert len(bench.ledger.log) == size
        assert report.pushed.verdicts == {"applied": 1}
        sealed = phone.kit.journal.a_set(1)
        assert sealed is not None
        assert sealed.receipt == bench.ledger.receipts[phone.kit.identity.device, 1][1]


def test_a_receipt_sent_again_does_not_set_the_anchor_back(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.write_finding(bench.inspection, **FINDING)
        bench.ledger.after = lambda request, answer: _lose(request)
        phone.sync()
        heal(bench)
        bench.pass_time(DAY_MS)
        fail(bench, "/v1/feed")
        before = phone.kit.anchor
        assert phone.sync().pushed.sets == 1
        assert phone.kit.anchor == before


def _lose(request: httpx.Request) -> None:
    if path_of(request) == "/v1/change-sets":
        raise httpx.ReadError("cut off")


def test_a_failing_upload_does_not_keep_the_download_waiting(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.write_finding(bench.inspection, **FINDING)
        late = bench.patient("W12", "1201")
        fail(bench, "/v1/change-sets")
        report = phone.sync()
        assert codes(report) == [("push", "offline")]
        assert report.pulled.items == 1
        assert phone.show(late).values["bed"] == "1201"


def test_a_failing_download_does_not_keep_the_upload_waiting(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.write_finding(bench.inspection, **FINDING)
        fail(bench, "/v1/feed")
        report = phone.sync()
        assert codes(report) == [("pull", "offline")]
        assert report.pushed.changes == 1


def test_sets_leave_in_the_order_in_which_their_changes_were_made(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    with bench.ready() as phone:
        made = [phone.write_finding(bench.inspection, **FINDING) for _ in range(7)]
        monkeypatch.setattr(push, "CHANGES_MAX", 3)
        report = phone.sync()
        assert (report.pushed.sets, report.pushed.changes) == (3, 7)
        landed = [record for record in bench.ledger.records if record in made]
        assert landed == made


def test_a_set_holds_at_most_a_thousand_changes_and_never_parts_a_group(bench: Bench) -> None:
    from mobile_stub.composing import compose
    from mobile_stub.journal import Kept
    from schemas.drafting import Draft
    from sync.ids import uuid7

    with bench.ready() as phone:
        at, group = phone.kit.at(), uuid7(1, phone.kit.random)

        def kept(n: int, tx: str | None) -> Kept:
            wish = Draft("edit", "finding", uuid7(1, phone.kit.random), values={"amount_fen": 1}, tx=tx)
            return Kept(n, compose(wish, at, phone.kit.random), None, None)

        plain = [kept(n, None) for n in range(998)]
        grouped = [kept(n, group) for n in range(998, CHANGES_MAX)]
        assert push.fitting(plain) == plain
        assert push.fitting([*plain, *grouped]) == plain
        assert push.fitting(grouped) == grouped


def test_what_is_too_long_for_one_envelope_goes_in_two(bench: Bench) -> None:
    with bench.ready() as phone:
        for _ in range(60):
            phone.write_finding(bench.inspection, **(FINDING | {"facts": "长" * 7_900}))
        report = phone.sync()
        assert report.clean
        assert (report.pushed.sets, report.pushed.changes) == (2, 60)


def test_a_retired_opening_key_gets_the_same_text_under_the_next(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.write_finding(bench.inspection, **FINDING)
        assert phone.sync().clean
        old = bench.ledger.opening[0].kid
        bench.ledger.opening.insert(0, bench.ledger._opening("xwing"))
        bench.ledger.retired.add(old)
        phone.write_finding(bench.inspection, **FINDING)
        report = phone.sync()
        assert report.clean
        assert report.pushed.sets == 1
        assert phone.kit.keys is not None
        assert phone.kit.keys.opening_key().kid != old


def test_a_key_list_that_goes_back_raises_the_alarm(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.write_finding(bench.inspection, **FINDING)
        assert phone.sync().clean
        bench.ledger.serial = 1
        bench.pass_time(8 * DAY_MS)
        phone.write_finding(bench.inspection, **FINDING)
        assert phone.sync().alarm


def test_a_busy_server_is_asked_again_after_the_time_it_names(bench: Bench) -> None:
    waits: list[float] = []
    bench.ready().close()
    with bench.open(sleep=waits.append) as phone:
        phone.write_finding(bench.inspection, **FINDING)
        left = [2]

        def busy(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
            if path_of(request) == "/v1/feed" and left[0]:
                left[0] -= 1
                return bench.ledger.problem(errors.Busy())
            return None

        bench.ledger.after = busy
        assert phone.sync().clean
        assert waits == [2.0, 2.0]


def test_a_server_that_stays_busy_is_left_alone_and_named(bench: Bench) -> None:
    with bench.ready() as phone:
        bench.ledger.after = lambda request, answer: bench.ledger.problem(errors.Busy())
        phone.kit.transport.sleep = lambda seconds: None
        report = phone.sync()
        assert {error.code for error in report.errors} == {"busy"}
        assert report.errors[0].retry_after_seconds == 2


@pytest.mark.parametrize("off_ms", [-400 * DAY_MS, -600_000, 600_000, 400 * DAY_MS])
def test_a_clock_that_is_off_is_corrected_and_the_request_repeated_once(bench: Bench, off_ms: int) -> None:
    bench.ready().close()
    bench.clock.set_wall(bench.clock.wall_ms() + off_ms)
    with bench.open() as phone:
        assert phone.sync().clean
        assert phone.kit.transport.offset_ms == -off_ms
    with bench.open() as phone:
        count = len(bench.ledger.requests)
        assert phone.sync().clean
        assert len(bench.ledger.requests) == count + 1


def test_a_clock_that_no_correction_helps_is_reported(bench: Bench) -> None:
    with bench.ready() as phone:
        bench.ledger.after = lambda request, answer: bench.ledger.problem(errors.ProofExpired(server_time=1))
        assert ("pull", "proof_expired") in codes(phone.sync())


def test_outcomes_are_kept_and_say_what_to_do(bench: Bench) -> None:
    with bench.ready() as phone:
        finding = phone.write_finding(bench.inspection, **FINDING)
        assert phone.sync().clean
        bench.ledger.act(
            "edit", "inspection", bench.inspection, by=bench.supervisor, set=_step("draft", "approved")
        )
        bench.ledger.act(
            "edit", "inspection", bench.inspection, by=bench.inspector, set=_step("approved", "on_site")
        )
        bench.ledger.act(
            "edit", "inspection", bench.inspection, by=bench.inspector, set=_step("on_site", "record_signed")
        )
        phone.edit(finding, {"amount_fen": 1300})
        report = phone.sync()
        assert report.pushed.verdicts == {"late": 1}
        (look,) = phone.attention()
        assert (look["verdict"], look["record"]) == ("late", finding)
        assert "supervisor" in look["next"]


def test_what_was_simply_applied_needs_no_look(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.write_finding(bench.inspection, **FINDING)
        assert phone.sync().clean
        assert phone.attention() == []


def _step(source: str, target: str) -> dict[str, Any]:
    return {"stage": {"from": source, "to": target}}


def test_two_amounts_make_a_conflict_that_one_of_them_resolves(bench: Bench) -> None:
    with bench.ready("one") as one, bench.enrol("two") as two:
        finding = one.write_finding(bench.inspection, **FINDING)
        assert one.sync().clean
        assert two.sync().clean
        one.edit(finding, {"amount_fen": 1300})
        two.edit(finding, {"amount_fen": 1400})
        assert one.sync().clean
        assert two.sync().pushed.verdicts == {"conflict": 1}
        (conflict,) = [c for c in two.show_all("conflict") if c.values["state"] == "open"]
        assert [look["verdict"] for look in two.attention()] == ["conflict"]
        two.resolve(conflict.id, 1400)
        assert two.sync().pushed.verdicts == {"applied": 1}
        assert two.attention() == []
        assert one.sync().clean
        assert one.show(finding).values["amount_fen"] == 1400
        with pytest.raises(errors.BadValue):
            two.resolve(conflict.id, 1500)


def test_a_record_that_left_the_scope_is_hidden_until_its_work_is_sent_then_purged(bench: Bench) -> None:
    with bench.ready() as phone:
        finding = phone.write_finding(bench.inspection, **FINDING)
        assert phone.sync().clean
        phone.edit(finding, {"amount_fen": 1300})
        bench.ledger.evictions.append((len(bench.ledger.log), bench.inspection))
        bench.patient("W12", "1201")
        fail(bench, "/v1/change-sets")
        assert phone.sync().pulled.evicted == 2
        with pytest.raises(errors.RecordUnknown):
            phone.show(finding)
        assert phone.show_all("inspection") == []
        assert phone.kit.journal.is_hidden(finding)
        heal(bench)
        assert phone.sync().pushed.changes == 1
        assert bench.ledger.records[finding].values["amount_fen"] == 1300
        assert not phone.kit.journal.is_hidden(finding)


def test_many_pages_are_taken_over_one_by_one_and_none_twice(bench: Bench) -> None:
    for bed in range(25):
        bench.patient("W13", f"13{bed:02d}")
    bench.ledger.page = 4
    with bench.enrol() as phone:
        report = phone.sync()
        assert report.clean
        assert report.pulled.items == len(phone.kit.journal.copy_ids()) == 28
        assert report.pulled.pages == 7


def test_a_page_that_is_cut_off_is_asked_for_again_from_the_last_whole_one(bench: Bench) -> None:
    for bed in range(9):
        bench.patient("W13", f"13{bed:02d}")
    bench.ledger.page = 4
    left = [2]

    def cut(request: httpx.Request) -> None:
        if path_of(request) == "/v1/feed":
            left[0] -= 1
            if left[0] == 0:
                raise httpx.ReadError("cut off")

    with bench.enrol() as phone:
        bench.ledger.before = cut
        assert phone.sync().pulled.items == 4
        heal(bench)
        assert phone.sync().pulled.items == 8
        assert len(phone.kit.journal.copy_ids()) == 12


def test_a_revoked_phone_hands_over_all_it_holds_once_and_deletes_nothing(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(push, "CHANGES_MAX", 1)
    with bench.ready() as phone:
        phone.write_finding(bench.inspection, **FINDING)
        assert phone.sync().clean
        for _ in range(3):
            phone.write_finding(bench.inspection, **FINDING)
        bench.ledger.devices[phone.kit.identity.device].revoked = True
        assert ("push", "device_revoked") in codes(phone.sync())
        assert bench.ledger.quarantine == [2, 3, 4]
        assert phone.status()["sets_unacknowledged"] == 3
        assert all(len(phone.kit.journal.of_set(seq)) == 1 for seq in (2, 3, 4))


def test_a_revoked_phone_that_handed_over_asks_how_it_stands_alone_and_goes_on_recording(
    bench: Bench,
) -> None:
    with bench.ready() as phone:
        phone.write_finding(bench.inspection, **FINDING)
        bench.ledger.devices[phone.kit.identity.device].revoked = True
        phone.sync()
        asked = len(bench.ledger.requests)
        phone.write_finding(bench.inspection, **FINDING)
        assert codes(phone.sync()) == [("push", "stopped")]
        assert [one.split("?")[0] for one in bench.ledger.requests[asked:]] == ["GET /v1/devices/self"]
        assert phone.status()["outbox"] == 1


def test_a_restored_folder_is_found_before_it_seals_a_second_set_of_one_number(bench: Bench) -> None:
    import shutil

    bench.ready().close()
    shutil.copytree(bench.folder / "phone", bench.folder / "backup")
    with bench.open() as phone:
        phone.write_finding(bench.inspection, **FINDING)
        assert phone.sync().clean
    with bench.open("backup") as clone:
        clone.write_finding(bench.inspection, **FINDING)
        assert codes(clone.sync())[0] == ("push", "chain_differs")
        assert clone.status()["sets_unacknowledged"] == 0
        assert clone.status()["outbox"] == 1


def test_a_fork_stops_the_phone_for_good_and_nothing_is_thrown_away(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.write_finding(bench.inspection, **FINDING)

        def fork(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
            return (
                bench.ledger.problem(errors.DeviceFork()) if path_of(request) == "/v1/change-sets" else None
            )

        bench.ledger.after = fork
        assert codes(phone.sync())[0] == ("push", "device_fork")
        heal(bench)
        phone.write_finding(bench.inspection, **FINDING)
        assert codes(phone.sync()) == [("push", "stopped")]
        assert len(phone.kit.journal.waiting()) + len(phone.kit.journal.of_set(1)) == 2


def test_only_one_sync_of_a_phone_runs_at_a_time(bench: Bench) -> None:
    with bench.ready() as phone, bench.open() as other:
        with phone.kit.alone(), pytest.raises(SyncRunning):
            other.sync()
        assert other.sync().clean


def test_texts_go_thirty_days_after_their_receipt_by_the_servers_time(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.write_finding(bench.inspection, **FINDING)
        assert phone.sync().clean
        bench.clock.set_wall(bench.clock.wall_ms() + 400 * DAY_MS)
        bench.patient("W12", "1201")
        assert phone.sync().clean
        assert len(phone.kit.journal.of_set(1)) == 1
        bench.pass_time(31 * DAY_MS)
        bench.patient("W12", "1202")
        assert phone.sync().clean
        assert phone.kit.journal.of_set(1) == []
        assert phone.kit.journal.a_set(1) is not None


def test_an_empty_feed_moves_the_head_only_with_a_proof(bench: Bench) -> None:
    with bench.ready() as phone:
        bench.ledger.user("auditor")
        before = phone.kit.head.size
        assert phone.sync().clean
        assert phone.kit.head.size == before + 1
        assert any(asked.startswith("GET /ledger/proof?from=") for asked in bench.ledger.requests)


def test_a_guest_networks_page_is_an_error_and_no_alarm(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.write_finding(bench.inspection, **FINDING)
        bench.ledger.after = lambda request, answer: httpx.Response(200, text="<html>Please sign in</html>")
        report = phone.sync()
        assert report.errors
        assert report.alarm is None
        heal(bench)
        assert phone.sync().clean


def test_two_folders_are_two_phones(bench: Bench) -> None:
    with bench.ready("one") as one, bench.ready("two") as two:
        assert one.kit.identity.device != two.kit.identity.device
        assert one.kit.identity.journal_key != two.kit.identity.journal_key
