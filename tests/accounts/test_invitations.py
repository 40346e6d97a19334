"""Invitations and resets: a code is good once and for a time, and whoever has it alone knows the password."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from server.accounts import invitations, sessions
from server.accounts.choosing import WeakPassword, chosen, known
from server.accounts.credentials import PASSWORD_CHARS_MIN, WrongPassword, check_password
from server.accounts.invitations import INVITATION_MS, RESET_MS, Invitation, InvitationUnknown
from server.accounts.users import NewUser, check, disable, enlist, find
from server.storage import access_store
from server.storage.account_models import InvitationRow
from server.wiring import Services
from sync.errors import BadValue, NotAllowed, RecordExists
from tests.server.builders import Installation

GOOD, OTHER = "seven green umbrellas", "eight brown umbrellas"


def new(login: str = "li.hua", role: str = "supervisor") -> NewUser:
    return check(login=login, name="测试甲001", roles=[role], region="341502")


@pytest.fixture
def services(installation: Installation) -> Services:
    return installation.services


def lines(services: Services, user: str) -> list[tuple[str, str | None]]:
    with services.database.reading() as connection:
        return [(one.act, one.record) for one in access_store.of_user(connection, services.ledger.id, user)]


def test_an_invited_user_chooses_a_password_and_signs_in_with_it(services: Services):
    made = invitations.invite(services, new())
    with pytest.raises(WrongPassword):
        check_password(services, "li.hua", GOOD)
    assert invitations.redeem(services, made.code, GOOD) == made.user
    assert check_password(services, "li.hua", GOOD) == made.user
    assert lines(services, made.user) == [("chose_password", None)]
    assert ("invited", made.user) in lines(services, "machine")


def test_the_link_carries_the_code_where_no_server_logs_it(services: Services):
    made = invitations.invite(services, new())
    address, _, fragment = made.url.partition("#")
    assert (address, fragment) == ("http://wardledger.test/join", made.code)


def test_a_code_is_read_however_it_is_typed(services: Services):
    made = invitations.invite(services, new())
    typed = made.code.lower().replace("-", " ").replace("o", "0").replace("b", "8")
    assert invitations.redeem(services, typed, GOOD) == made.user


def test_a_code_is_good_once(services: Services):
    made = invitations.invite(services, new())
    invitations.redeem(services, made.code, GOOD)
    with pytest.raises(InvitationUnknown):
        invitations.redeem(services, made.code, OTHER)
    assert check_password(services, "li.hua", GOOD) == made.user


@pytest.mark.parametrize("code", ["", "AAAA-AAAA-AAAA-AAAA", "测试"])
def test_a_code_that_nobody_was_given_is_refused(services: Services, code: str):
    invitations.invite(services, new())
    with pytest.raises(InvitationUnknown):
        invitations.redeem(services, code, GOOD)


def reset_of_one(services: Services) -> Invitation:
    enlist(services, new(), OTHER)
    return invitations.reset(services, find(services, "li.hua"))


@pytest.mark.parametrize(("make", "good_ms"), [
    (lambda services: invitations.invite(services, new()), INVITATION_MS), (reset_of_one, RESET_MS)
])  # fmt: skip
def test_a_code_is_good_for_its_time_and_no_longer(installation: Installation, make, good_ms: int):
    services = installation.services
    made = make(services)
    installation.clock.advance(seconds=good_ms / 1000)
    with pytest.raises(InvitationUnknown):
        invitations.redeem(services, made.code, GOOD)
    installation.clock.advance(seconds=-1)
    assert invitations.redeem(services, made.code, GOOD) == made.user


def test_a_password_that_is_refused_leaves_the_code_good(services: Services):
    made = invitations.invite(services, new())
    with pytest.raises(BadValue):
        invitations.redeem(services, made.code, "a" * (PASSWORD_CHARS_MIN - 1))
    with pytest.raises(WeakPassword):
        invitations.redeem(services, made.code, "Password1234")
    assert invitations.redeem(services, made.code, GOOD) == made.user


def test_only_the_digest_of_a_code_is_kept(services: Services):
    made = invitations.invite(services, new())
    with services.database.reading() as connection:
        (row,) = connection.execute(select(InvitationRow.__table__)).all()
    assert invitations.typed(made.code) not in str(row)
    with pytest.raises(InvitationUnknown):
        invitations.redeem(services, row.code, GOOD)


def test_a_new_invitation_ends_the_one_before(services: Services):
    first = invitations.invite(services, new())
    second = invitations.again(services, find(services, "li.hua"))
    with pytest.raises(InvitationUnknown):
        invitations.redeem(services, first.code, GOOD)
    assert invitations.redeem(services, second.code, GOOD) == first.user


def test_who_has_a_password_is_reset_not_invited_again(services: Services):
    made = invitations.invite(services, new())
    assert made.user in invitations.awaits_password(services, [made.user])
    invitations.redeem(services, made.code, GOOD)
    assert not invitations.awaits_password(services, [made.user])
    with pytest.raises(NotAllowed):
        invitations.again(services, find(services, "li.hua"))


def test_a_login_that_is_taken_is_not_invited(services: Services):
    enlist(services, new(), GOOD)
    with pytest.raises(RecordExists):
        invitations.invite(services, new())


def test_a_reset_ends_password_and_sessions_at_once(services: Services):
    user, _ = enlist(services, new(), OTHER)
    token = sessions.begin(services, user)
    made = invitations.reset(services, find(services, "li.hua"))
    assert sessions.find(services, token) is None
    with pytest.raises(WrongPassword):
        check_password(services, "li.hua", OTHER)
    invitations.redeem(services, made.code, GOOD)
    assert check_password(services, "li.hua", GOOD) == user


def test_choosing_a_password_ends_what_was_signed_in_before(services: Services):
    made = reset_of_one(services)
    token = sessions.begin(services, made.user)
    invitations.redeem(services, made.code, GOOD)
    assert sessions.find(services, token) is None


def test_a_disabled_user_is_not_reset_and_his_code_is_void(services: Services):
    made = invitations.invite(services, new())
    disable(services, "li.hua")
    with pytest.raises(InvitationUnknown):
        invitations.redeem(services, made.code, GOOD)
    with pytest.raises(NotAllowed):
        invitations.reset(services, find(services, "li.hua"))


def test_an_administrator_invites_and_resets_and_nobody_else_does(services: Services):
    admin, _ = enlist(services, new("admin", "admin"), GOOD)
    other, _ = enlist(services, new("auditor", "auditor"), GOOD)
    made = invitations.invite(services, new(), by=admin)
    assert ("invited", made.user) in lines(services, admin)
    with pytest.raises(NotAllowed):
        invitations.invite(services, new("one.more"), by=other)
    with pytest.raises(NotAllowed):
        invitations.reset(services, find(services, "li.hua"), by=other)
    with pytest.raises(NotAllowed):
        invitations.again(services, find(services, "li.hua"), by=other)
    assert invitations.redeem(services, made.code, GOOD)


@pytest.mark.parametrize("password", [
    "password1234", "PASSWORD1234", "woaini1314520", "aaaaaaaaaaaa", "abababababab", "abcdefghijklm", "li.hua20261122",
    "li.huali.hua", "２０２６２０２６２０２６",
])  # fmt: skip
def test_a_password_that_everybody_tries_is_refused(password: str):
    with pytest.raises(WeakPassword):
        chosen(password, "li.hua")


@pytest.mark.parametrize(
    "password", [GOOD, "马匹电池订书钉正确地跳过围栏", "li.hua likes tea", "1111 2222 3333 4444"]
)
def test_any_other_password_is_taken_whatever_it_is_made_of(password: str):
    assert chosen(password, "li.hua").startswith("$argon2id$")


def test_the_list_holds_none_that_are_refused_for_their_length_anyway():
    assert all(len(one) >= PASSWORD_CHARS_MIN and one == one.casefold() for one in known())
