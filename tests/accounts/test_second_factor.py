"""The second factor: a code counts once, guessing ends after five, and nobody reads the secret or a recovery code."""

from __future__ import annotations

import base64

import pyotp
import pytest
from sqlalchemy import select

from server.accounts import second_factor, sessions
from server.accounts.credentials import FAILURES_MAX, LOCKED_MS
from server.accounts.second_factor import CODES, STEP_SECONDS, WrongCode
from server.accounts.users import check, enlist, load
from server.storage.account_models import RecoveryCodeRow, SecondFactorRow
from server.wiring import Services
from sync.errors import BadTransition, NotAllowed, NotFound
from tests.server.builders import Installation

GOOD = "seven green umbrellas"


@pytest.fixture
def services(installation: Installation) -> Services:
    return installation.services


@pytest.fixture
def user(services: Services) -> str:
    new = check(login="li.hua", name="测试甲001", roles=["supervisor"], region="341502")
    return enlist(services, new, GOOD)[0]


def code(services: Services, secret: str, steps: int = 0) -> str:
    """Return the code of the moment, or of some steps later."""
    return pyotp.TOTP(secret).at(services.now_ms() // 1000 + steps * STEP_SECONDS)


def switched_on(services: Services, user: str) -> tuple[str, list[str]]:
    """Switch a factor on and return (its secret, its recovery codes); the code of the moment is used up."""
    made = second_factor.begin(services, load(services, user))
    return made.secret, second_factor.confirm(services, user, code(services, made.secret))


def test_a_factor_counts_once_its_first_code_was_right(services: Services, user: str):
    made = second_factor.begin(services, load(services, user))
    assert not second_factor.standing(services, user).on
    codes = second_factor.confirm(services, user, code(services, made.secret))
    assert len(set(codes)) == CODES
    known = second_factor.standing(services, user)
    assert (known.on, known.codes_left) == (True, CODES)


def test_a_wrong_first_code_switches_nothing_on(services: Services, user: str):
    made = second_factor.begin(services, load(services, user))
    with pytest.raises(WrongCode):
        second_factor.confirm(services, user, code(services, made.secret, 5))
    assert not second_factor.standing(services, user).on
    assert second_factor.pending(services, load(services, user)) == made


def test_what_an_app_needs_stands_in_the_address(services: Services, user: str):
    made = second_factor.begin(services, load(services, user))
    parsed = pyotp.parse_uri(made.uri)
    assert isinstance(parsed, pyotp.TOTP)
    assert (parsed.issuer, parsed.name, parsed.digits, parsed.interval) == ("Wardledger", "li.hua", 6, 30)
    assert parsed.secret == made.secret


def test_a_code_counts_once(installation: Installation, user: str):
    services = installation.services
    secret, _ = switched_on(services, user)
    installation.clock.advance(seconds=STEP_SECONDS)
    now = code(services, secret)
    second_factor.check(services, user, now)
    with pytest.raises(WrongCode):
        second_factor.check(services, user, now)


def test_the_code_that_switched_it_on_signs_nobody_in(services: Services, user: str):
    secret, _ = switched_on(services, user)
    with pytest.raises(WrongCode):
        second_factor.check(services, user, code(services, secret))


def test_a_code_before_one_that_was_used_counts_no_more(installation: Installation, user: str):
    services = installation.services
    secret, _ = switched_on(services, user)
    installation.clock.advance(seconds=10 * STEP_SECONDS)
    second_factor.check(services, user, code(services, secret, 1))
    with pytest.raises(WrongCode):
        second_factor.check(services, user, code(services, secret))


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_clock_may_be_half_a_minute_off(installation: Installation, user: str, steps: int):
    secret, _ = switched_on(installation.services, user)
    installation.clock.advance(seconds=10 * STEP_SECONDS)
    assert (
        second_factor.check(installation.services, user, code(installation.services, secret, steps)) is False
    )


@pytest.mark.parametrize("steps", [-2, 2])
def test_and_no_more(installation: Installation, user: str, steps: int):
    secret, _ = switched_on(installation.services, user)
    installation.clock.advance(seconds=10 * STEP_SECONDS)
    with pytest.raises(WrongCode):
        second_factor.check(installation.services, user, code(installation.services, secret, steps))


@pytest.mark.parametrize("written", ["", "abc", "１２３４５６", "000000000000", "测试"])
def test_what_is_no_code_is_refused(services: Services, user: str, written: str):
    switched_on(services, user)
    with pytest.raises(WrongCode):
        second_factor.check(services, user, written)


def test_after_five_failures_the_right_code_is_refused_for_fifteen_minutes(
    installation: Installation, user: str
):
    services = installation.services
    secret, codes = switched_on(services, user)
    for _ in range(FAILURES_MAX):
        with pytest.raises(WrongCode):
            second_factor.check(services, user, "000000")
    installation.clock.advance(seconds=LOCKED_MS / 1000 - 1)
    for tried in (code(services, secret), codes[0]):
        with pytest.raises(WrongCode):
            second_factor.check(services, user, tried)
    installation.clock.advance(seconds=1)
    second_factor.check(services, user, code(services, secret))


def test_a_recovery_code_counts_once_however_it_is_typed(services: Services, user: str):
    _, codes = switched_on(services, user)
    assert second_factor.check(services, user, codes[3].lower().replace("-", " ")) is True
    assert second_factor.standing(services, user).codes_left == CODES - 1
    with pytest.raises(WrongCode):
        second_factor.check(services, user, codes[3])


def test_a_recovery_code_of_somebody_else_opens_nothing(services: Services, user: str):
    new = check(login="wang.wu", name="测试甲002", roles=["supervisor"], region="341502")
    other, _ = enlist(services, new, GOOD)
    switched_on(services, user)
    _, codes = switched_on(services, other)
    with pytest.raises(WrongCode):
        second_factor.check(services, user, codes[0])


def test_new_recovery_codes_end_those_before(installation: Installation, user: str):
    services = installation.services
    secret, codes = switched_on(services, user)
    installation.clock.advance(seconds=STEP_SECONDS)
    fresh = second_factor.renew_codes(services, user, code(services, secret))
    with pytest.raises(WrongCode):
        second_factor.check(services, user, codes[0])
    assert second_factor.check(services, user, fresh[0])


def test_neither_the_secret_nor_a_recovery_code_lies_open(services: Services, user: str):
    secret, codes = switched_on(services, user)
    with services.database.reading() as connection:
        (factor,) = connection.execute(select(SecondFactorRow.__table__)).all()
        kept = connection.execute(select(RecoveryCodeRow.__table__.c.code)).scalars().all()
    raw = base64.b32decode(secret)
    assert raw not in bytes(factor.sealed)
    assert secret not in str(factor)
    assert not {one.replace("-", "") for one in codes} & set(kept)


def test_a_factor_is_not_made_anew_while_one_counts(services: Services, user: str):
    switched_on(services, user)
    with pytest.raises(BadTransition):
        second_factor.begin(services, load(services, user))
    with pytest.raises(NotFound):
        second_factor.confirm(services, user, "000000")


def test_switching_on_ends_every_other_session(services: Services, user: str):
    here, there = sessions.begin(services, user), sessions.begin(services, user)
    made = second_factor.begin(services, load(services, user))
    second_factor.confirm(services, user, code(services, made.secret), token=here)
    assert sessions.find(services, here) is not None
    assert sessions.find(services, there) is None


def test_a_reset_takes_the_factor_away_and_ends_all_sessions(services: Services, user: str):
    _, codes = switched_on(services, user)
    token = sessions.begin(services, user)
    assert second_factor.reset(services, user) is True
    assert sessions.find(services, token) is None
    assert not second_factor.standing(services, user).on
    with pytest.raises(WrongCode):
        second_factor.check(services, user, codes[0])
    assert second_factor.reset(services, user) is False


def test_who_is_no_administrator_resets_nobody(services: Services, user: str):
    switched_on(services, user)
    with pytest.raises(NotAllowed):
        second_factor.reset(services, user, by=user)
    assert second_factor.standing(services, user).on


def test_a_half_session_is_no_session(services: Services, user: str):
    token = sessions.begin(services, user, awaits="code")
    assert sessions.find(services, token) is None
    assert sessions.find_half(services, token) is not None
    assert sessions.of_user(services, user) == []
    whole = sessions.begin(services, user)
    assert sessions.find_half(services, whole) is None
