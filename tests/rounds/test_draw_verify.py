"""Whoever doubts a draw draws again: on the server, or from a file on any machine. What was tampered with is found."""

from __future__ import annotations

import copy
import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select, text, update

from schemas.drafting import Draft
from server.cli import main
from server.commit.acts import act, new_id
from server.rounds import draw_file, orders, verifying
from server.rounds.verifying import Claim, judge
from server.storage.record_store import TABLE
from sync.errors import BadProof, BadSignature, BadTransition, NotFound, Refusal
from tests.rounds.town import Town, inspection
from tests.server.altering import _drop_guards
from tests.server.commands import find_in_environment
from tests.services.granian import ROOT


@pytest.fixture
def drawn(town: Town) -> str:
    """A called round with a random sample of five."""
    return town.call(method="random", size=5)


@pytest.fixture
def here(town: Town, monkeypatch: pytest.MonkeyPatch) -> Town:
    """The town as the command line finds it in its environment."""
    find_in_environment(town.services.config, monkeypatch)
    return town


def faults(town: Town, ward_round: str) -> set[str]:
    return {fault for fault, _ in verifying.verify(town.services, ward_round).faults}


def claim(town: Town, ward_round: str) -> Claim:
    with town.services.database.reading() as connection:
        vault = town.services.vault.session(connection, town.services.ledger.id)
        found = verifying.load_drawn(connection, vault, ward_round)
        return verifying.claim_of(connection, vault, found)


@pytest.mark.parametrize(
    "order",
    [{"method": "random", "size": 5}, {"method": "random_by_ward", "size": 5}, {"method": "everybody"}],
)
def test_an_honest_draw_is_verified_on_the_server_and_from_its_file(town: Town, order: dict[str, Any]):
    ward_round = town.call(institutions=(town.other,), **order)
    verdict = verifying.verify(town.services, ward_round)
    assert verdict.ok, verdict.faults
    raw = json.dumps(draw_file.export(town.services, ward_round)).encode()
    assert draw_file.verify(raw).json() == verdict.json()


def test_a_bedside_draw_is_verified_too(town: Town):
    made = new_id(town.services)
    values = {"mode": "bedside", "trigger": "plan", "inspection": inspection(town), "draw_method": "random"}
    act(town.services, [Draft("create", "ward_round", made, {**values, "draw_size": 4})], user=town.lead)
    orders.see_to(town.services, [made])
    assert verifying.verify(town.services, made).ok


def test_a_draw_stays_verified_when_the_next_days_list_has_come(town: Town, drawn: str):
    from datetime import timedelta

    from tests.imports.files import DAY

    town.pass_minutes(24 * 60)
    town.bring_census(DAY + timedelta(days=1))
    assert verifying.verify(town.services, drawn).ok
    raw = json.dumps(draw_file.export(town.services, drawn)).encode()
    assert draw_file.verify(raw).ok


def test_a_round_without_a_draw_has_nothing_to_verify(town: Town):
    ward_round = town.call(call_at=town.services.now_ms() + 60_000)
    with pytest.raises(BadTransition):
        verifying.verify(town.services, ward_round)
    with pytest.raises(NotFound):
        verifying.verify(town.services, town.hospital)


# -- a server that draws otherwise -------------------------------------------------------------------------


def forged(town: Town, monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, Any]], None]) -> str:
    """Let the server itself commit a draw with something else in it."""
    honest = orders._drawn

    def forge(*given: Any) -> Draft:
        draft = honest(*given)
        values = {**draft.values, "drawn": list(draft.add["drawn"])}
        change(values)
        return dataclasses.replace(draft, add={"drawn": values.pop("drawn")}, values=values)

    monkeypatch.setattr(orders, "_drawn", forge)
    ward_round = town.call(method="random", size=5)
    monkeypatch.setattr(orders, "_drawn", honest)
    return ward_round


def swap_one(town: Town) -> Callable[[dict[str, Any]], None]:
    def swap(values: dict[str, Any]) -> None:
        other = next(one for one in town.patients() if one not in values["drawn"])
        values["drawn"] = [other, *values["drawn"][1:]]

    return swap


@pytest.mark.parametrize(
    ("name", "value", "fault"),
    [
        ("seed", "ab" * 32, {"seed"}),
        ("draw_number", 7, {"seed", "sample"}),
        ("population_count", 3, {"population"}),
        ("population_digest", "ab" * 32, {"population"}),
    ],
)
def test_a_server_that_draws_otherwise_is_found_out(
    town: Town, monkeypatch: pytest.MonkeyPatch, name: str, value: Any, fault: set[str]
):
    ward_round = forged(town, monkeypatch, lambda values: values.update({name: value}))
    assert faults(town, ward_round) == fault
    raw = json.dumps(draw_file.export(town.services, ward_round)).encode()
    assert {one for one, _ in draw_file.verify(raw).faults} == fault


