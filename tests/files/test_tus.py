"""tus 1.0.0 over HTTP, from either store: what is offered, how uploads end, and what becomes of their evidence."""

from __future__ import annotations

import base64
import hashlib
import threading
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import pytest

from server.intake import uploads
from server.storage import access_store, file_store
from server.storage.files import is_intact
from tests.files.conftest import Place
from tests.intake.caller import PART, Caller, caller, metadata
from tests.intake.test_files import (
    TUS,
    Photo,
    call,
    checksum,
    offset,
    open_upload,
    patch,
    photo,
    state,
    states,
    upload,
)
from tests.server.pushing import City

DAYS = uploads.EXPIRES_DAYS


@pytest.fixture
def phone(city: City) -> Caller:
    """A phone that speaks HTTP."""
    return caller(city.installation, city.phones[0].user)


def rows(city: City) -> dict[str, str]:
    """Return {token: state} of every upload that has a row."""
    with city.installation.services.database.reading() as connection:
        return {row.token: row.state for row in connection.execute(file_store.UPLOADS.select())}


@pytest.mark.parametrize("path", ["/v1/files", "/v1/files/uploads/x"])
def test_what_of_tus_there_is_is_told_to_anybody(phone: Caller, path: str):
    answer = phone.installation.app.test_client().options(path)
    assert answer.status_code == 204
    told = {name: answer.headers[name] for name in dict(answer.headers) if name.startswith("Tus-")}
    assert told == {
        "Tus-Resumable": "1.0.0",
        "Tus-Version": "1.0.0",
        "Tus-Extension": "creation,creation-with-upload,checksum,expiration,termination",
        "Tus-Max-Size": str(uploads.FILE_BYTES_MAX),
        "Tus-Checksum-Algorithm": "sha1,sha256",
    }


@pytest.mark.parametrize("version", ["0.2.2", "1.0.1", ""])
@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE", "POST"])
def test_another_version_of_tus_is_refused_and_changes_nothing(
    city: City, phone: Caller, method: str, version: str
):
    path = open_upload(phone, "0" * 64, 10)
    before = rows(city)
    said = {"Tus-Resumable": version, "Content-Type": PART, "Upload-Offset": "0"}
    answer = call(phone, method, path if method != "POST" else "/v1/files", headers=said, data=b"x")
    assert (answer.status_code, answer.headers["Tus-Version"]) == (412, "1.0.0")
    assert method == "HEAD" or answer.get_json()["code"] == "tus_version"
    assert (offset(phone, path), rows(city)) == (0, before)


def test_an_upload_says_until_when_it_lives_and_lives_longer_while_it_goes_on(city: City, phone: Caller):
    made = photo(city)
    path = open_upload(phone, made.digest, len(made.cipher))

    def left(answer) -> float:
        until = parsedate_to_datetime(answer.headers["Upload-Expires"])
        return (until - datetime.fromtimestamp(city.installation.clock.now / 1000, UTC)).days

    assert left(call(phone, "HEAD", path)) == DAYS
    city.installation.clock.advance(days=20)
    assert left(call(phone, "HEAD", path)) == DAYS - 20
    assert left(patch(phone, path, 0, made.cipher[:100])) == DAYS
    city.installation.clock.advance(days=20)
    assert offset(phone, path) == 100, "forty days after it was made"


def test_an_upload_that_nobody_goes_on_with_is_swept_and_its_evidence_reads_abandoned(
    city: City, phone: Caller, place: Place
):
    made = photo(city)
    phone.send(made.draft)
    path = open_upload(phone, made.digest, len(made.cipher))
    patch(phone, path, 0, made.cipher[:1000])
    services = city.installation.services
    city.installation.clock.advance(days=DAYS)
    assert uploads.sweep(services) == 0
    city.installation.clock.advance(seconds=1)
    assert uploads.sweep(services) == 1
    assert uploads.sweep(services) == 0
    assert state(city, made) == ("abandoned", "captured")
    assert place.names("uploads") == []
    assert call(phone, "HEAD", path).status_code == 410
    upload(phone, made)
    assert state(city, made) == ("verified", "pending_review"), (
        "the phone begins anew, and it is as if nothing was"
    )


