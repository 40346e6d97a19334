"""Enrolling: the invite's pins are checked, a lost answer is got again, an impostor is found out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from mobile_stub import identity
from mobile_stub.phone import Phone
from mobile_stub.trouble import AlreadyEnrolled, NotEnrolled, NotTheServer, Offline, ServerRefused
from sync.errors import BadProof, BadSignature, PinMismatch
from sync.signing import ENROLLED, KEYS
from tests.mobile_stub.bench import PIN, SOFT, Bench
from tests.mobile_stub.fake_ledger import FakeLedger, path_of


def test_a_phone_enrols_and_knows_where_the_ledger_stood(bench: Bench) -> None:
    with bench.enrol() as phone:
        own = phone.kit.identity
        assert own.user == bench.inspector
        assert own.device in bench.ledger.devices
        assert phone.kit.head.size == len(bench.ledger.log)
    with bench.open() as again:
        assert again.kit.identity == own


def test_an_invite_that_was_used_enrols_no_second_phone(bench: Bench) -> None:
    invite = bench.ledger.invite(bench.inspector)
    more: dict[str, Any] = {"clock": bench.clock, "client": bench.ledger.client(), "hardness": SOFT}
    Phone.enrol(bench.folder / "one", invite, PIN, **more).close()
    with pytest.raises(ServerRefused) as refused:
        Phone.enrol(bench.folder / "two", invite, PIN, **more)
    assert refused.value.code == "invite_unknown"
    with pytest.raises(NotEnrolled):
        bench.open("two")


def test_a_lost_answer_is_got_again_with_the_same_request(bench: Bench) -> None:
    invite = bench.ledger.invite(bench.inspector)
    more: dict[str, Any] = {"clock": bench.clock, "client": bench.ledger.client(), "hardness": SOFT}

    def lose(request: httpx.Request, answer: httpx.Response) -> None:
        if path_of(request) == "/v1/devices":
            raise httpx.ReadError("cut off")

    bench.ledger.after = lose
    with pytest.raises(Offline):
        Phone.enrol(bench.folder / "phone", invite, PIN, **more)
    assert len(bench.ledger.devices) == 1
    bench.ledger.after = lambda _, answer: None
    with Phone.enrol(bench.folder / "phone", invite, PIN, **more) as phone:
        assert [phone.kit.identity.device] == list(bench.ledger.devices)


def test_an_enrolled_phone_is_never_enrolled_over_by_an_invite_that_does_not_replace_it(bench: Bench) -> None:
    with bench.enrol() as phone:
        before = phone.kit.identity
    with pytest.raises(ServerRefused, match="not_allowed"):
        bench.enrol()
    with bench.open() as phone:
        after = phone.kit.identity
    assert (after.device, after.sign_seed, after.seal_seed, after.former) == (
        before.device,
        before.sign_seed,
        before.seal_seed,
        "",
    )


def test_a_phone_never_takes_its_work_into_another_ledger(bench: Bench, tmp_path: Path) -> None:
    bench.enrol().close()
    kept = (bench.folder / "phone" / identity.FILE).read_bytes()
    other = Bench(tmp_path / "other").ledger.invite(bench.inspector)
    with pytest.raises(AlreadyEnrolled):
        Phone.enrol(bench.folder / "phone", other, PIN, client=bench.ledger.client(), hardness=SOFT)
    assert (bench.folder / "phone" / identity.FILE).read_bytes() == kept


def test_a_server_without_the_pinned_key_is_found_out(bench: Bench) -> None:
    impostor = FakeLedger()
    invite = bench.ledger.invite(bench.inspector)
    with pytest.raises(PinMismatch):
        Phone.enrol(
            bench.folder / "phone", invite, PIN, clock=bench.clock, client=impostor.client(), hardness=SOFT
        )


def test_a_key_list_that_only_names_the_pinned_key_is_found_out(bench: Bench) -> None:
    impostor = FakeLedger()
    invite = bench.ledger.invite(bench.inspector)
    impostor.spoil[KEYS] = lambda body: body | {"ledger": [_ledger_key(bench.ledger)]}
    with pytest.raises(BadSignature):
        Phone.enrol(
            bench.folder / "phone", invite, PIN, clock=bench.clock, client=impostor.client(), hardness=SOFT
        )


def test_another_recovery_key_than_the_invites_is_refused(bench: Bench) -> None:
    invite = replace(bench.ledger.invite(bench.inspector), recovery="0" * 64)
    with pytest.raises(BadProof):
        Phone.enrol(
            bench.folder / "phone",
            invite,
            PIN,
            clock=bench.clock,
            client=bench.ledger.client(),
            hardness=SOFT,
        )


@pytest.mark.parametrize(
    "falsified",
    [{"request": "0" * 64}, {"origin": "ledger.example/other"}],
)
def test_an_answer_to_another_request_is_refused(bench: Bench, falsified: dict[str, str]) -> None:
    bench.ledger.spoil[ENROLLED] = lambda body: body | falsified
    with pytest.raises(BadProof):
        bench.enrol()


def test_a_sign_in_page_is_not_taken_for_the_server(bench: Bench) -> None:
    bench.ledger.after = lambda request, answer: httpx.Response(
        200, text="<html>Welcome to the guest network"
    )
    with pytest.raises(NotTheServer):
        bench.enrol()


def test_a_phone_whose_clock_is_a_year_off_enrols(bench: Bench) -> None:
    bench.clock.set_wall(bench.clock.wall_ms() - 366 * 86_400_000)
    with bench.enrol() as phone:
        assert phone.sync().clean


def _ledger_key(ledger: FakeLedger) -> str:
    from sync.lines import b64u
    from sync.signing import public_raw

    return b64u(public_raw(ledger.key))