def test_one_in_patient_put_in_anothers_place_is_found(town: Town, monkeypatch: pytest.MonkeyPatch):
    ward_round = forged(town, monkeypatch, swap_one(town))
    verdict = verifying.verify(town.services, ward_round)
    assert verdict.faults == [("sample", "1 who were drawn are missing, 1 are there who were not drawn")]


def test_a_census_that_was_passed_over_is_found(town: Town, monkeypatch: pytest.MonkeyPatch):
    with town.services.database.reading() as connection:
        vault = town.services.vault.session(connection, town.services.ledger.id)
        old = orders.censuses.newest(connection, vault, town.hospital)
    town.bring_census()
    monkeypatch.setattr(orders.censuses, "newest", lambda *_: old)
    ward_round = town.call(method="random", size=5)
    assert faults(town, ward_round) == {"census"}


def test_two_draws_of_one_number_are_found(town: Town, drawn: str, monkeypatch: pytest.MonkeyPatch):
    source = orders._source

    def again(*given: Any) -> Any:
        return dataclasses.replace(source(*given), number=1)

    monkeypatch.setattr(orders, "_source", again)
    second = town.call(method="random", size=5)
    assert faults(town, second) == {"number"}


def test_a_challenge_of_an_older_root_is_found(town: Town, monkeypatch: pytest.MonkeyPatch):
    call = orders._call

    def early(services: Any, connection: Any, found: Any) -> Draft:
        draft = call(services, connection, found)
        root = orders.censuses.root_at(connection, services.ledger.id, 3).hex()
        return dataclasses.replace(
            draft, values={**draft.values, "challenge_size": 3, "challenge_root": root}
        )

    monkeypatch.setattr(orders, "_call", early)
    assert faults(town, town.call(method="random", size=2)) == {"challenge"}


# -- altered behind the server's back ------------------------------------------------------------------------


def alter(town: Town, record: str, old: str, new: str) -> None:
    """Change the text of a record's row."""
    with town.services.engine.begin() as connection:
        state = connection.execute(select(TABLE.c.state).where(TABLE.c.id == record)).scalar_one()
        assert old in state
        connection.execute(update(TABLE).where(TABLE.c.id == record).values(state=state.replace(old, new)))


def test_an_altered_row_of_the_round_is_found(town: Town, drawn: str):
    sample = town.record(drawn).values["drawn"]
    other = next(one for one in town.patients() if one not in sample)
    alter(town, drawn, sample[0], other)
    assert faults(town, drawn) == {"row"}


def test_an_altered_row_of_an_in_patient_is_found(town: Town, drawn: str):
    patient = next(key for key, one in town.patients().items() if one.values["ward"] == "W11")
    alter(town, patient, '"W11"', '"W12"')
    assert "population" in faults(town, drawn)


def test_an_altered_line_of_the_ledger_is_found(town: Town, drawn: str):
    index = verifying.drawn_at(town.record(drawn))
    sample = town.record(drawn).values["drawn"]
    with town.services.engine.begin() as connection:
        _drop_guards(connection)
        where = {"index": index}
        line = bytes(
            connection.execute(
                text('SELECT line FROM body WHERE "index" = :index AND n = 0'), where
            ).scalar_one()
        )
        spoilt = line.replace(sample[0].encode(), b"00000000-0000-7000-8000-000000000000")
        connection.execute(
            text('UPDATE body SET line = :line WHERE "index" = :index AND n = 0'), {"line": spoilt, **where}
        )
    with pytest.raises(BadProof):
        verifying.verify(town.services, drawn)


# -- the file --------------------------------------------------------------------------------------------------


def spoilt(body: dict[str, Any], how: str) -> dict[str, Any]:
    """Return a draw's file with one thing changed."""
    found = copy.deepcopy(body)
    if how == "somebody left out of the roll":
        found["roll"].pop()
    elif how == "somebody moved to another ward":
        found["roll"][0][0] = "W99"
    elif how == "another seed's root":
        found["seed"]["root"] = "ab" * 32
    elif how == "another size of the seed's tree":
        found["seed"]["size"] += 1
    elif how == "the draw left out":
        found["entries"] = [one for one in found["entries"] if '"seed"' not in one["change"]]
    elif how == "the draw altered":
        found["entries"][1]["change"] = found["entries"][1]["change"].replace(
            '"draw_number":1', '"draw_number":2'
        )
    elif how == "an entry of another record":
        found["ward_round"] = "00000000-0000-7000-8000-000000000000"
    elif how == "the census without its row":
        del found["census"]["row"]
    elif how == "the call's root altered":
        found["challenge"]["root"] = "ab" * 32
    elif how == "the call's root left out":
        del found["challenge"]
    elif how == "another format":
        found["format"] = "wardledger/2 draw"
    return found


