"""What came too late: told to its phone, kept out of its sight's way, adopted or set aside, and told again."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from mobile_stub import checking
from mobile_stub.phone import Phone
from mobile_stub.trouble import Offline
from schemas.wire.feed import FeedPage
from server.accounts import users
from server.casework.late_changes import Ruling, rule
from server.cli import main
from server.ledger.audit import audit
from server.storage import ledger_store, waiting_store
from sync import lines
from sync.errors import BadProof
from tests.server.builders import Installation
from tests.server.commands import find_in_environment
from tests.server.phones import Visit, team_on_site

KEEP = Ruling("adopt", None, None)
ASIDE = Ruling("set_aside", "irrelevant", "演示：与本案无关")


@pytest.fixture
def late(installation: Installation, tmp_path: Path) -> tuple[Visit, Phone, str, int]:
    """A visit, the member's phone, a finding that reached the server after the signature, and its entry."""
    found, lead, member = team_on_site(installation, tmp_path)
    values = {
        "inspection": found.inspection,
        "violation_code": "bed_hanging",
        "facts": "演示数据：三号床无人",
        "amount_fen": 120_000,
        "origin": "on_site",
        "persons": ["测试甲077"],
    }
    finding = member.create("finding", values)
    lead.step(found.inspection, "record_signed")
    assert lead.sync().clean
    assert member.sync().pushed.verdicts == {"late": 1}
    services = installation.services
    with services.database.reading() as connection:
        (row,) = waiting_store.open_ones(connection, services.ledger.id)
    return found, member, finding, row.index


def test_a_late_change_is_told_with_what_to_do(late):
    _, member, finding, _ = late
    (look,) = member.attention()
    assert (look["verdict"], look["record"]) == ("late", finding)
    assert "supervisor" in look["next"]


def test_the_phone_hears_that_its_late_change_was_adopted_and_shows_it_again(installation, late):
    found, member, finding, index = late
    rule(installation.services, found.supervisor, index, KEEP)
    assert member.sync().clean
    assert member.attention() == []
    shown = member.show(finding)
    assert (shown.values["amount_fen"], shown.pending) == (120_000, 0)
    assert shown.values["facts"] == "演示数据：三号床无人"
    assert audit(installation.services).ok


def test_the_phone_hears_that_its_late_change_was_set_aside_and_shows_it_no_more(installation, late):
    found, member, finding, index = late
    rule(installation.services, found.supervisor, index, ASIDE)
    assert member.sync().clean
    (look,) = member.attention()
    assert look["verdict"] == "set_aside"
    assert "supervisor" in look["next"]
    assert finding not in {one.id for one in member.show_all("finding")}


@pytest.mark.parametrize("ruling", [KEEP, ASIDE], ids=["adopt", "set aside"])
def test_a_ruling_may_be_heard_before_the_first_answer(installation, tmp_path: Path, ruling: Ruling):
    """The set arrived, its answer was lost, the supervisor was quick; the feed tells first, the receipt comes after."""
    found, lead, member = team_on_site(installation, tmp_path)
    values = {"violation_code": "bed_hanging", "facts": "演示数据", "amount_fen": 5, "origin": "on_site"}
    finding = member.create("finding", {"inspection": found.inspection, **values})
    lead.step(found.inspection, "record_signed")
    assert lead.sync().clean
    real = member.kit.transport.ask

    def lose(method: str, path: str, **more: Any) -> Any:
        answer = real(method, path, **more)
        if path == "/v1/change-sets":
            raise Offline("the answer was lost")
        return answer

    member.kit.transport.ask = lose
    assert not member.sync().clean
    services = installation.services
    with services.database.reading() as connection:
        (row,) = waiting_store.open_ones(connection, services.ledger.id)
    rule(services, found.supervisor, row.index, ruling)
    assert member.sync().alarm is None, "told by the feed, while its answer is lost again"
    member.kit.transport.ask = real
    assert member.sync().clean
    looks = [look["verdict"] for look in member.attention()]
    shown = {one.id for one in member.show_all("finding")}
    assert (looks, finding in shown) == (([], True) if ruling is KEEP else (["set_aside"], False))
    assert audit(services).ok


# What the phone believes of it


def page_of(installation: Installation, member: Phone) -> tuple[Any, dict[str, Any], int, FeedPage]:
    """Return the change as the phone kept it, its outcome, the ruling's index, and a page that shows that entry."""
    services = installation.services
    with services.database.reading() as connection:
        (row,) = waiting_store.everything(connection, services.ledger.id)
        assert row.moved is not None
        entries = ledger_store.lines_at(connection, services.ledger.id, [row.index, row.moved])
    kept = member.kit.journal.change(str(row.change))
    assert kept is not None
    page = FeedPage("c", False, 0, "0" * 32, 0, "", (), (), entries, (), {kept.change.id: row.moved})
    return kept.change, dict(kept.outcome or {}), row.moved, page


