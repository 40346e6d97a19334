"""`wardledger user`: people are added with roles in a region, listed without their names, and shut out."""

from __future__ import annotations

import pytest

from server.accounts import invitations
from server.accounts.credentials import WrongPassword, check_password
from server.ledger.audit import audit
from server.storage import grant_store, ledger_store
from sync.entries import from_line
from tests.server.builders import FOUNDING
from tests.server.commands import CommandLine, command_line

ADD = ("user", "add", "Inspector-01", "--name", "测试甲稽核001", "--role", "inspector", "--region", "341502")
wardledger = pytest.fixture(command_line)


def test_an_added_user_signs_in_with_the_printed_password(wardledger: CommandLine):
    wardledger.init()
    ended = wardledger(*ADD)
    assert ended.status == 0
    here = wardledger.services()
    assert check_password(here, "inspector-01", ended.word("password")) == ended.word("user")
    here.engine.dispose()


def test_a_new_user_is_an_entry_of_kind_setting_and_the_ledger_passes_its_audit(wardledger: CommandLine):
    wardledger.init()
    password = wardledger(*ADD).word("password")
    here = wardledger.services()
    with here.database.reading() as connection:
        (line,) = ledger_store.entry_lines(connection, here.ledger.id, FOUNDING, 9)
    assert (from_line(line).kind, from_line(line).type, from_line(line).by) == ("setting", "user", "machine")
    assert audit(here).ok
    here.engine.dispose()
    assert all(password.encode() not in path.read_bytes() for path in wardledger.home.glob("*.sqlite*"))


def test_roles_may_be_several_and_hold_in_the_region(wardledger: CommandLine):
    wardledger.init()
    user = wardledger(*ADD, "--role", "lead_inspector", "--email", "one@example.test").word("user")
    here = wardledger.services()
    with here.database.reading() as connection:
        grants = grant_store.standing(connection, here.ledger.id, user)
    here.engine.dispose()
    assert {(g.role, g.root) for g in grants} == {("inspector", "341502"), ("lead_inspector", "341502")}


def test_a_login_is_given_once_however_it_is_written(wardledger: CommandLine):
    wardledger.init()
    wardledger(*ADD)
    again = wardledger("user", "add", "ＩＮＳＰＥＣＴＯＲ-01", *ADD[3:])
    assert (again.status, again.err.split(":")[0]) == (1, "record_exists")
    assert wardledger.size() == 1


@pytest.mark.parametrize(
    "words",
    [
        ("user", "add", "a b", *ADD[3:]),
        (*ADD[:6], "institution_user", *ADD[7:]),
        (*ADD, "--email", "nobody"),
        (*ADD[:-1], "341"),
        (*ADD, "--institution", "H34150290001"),
    ],
)
def test_a_user_who_does_not_fit_is_refused_and_leaves_nothing(
    wardledger: CommandLine, words: tuple[str, ...]
):
    wardledger.init()
    ended = wardledger(*words)
    assert ended.status == 1
    assert ended.err.split(":")[0] in ("bad_value", "bad_code", "not_found")
    assert wardledger.size() == 0


def test_a_password_is_taken_from_standard_input_and_not_printed(wardledger: CommandLine):
    wardledger.init()
    ended = wardledger(*ADD, "--password-stdin", stdin="correct horse battery\n")
    assert "password" not in ended.out
    here = wardledger.services()
    assert check_password(here, "inspector-01", "correct horse battery") == ended.word("user")
    here.engine.dispose()


def test_a_password_that_is_too_short_is_refused(wardledger: CommandLine):
    wardledger.init()
    ended = wardledger(*ADD, "--password-stdin", stdin="short\n")
    assert (ended.status, ended.err.split(":")[0]) == (1, "bad_value")
    assert wardledger.size() == 0


def test_the_list_masks_names_and_holds_no_password(wardledger: CommandLine):
    wardledger.init()
    user = wardledger(*ADD).word("user")
    assert wardledger("user", "list", "--json").json == [
        {
            "id": user,
            "login": "inspector-01",
            "name": "测******1",
            "roles": ["inspector"],
            "region": "341502",
            "institution": None,
            "stage": "active",
        }
    ]
    table = wardledger("user", "list").out
    assert "inspector-01" in table
    assert "测试甲稽核001" not in table
    assert "argon2" not in table


def test_a_disabled_user_has_no_rights_and_cannot_sign_in(wardledger: CommandLine):
    wardledger.init()
    added = wardledger(*ADD)
    assert wardledger("user", "disable", "inspector-01").word("disabled") == added.word("user")
    here = wardledger.services()
    with here.database.reading() as connection:
        assert not grant_store.standing(connection, here.ledger.id, added.word("user"))
    with pytest.raises(WrongPassword):
        check_password(here, "inspector-01", added.word("password"))
    here.engine.dispose()
    assert wardledger("user", "list", "--json").json[0]["stage"] == "disabled"


def test_who_is_unknown_or_disabled_already_is_not_disabled(wardledger: CommandLine):
    wardledger.init()
    wardledger(*ADD)
    assert wardledger("user", "disable", "somebody").err.startswith("not_found")
    wardledger("user", "disable", "inspector-01")
    again = wardledger("user", "disable", "inspector-01")
    assert (again.status, again.err.split(":")[0]) == (1, "bad_transition")
    assert wardledger.size() == 2


def test_an_invited_user_chooses_a_password_with_the_printed_code(wardledger: CommandLine):
    wardledger.init()
    made = wardledger("user", "invite", *ADD[2:])
    again = wardledger("user", "invite", "inspector-01", "--json")
    assert (made.status, again.status) == (0, 0)
    assert again.json["url"].endswith("/join#" + again.json["code"])
    here = wardledger.services()
    with pytest.raises(invitations.InvitationUnknown):
        invitations.redeem(here, made.word("code"), "seven green umbrellas")
    user = invitations.redeem(here, again.json["code"], "seven green umbrellas")
    assert user == made.word("user") == check_password(here, "inspector-01", "seven green umbrellas")
    here.engine.dispose()


def test_an_invitation_that_describes_half_a_user_is_wrong_usage(wardledger: CommandLine):
    wardledger.init()
    assert wardledger("user", "invite", "inspector-01", "--name", "测试甲稽核001").status == 2
    assert wardledger.size() == 0


def test_a_reset_ends_the_password_and_prints_a_code(wardledger: CommandLine):
    wardledger.init()
    password = wardledger(*ADD).word("password")
    code = wardledger("user", "reset", "inspector-01").word("code")
    here = wardledger.services()
    with pytest.raises(WrongPassword):
        check_password(here, "inspector-01", password)
    assert invitations.redeem(here, code, "seven green umbrellas")
    here.engine.dispose()
    assert wardledger("user", "reset", "nobody").status == 1
