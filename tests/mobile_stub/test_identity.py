"""The phone's identity: only the PIN opens it, and no step of enrolling can lose it."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from mobile_stub import identity
from mobile_stub.identity import FILE
from mobile_stub.trouble import NotEnrolled, WeakPin, WrongPin
from schemas.wire.enrol import Invite
from tests.mobile_stub.bench import PIN, SOFT

INVITE = Invite("http://ledger.example", "c0de", "1" * 64, "2" * 64)


def saved(home: Path) -> identity.Identity:
    made = identity.begin(INVITE, os.urandom)
    identity.save(home, made, PIN, random=os.urandom, hardness=SOFT)
    return made


def test_the_right_pin_opens_the_identity(tmp_path: Path) -> None:
    made = saved(tmp_path)
    assert identity.load(tmp_path, PIN) == made


def test_a_wrong_pin_opens_nothing(tmp_path: Path) -> None:
    saved(tmp_path)
    with pytest.raises(WrongPin):
        identity.load(tmp_path, "135791")


@pytest.mark.parametrize("member", ["salt", "nonce", "box", "passes"])
def test_an_identity_that_was_tampered_with_does_not_open(tmp_path: Path, member: str) -> None:
    saved(tmp_path)
    body = json.loads((tmp_path / FILE).read_bytes())
    body[member] = 2 if member == "passes" else body[member][:-4] + "AAAA"
    (tmp_path / FILE).write_text(json.dumps(body))
    with pytest.raises(WrongPin):
        identity.load(tmp_path, PIN)


def test_a_short_pin_is_refused_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(WeakPin):
        identity.save(tmp_path, identity.begin(INVITE, os.urandom), "12345", random=os.urandom)
    assert not identity.exists(tmp_path)


def test_the_file_holds_no_secret_in_the_clear_and_is_its_owners_alone(tmp_path: Path) -> None:
    made = saved(tmp_path)
    content = (tmp_path / FILE).read_text()
    assert made.sign_seed not in content
    assert made.journal_key not in content
    assert (tmp_path / FILE).stat().st_mode & 0o077 == 0


def test_an_empty_folder_is_no_phone(tmp_path: Path) -> None:
    with pytest.raises(NotEnrolled):
        identity.load(tmp_path, PIN)


def test_an_identity_without_a_device_is_not_enrolled(tmp_path: Path) -> None:
    with pytest.raises(NotEnrolled):
        saved(tmp_path).enrolled()