def test_an_upload_that_expires_beside_one_that_goes_on_abandons_nothing(city: City, phone: Caller):
    made = photo(city)
    phone.send(made.draft)
    open_upload(phone, made.digest, len(made.cipher))
    city.installation.clock.advance(days=DAYS - 1)
    other = open_upload(phone, made.digest, len(made.cipher))
    city.installation.clock.advance(days=2)
    assert uploads.sweep(city.installation.services) == 1
    assert state(city, made)[0] is None
    assert patch(phone, other, 0, made.cipher).status_code == 204
    assert state(city, made)[0] == "verified"


def test_the_sweep_takes_nothing_from_a_file_that_arrived(city: City, phone: Caller):
    made = photo(city)
    phone.send(made.draft)
    upload(phone, made)
    city.installation.clock.advance(days=DAYS + 1)
    assert uploads.sweep(city.installation.services) == 1
    assert state(city, made)[0] == "verified"
    assert phone.ask("GET", f"/v1/files/{made.digest}").data == made.cipher


def test_the_rows_of_uploads_that_are_over_go_after_as_long_again(city: City, phone: Caller):
    ended = open_upload(phone, "0" * 64, 10)
    call(phone, "DELETE", ended)
    city.installation.clock.advance(days=2 * DAYS + 1)
    open_upload(phone, "1" * 64, 10)
    city.installation.clock.advance(days=DAYS + 1)
    assert uploads.sweep(city.installation.services) == 1
    assert list(rows(city).values()) == ["expired"]
    assert call(phone, "HEAD", ended).status_code == 404


def test_the_first_part_may_come_with_the_creation(city: City, phone: Caller):
    made = photo(city)
    phone.send(made.draft)
    said = {
        **TUS,
        "Upload-Length": str(len(made.cipher)),
        "Upload-Metadata": metadata(made.digest),
        "Content-Type": PART,
        "Upload-Checksum": checksum(made.cipher),
    }
    answer = phone.ask("POST", "/v1/files", headers=said, data=made.cipher)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, str(len(made.cipher)))
    assert state(city, made)[0] == "verified"


def test_a_first_part_that_was_damaged_leaves_an_upload_at_nought(city: City, phone: Caller):
    made = photo(city)
    said = {
        **TUS,
        "Upload-Length": str(len(made.cipher)),
        "Upload-Metadata": metadata(made.digest),
        "Content-Type": PART,
        "Upload-Checksum": checksum(b"other"),
    }
    answer = phone.ask("POST", "/v1/files", headers=said, data=made.cipher)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (201, "0")


def test_a_first_part_of_another_type_makes_no_upload(city: City, phone: Caller):
    said = {**TUS, "Upload-Length": "3", "Upload-Metadata": metadata("0" * 64), "Content-Type": "text/plain"}
    assert phone.ask("POST", "/v1/files", headers=said, data=b"abc").status_code == 415
    assert rows(city) == {}


def test_networks_that_let_only_post_through_are_no_hindrance(city: City, phone: Caller):
    made = photo(city)
    path = open_upload(phone, made.digest, len(made.cipher))
    said = {"X-HTTP-Method-Override": "PATCH", "Content-Type": PART, "Upload-Offset": "0"}
    answer = call(phone, "POST", path, headers=said, data=made.cipher)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(made.cipher)))
    assert call(phone, "POST", path, headers={"X-HTTP-Method-Override": "DELETE"}).status_code == 204
    assert call(phone, "POST", path).status_code == 404


def test_two_parts_at_once_leave_a_sound_file_and_a_clear_answer(city: City, phone: Caller):
    made = photo(city)
    phone.send(made.draft)
    path = open_upload(phone, made.digest, len(made.cipher))
    start = threading.Barrier(4)
    answers = []

    def send() -> None:
        start.wait(20)
        answers.append(patch(phone, path, 0, made.cipher))

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert {answer.status_code for answer in answers} <= {204, 409}
    assert [answer.status_code for answer in answers].count(204) >= 1
    assert all("Upload-Offset" in answer.headers for answer in answers)
    assert state(city, made)[0] == "verified"
    assert states(city) == ["verified"]


