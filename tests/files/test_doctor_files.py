"""The doctor looks into either store, and what it finds is what the next reader finds."""

from __future__ import annotations

import pytest

from server.operations.doctor import NOTICE, OK, PROBLEM, Check, examine
from tests.files.conftest import Place
from tests.intake.caller import Caller, caller
from tests.intake.test_files import Photo, open_upload, patch, photo, upload
from tests.server.builders import Installation
from tests.server.pushing import City


@pytest.fixture
def sent(city: City) -> Photo:
    """A photograph that has arrived and was verified."""
    phone = caller(city.installation, city.phones[0].user)
    made = photo(city)
    phone.send(made.draft)
    upload(phone, made)
    return made


def found(installation: Installation) -> list[Check]:
    return [check for check in examine(installation.services, every_file=True) if check.name == "files"]


def test_sound_files_are_hashed_and_found_sound(installation: Installation, sent: Photo):
    (check,) = found(installation)
    assert (check.state, check.words) == (OK, "1 files, 1 of them hashed and as they were sent")


def test_a_flipped_byte_in_a_stored_file_is_found(installation: Installation, sent: Photo, place: Place):
    place.spoil(sent.digest, sent.cipher[:-1] + bytes([sent.cipher[-1] ^ 1]))
    (check,) = found(installation)
    assert (check.state, check.next) == (PROBLEM, "Restore this file from a backup.")
    assert check.words == f"file {sent.digest} is not what arrived: its digest differs"


def test_a_file_that_was_cut_or_is_gone_is_found(installation: Installation, sent: Photo, place: Place):
    place.spoil(sent.digest, sent.cipher[:-1])
    assert f"has {len(sent.cipher) - 1} bytes" in found(installation)[0].words
    place.store.discard(sent.digest)
    assert "is missing from the store" in found(installation)[0].words


def test_parts_that_nobody_knows_are_told(installation: Installation, city: City, place: Place):
    one: Caller = caller(installation, city.phones[0].user)
    patch(one, open_upload(one, "0" * 64, 10), 0, b"known")
    assert [check.state for check in found(installation)] == [OK]
    place.store.write("f" * 64, 0, [b"stray"], 10)
    notice, _ = found(installation)
    assert (notice.state, notice.words.split(" lie ")[0]) == (NOTICE, "parts of 1 uploads")


def test_a_store_that_does_not_answer_is_a_problem_and_no_crash(installation: Installation, sent: Photo):
    from server.storage.objects import Access, object_store

    installation.services.files = object_store("s3://nowhere", Access("http://127.0.0.1:9", "x", "k", "s"))
    (check,) = found(installation)
    assert check.state == PROBLEM
    assert "the operator runs `wardledger doctor`" in check.next