@pytest.mark.parametrize(("ruling", "verdict"), [(KEEP, "applied"), (ASIDE, "set_aside")])
def test_a_ruling_is_believed_by_the_entry_that_names_the_late_one(installation, late, ruling, verdict):
    found, member, _, index = late
    rule(installation.services, found.supervisor, index, ruling)
    change, known, moved, page = page_of(installation, member)
    told = checking.judged_again(change, known, moved, page)
    assert (told["verdict"], told["index"], told["heard"]) == (verdict, moved, True)


@pytest.mark.parametrize("ruling", [KEEP, ASIDE], ids=["adopt", "set aside"])
def test_a_ruling_on_another_change_raises_the_alarm(installation, late, ruling):
    found, member, _, index = late
    rule(installation.services, found.supervisor, index, ruling)
    change, known, moved, page = page_of(installation, member)
    entry = {**json.loads(page.entries[index]), "outcome": {"verdict": "refused", "code": "not_allowed"}}
    spoilt = replace(page, entries={**page.entries, index: lines.encode(entry)})
    for one, shown in ((replace(change, digest="0" * 64), page), (change, spoilt)):
        with pytest.raises(BadProof, match="does not rule on this change"):
            checking.judged_again(one, {**known, "index": index - 1}, moved, shown)
    without = replace(page, entries={moved: page.entries[moved]})
    with pytest.raises(BadProof, match="without showing it"):
        checking.judged_again(change, {}, moved, without)


def test_what_only_repeats_an_earlier_entry_gives_way_to_what_is_told_of_that_one():
    repeated = {"verdict": "same", "flags": ["repeated"], "index": 9}
    assert checking.is_newer(repeated, 6)
    assert not checking.is_newer({**repeated, "flags": []}, 6), "an entry of its own, and the newer one"
    assert not checking.is_newer({"verdict": "set_aside", "index": 9}, 6)
    assert checking.is_newer({}, 0)


# By command


@pytest.fixture
def commands(installation: Installation, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the command line find the installation in its environment."""
    find_in_environment(installation.services.config, monkeypatch)


def supervisor_login(installation: Installation, region: str, role: str = "supervisor") -> str:
    """Make a supervisor of a region, or another role, who signs in; returns the login."""
    users.enlist(installation.services, users.NewUser("lin", "测试甲051", (role,), region))
    return "lin"


def test_what_is_late_is_shown_without_private_words_and_with_them_to_who_may(
    installation, late, commands, capsys: pytest.CaptureFixture[str]
):
    login = supervisor_login(installation, "341500")
    assert main(["waiting", "show", str(late[3])]) == 0
    out = capsys.readouterr().out
    assert "120000" in out
    assert "三号床" not in out
    assert main(["waiting", "show", str(late[3]), "--as", login]) == 0
    out = capsys.readouterr().out
    assert "演示数据：三号床无人" in out
    assert "测试甲077" not in out, "names by their ends"
    assert "+persons" in out


def test_who_may_not_see_the_place_is_shown_nothing(
    installation, late, commands, capsys: pytest.CaptureFixture[str]
):
    login = supervisor_login(installation, "110100")
    assert main(["waiting", "show", str(late[3]), "--as", login]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert err.startswith("not_found")


def test_an_auditor_reads_no_private_word_of_it(
    installation, late, commands, capsys: pytest.CaptureFixture[str]
):
    login = supervisor_login(installation, "341500", "auditor")
    assert main(["waiting", "show", str(late[3]), "--as", login]) == 1
    assert "三号床" not in capsys.readouterr().out


def test_a_late_change_is_adopted_by_command(
    installation, late, commands, capsys: pytest.CaptureFixture[str]
):
    login = supervisor_login(installation, "341500")
    assert main(["waiting", "adopt", str(late[3]), "--by", login, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verdicts"] == ["applied", "applied"]
    assert late[1].sync().clean
    assert late[1].attention() == []
    assert main(["waiting", "adopt", str(late[3]), "--by", login]) == 1
    assert "not_found" in capsys.readouterr().err


def test_a_late_change_is_set_aside_by_command_with_a_reason(
    installation, late, commands, capsys: pytest.CaptureFixture[str]
):
    login = supervisor_login(installation, "341500")
    with pytest.raises(SystemExit):
        main(["waiting", "set-aside", str(late[3]), "--by", login])
    capsys.readouterr()
    words = ["--reason", "irrelevant", "--note", "演示：与本案无关"]
    assert main(["waiting", "set-aside", str(late[3]), "--by", login, *words]) == 0
    assert "set aside" in capsys.readouterr().out