def test_what_was_damaged_in_the_store_comes_again_and_heals_its_evidence(
    city: City, phone: Caller, place: Place
):
    """The file arrives, is damaged before its record comes, and is sent once more."""
    made = photo(city)
    upload(phone, made)
    place.spoil(made.digest, made.cipher[:-1] + bytes([made.cipher[-1] ^ 1]))
    phone.send(made.draft)
    assert (state(city, made)[0], states(city)) == ("corrupt", ["corrupt"])
    upload(phone, made)
    assert is_intact(place.store, made.digest)
    assert (state(city, made), states(city)) == (("verified", "pending_review"), ["verified"])


def test_a_file_that_is_sound_is_not_taken_away_by_a_record_that_does_not_fit_it(
    city: City, phone: Caller, place: Place
):
    made = photo(city, size=1)
    phone.send(made.draft)
    upload(phone, made)
    assert state(city, made)[0] == "corrupt"
    again = open_upload(phone, made.digest, len(made.cipher))
    assert offset(phone, again) == len(made.cipher)
    assert place.names("cipher") == [made.digest]


def test_a_crash_between_the_last_byte_and_the_file_is_made_up_for_by_the_next_question(
    city: City, phone: Caller, monkeypatch: pytest.MonkeyPatch
):
    made = photo(city)
    phone.send(made.draft)
    path = open_upload(phone, made.digest, len(made.cipher))

    class Crash(Exception):
        """The process ends here."""

    def crash(*_: object) -> bool:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(city.installation.services.files, "finish", crash)
        with pytest.raises(Crash):
            uploads.append(
                city.installation.services,
                uploads.find(city.installation.services, path.rpartition("/")[2]),
                at=0,
                body=[made.cipher],
                checksum=None,
            )
    assert state(city, made)[0] is None
    assert offset(phone, path) == len(made.cipher)
    assert state(city, made)[0] == "verified"


@pytest.mark.parametrize("if_range", [True, False])
def test_a_cipher_is_read_on_where_reading_was_cut(city: City, phone: Caller, if_range: bool):
    made: Photo = photo(city)
    phone.send(made.draft)
    upload(phone, made)
    path = f"/v1/files/{made.digest}"
    said = {"Range": "bytes=1000-"} | ({"If-Range": f'"{made.digest}"'} if if_range else {})
    answer = phone.ask("GET", path, headers=said)
    assert (answer.status_code, answer.data) == (206, made.cipher[1000:])
    assert answer.headers["Content-Range"] == f"bytes 1000-{len(made.cipher) - 1}/{len(made.cipher)}"
    with city.installation.services.database.reading() as connection:
        noted = access_store.of_record(connection, city.installation.services.ledger.id, made.draft.record)
    assert [(one.act, one.user) for one in noted] == [("read_cipher", phone.user)]
    other = phone.ask("GET", path, headers={**said, "If-Range": '"other"'})
    assert (other.status_code, other.data) == (200, made.cipher)
    beyond = phone.ask("GET", path, headers={"Range": f"bytes={len(made.cipher)}-"})
    assert (beyond.status_code, beyond.headers["Content-Range"]) == (416, f"bytes */{len(made.cipher)}")


def test_a_part_may_be_announced_by_either_digest(city: City, phone: Caller):
    path = open_upload(phone, "0" * 64, 9)
    for at, (algorithm, part) in enumerate((("sha1", b"abc"), ("sha256", b"def"))):
        said = f"{algorithm} {base64.b64encode(hashlib.new(algorithm, part).digest()).decode()}"
        wrong = patch(phone, path, 3 * at, b"xyz", **{"Upload-Checksum": said})
        assert (wrong.status_code, wrong.get_json()["code"]) == (460, "checksum_mismatch")
        assert patch(phone, path, 3 * at, part, **{"Upload-Checksum": said}).status_code == 204
    assert offset(phone, path) == 6


def test_a_checksum_by_a_digest_that_is_not_offered_is_malformed(city: City, phone: Caller):
    path = open_upload(phone, "0" * 64, 3)
    for words in ("md5 " + base64.b64encode(hashlib.md5(b"abc").digest()).decode(), "sha256 ###"):
        answer = patch(phone, path, 0, b"abc", **{"Upload-Checksum": words})
        assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed")
    assert offset(phone, path) == 0