@pytest.mark.parametrize(
    "how",
    [
        "somebody left out of the roll", "somebody moved to another ward", "another seed's root",
        "another size of the seed's tree", "the draw left out", "the draw altered", "an entry of another record",
        "the census without its row", "the call's root altered", "the call's root left out", "another format",
    ],
)  # fmt: skip
def test_a_file_that_was_altered_is_not_verified(town: Town, drawn: str, how: str):
    body = draw_file.export(town.services, drawn)
    altered = spoilt(body, how)
    assert altered != body
    try:
        verdict = draw_file.verify(json.dumps(altered).encode())
    except Refusal:
        return
    assert not verdict.ok


def test_a_file_under_another_key_is_not_verified(town: Town, drawn: str):
    raw = json.dumps(draw_file.export(town.services, drawn)).encode()
    key = json.loads(raw)["key"]
    name, mark, encoded = key.split("+", 2)
    with pytest.raises((BadSignature, BadProof, Refusal)):
        draw_file.verify(raw, f"{name}x+{mark}+{encoded}")
    assert draw_file.verify(raw, key).ok


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b"{}"])
def test_what_is_no_draw_is_refused(raw: bytes):
    with pytest.raises(Refusal):
        draw_file.verify(raw)


def test_the_file_names_nobody(town: Town, drawn: str):
    written = json.dumps(draw_file.export(town.services, drawn), ensure_ascii=False)
    for patient in town.patients().values():
        assert patient.values["name"] not in written
        assert patient.values["person_no"] not in written


# -- the command line --------------------------------------------------------------------------------------------


def test_the_command_line_verifies_and_hands_out_a_file_that_a_stranger_verifies(
    here: Town, drawn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["draw", "verify", drawn]) == 0
    assert "verified: anybody" in capsys.readouterr().out
    file = tmp_path / "draw.json"
    assert main(["draw", "export", drawn, "-o", str(file)]) == 0
    capsys.readouterr()
    assert main(["draw", "verify", "--file", str(file), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["ok"], told["sample"], told["key_given"]) == (True, 5, False)
    environment = {name: value for name, value in os.environ.items() if not name.startswith("WARDLEDGER_")}
    words = [sys.executable, "-m", "server", "draw", "verify", "--file", str(file)]
    alone = subprocess.run(
        words,
        cwd=tmp_path,
        env={**environment, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert alone.returncode == 0, alone.stderr


def test_the_command_line_tells_a_tampered_draw_by_its_exit_status(
    here: Town, drawn: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    sample = here.record(drawn).values["drawn"]
    other = next(one for one in here.patients() if one not in sample)
    alter(here, drawn, sample[0], other)
    assert main(["draw", "verify", drawn]) == 1
    assert "WRONG     row" in capsys.readouterr().out
    body = draw_file.export(here.services, drawn)
    file = tmp_path / "draw.json"
    file.write_text(json.dumps(spoilt(body, "somebody left out of the roll")), "utf-8")
    assert main(["draw", "verify", "--file", str(file)]) == 1


@pytest.mark.parametrize("words", [[], ["x", "--file", "y"], ["x", "--key", "y"]])
def test_neither_a_round_nor_a_file_is_wrong_usage(words: list[str]):
    assert main(["draw", "verify", *words]) == 2


def test_a_draw_that_is_honest_is_judged_so_and_each_lie_is_named(town: Town, drawn: str):
    honest = claim(town, drawn)
    assert judge(drawn, honest).ok
    for change, fault in (
        ({"drawn_by": town.supervisor}, {"drawn_by"}),
        ({"census_id": town.hospital}, {"census"}),
        ({"census": {**honest.census, "count": 1}}, {"population"}),
        ({"census_change": "ab" * 32}, {"seed", "sample"}),
        ({"root": bytes(32)}, {"seed", "sample"}),
        ({"roll": []}, {"population", "order"}),
        ({"challenge_root": bytes(32)}, {"challenge"}),
        ({"round_values": {}}, {"census", "order", "challenge"}),
    ):
        found = judge(drawn, dataclasses.replace(honest, **change))
        assert {one for one, _ in found.faults} == fault, change
