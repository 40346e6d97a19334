"""Files by tus over HTTP: resumable, kept only if whole, verified whichever of record and file comes first."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

import pytest

from schemas.drafting import Draft
from server.casework import reviewing
from server.casework.review import Review
from server.commit.acts import act
from server.evidence import verify
from server.intake import uploads
from server.storage import file_store, record_store
from sync import frames, lines
from sync.errors import BadTransition, FileCorrupt, FileUnverified
from sync.merge import Record
from tests.intake.caller import PART, Caller, caller, counts, metadata
from tests.server.builders import URL
from tests.server.pushing import City
from tests.server.pushing import user as new_user

TUS = {"Tus-Resumable": "1.0.0"}
PLAIN = b"\xff\xd8" + bytes(range(256)) * 20


@dataclass(frozen=True)
class Photo:
    """A photograph as a phone holds it: its cipher, and the record that commits to it."""

    cipher: bytes
    draft: Draft

    @property
    def digest(self) -> str:
        """The cipher's digest."""
        return hashlib.sha256(self.cipher).hexdigest()


def photo(city: City, cipher: bytes = b"", **changed: Any) -> Photo:
    """Return a photograph; changed: values of its record."""
    random = city.installation.services.random
    key = random(frames.KEY_BYTES)
    cipher = cipher or b"".join(frames.encrypt([PLAIN], key, random(frames.PREFIX_BYTES)))
    values = {
        "inspection": city.inspection,
        "kind": "audio_visual",
        "digest": hashlib.sha256(PLAIN).hexdigest(),
        "size": len(PLAIN),
        "media_type": "image/jpeg",
        "cipher_digest": hashlib.sha256(cipher).hexdigest(),
        "cipher_size": len(cipher),
        "file_key": lines.b64u(key),
        **changed,
    }
    return Photo(cipher, Draft("create", "evidence", city.id(), values))


def open_upload(phone: Caller, digest: str, size: int) -> str:
    """Create an upload and return its path."""
    said = {**TUS, "Upload-Length": str(size), "Upload-Metadata": metadata(digest)}
    answer = phone.ask("POST", "/v1/files", headers=said)
    assert answer.status_code == 201, answer.get_json()
    assert answer.headers["Tus-Resumable"] == "1.0.0"
    return str(answer.headers["Location"]).removeprefix(URL)


def call(phone: Caller, method: str, path: str, **more: Any) -> Any:
    """Send a request that needs no proof: the address is all that it takes."""
    headers = {**TUS, **more.pop("headers", {})}
    return phone.installation.app.test_client().open(path, method=method, headers=headers, **more)


def patch(phone: Caller, path: str, at: int, part: bytes, **headers: str) -> Any:
    given = {"Content-Type": PART, "Upload-Offset": str(at)}
    return call(phone, "PATCH", path, data=part, headers={**given, **headers})


def checksum(part: bytes) -> str:
    return f"sha256 {base64.b64encode(hashlib.sha256(part).digest()).decode()}"


def offset(phone: Caller, path: str) -> int:
    answer = call(phone, "HEAD", path)
    assert answer.status_code == 200
    return int(answer.headers["Upload-Offset"])


def upload(phone: Caller, made: Photo) -> str:
    path = open_upload(phone, made.digest, len(made.cipher))
    assert patch(phone, path, 0, made.cipher).status_code == 204
    return path


def record(city: City, key: str) -> Record:
    services = city.installation.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        return record_store.load(connection, vault, [key])[key]


def states(city: City) -> list[str]:
    services = city.installation.services
    with services.database.reading() as connection:
        return [state for _, _, state in file_store.every(connection, services.ledger.id)]


def state(city: City, made: Photo) -> tuple[str | None, str | None]:
    found = record(city, made.draft.record)
    return found.values.get("file_state"), found.stage


def test_a_file_after_its_record_is_verified(city, phones):
    one, _ = phones
    made = photo(city)
    assert one.send(made.draft).status_code == 201
    assert state(city, made) == (None, "captured")
    upload(one, made)
    assert state(city, made) == ("verified", "pending_review")
    assert states(city) == ["verified"]


def test_a_record_after_its_file_is_verified(city, phones):
    one, _ = phones
    made = photo(city)
    upload(one, made)
    assert states(city) == ["arrived"]
    assert one.send(made.draft).status_code == 201
    assert state(city, made) == ("verified", "pending_review")
    assert states(city) == ["verified"]


@pytest.mark.parametrize("file_first", [True, False])
@pytest.mark.parametrize(
    "changed",
    [
        pytest.param({"file_key": lines.b64u(bytes(32))}, id="wrong key"),
        pytest.param({"file_key": lines.b64u(bytes(33))}, id="key too long"),
        pytest.param({"digest": "0" * 64}, id="wrong digest"),
        pytest.param({"size": len(PLAIN) + 1}, id="wrong size"),
    ],
)
def test_a_file_that_is_not_what_was_signed_is_corrupt_and_never_approved(city, phones, changed, file_first):
    one, _ = phones
    made = photo(city, **changed)
    steps = [lambda: upload(one, made), lambda: one.send(made.draft)]
    for step in steps if file_first else reversed(steps):
        step()
    assert state(city, made) == ("corrupt", "captured")
    assert states(city) == ["corrupt"]
    version = record(city, made.draft.record).version
    with pytest.raises((FileCorrupt, FileUnverified, BadTransition)):
        reviewing.review_evidence(
            city.installation.services, city.supervisor, made.draft.record, Review("approve", version)
        )
    assert state(city, made) == ("corrupt", "captured")


def test_a_file_goes_on_where_it_was_cut_after_days(city, phones):
    one, _ = phones
    made = photo(city)
    one.send(made.draft)
    path = open_upload(one, made.digest, len(made.cipher))
    assert offset(one, path) == 0
    assert patch(one, path, 0, made.cipher[:1000]).headers["Upload-Offset"] == "1000"
    city.installation.clock.advance(days=20)
    assert offset(one, path) == 1000
    answer = patch(one, path, 1000, made.cipher[1000:], **{"Upload-Checksum": checksum(made.cipher[1000:])})
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (204, str(len(made.cipher)))
    assert state(city, made)[0] == "verified"
    assert offset(one, path) == len(made.cipher)


@pytest.mark.parametrize("at", [0, 999, 1001, 10**9, -1])
def test_a_part_at_another_offset_is_told_the_right_one(city, phones, at):
    one, _ = phones
    made = photo(city)
    path = open_upload(one, made.digest, len(made.cipher))
    patch(one, path, 0, made.cipher[:1000])
    answer = patch(one, path, at, made.cipher[1000:])
    assert (answer.status_code, answer.get_json()["code"]) == (409, "upload_conflict")
    assert answer.headers["Upload-Offset"] == "1000"
    assert offset(one, path) == 1000


def test_a_part_that_does_not_fit_its_checksum_leaves_nothing(city, phones):
    one, _ = phones
    made = photo(city)
    path = open_upload(one, made.digest, len(made.cipher))
    patch(one, path, 0, made.cipher[:1000])
    announced = {"Upload-Checksum": checksum(made.cipher[1000:])}
    answer = patch(one, path, 1000, made.cipher[1000:2000], **announced)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (460, "1000")
    assert offset(one, path) == 1000
    assert patch(one, path, 1000, made.cipher[1000:], **announced).status_code == 204


@pytest.mark.parametrize("words", ["md5 AAAA", "sha256 !", "sha256", ""])
def test_a_checksum_that_cannot_be_checked_leaves_nothing(city, phones, words):
    one, _ = phones
    made = photo(city)
    path = open_upload(one, made.digest, len(made.cipher))
    answer = patch(one, path, 0, made.cipher[:1000], **{"Upload-Checksum": words})
    assert answer.status_code in (400, 460)
    assert offset(one, path) == 0


@pytest.mark.parametrize("headers", [{}, {"Upload-Checksum": checksum(b"x" * 5000)}])
def test_a_part_that_goes_beyond_the_end_is_refused(city, phones, headers):
    one, _ = phones
    path = open_upload(one, "0" * 64, 10)
    assert patch(one, path, 0, b"x" * 5000, **headers).status_code == 409
    assert offset(one, path) == 0


def test_a_whole_file_of_another_digest_is_dropped_and_may_come_again(city, phones):
    one, _ = phones
    made = photo(city)
    path = open_upload(one, made.digest, len(made.cipher))
    wrong = bytes([made.cipher[0] ^ 1]) + made.cipher[1:]
    answer = patch(one, path, 0, wrong)
    assert (answer.status_code, answer.headers["Upload-Offset"]) == (460, "0")
    assert states(city) == []
    assert offset(one, path) == 0
    assert patch(one, path, 0, made.cipher).status_code == 204


@pytest.mark.parametrize("method", ["HEAD", "PATCH", "DELETE"])
def test_an_address_that_nobody_was_given_is_unknown(city, phones, method):
    headers = {"Content-Type": PART, "Upload-Offset": "0"}
    for secret in ("A" * 22, "é", "x" * 1000):
        answer = call(phones[0], method, f"/v1/files/uploads/{secret}", headers=headers)
        assert answer.status_code == 404


def test_an_address_expires_after_thirty_days(city, phones):
    one, _ = phones
    path = open_upload(one, "0" * 64, 10)
    city.installation.clock.advance(days=uploads.EXPIRES_DAYS)
    assert offset(one, path) == 0
    city.installation.clock.advance(seconds=1)
    assert call(one, "HEAD", path).status_code == 410
    answer = patch(one, path, 0, b"x")
    assert (answer.status_code, answer.get_json()["code"]) == (410, "upload_gone")


def test_an_upload_that_was_ended_is_gone_with_its_bytes(city, phones):
    one, _ = phones
    made = photo(city)
    path = open_upload(one, made.digest, len(made.cipher))
    patch(one, path, 0, made.cipher[:1000])
    assert call(one, "DELETE", path).status_code == 204
    assert [call(one, method, path).status_code for method in ("HEAD", "DELETE")] == [410, 410]
    again = open_upload(one, made.digest, len(made.cipher))
    assert offset(one, again) == 0


def test_ending_an_upload_keeps_the_file_that_it_brought(city, phones):
    one, _ = phones
    made = photo(city)
    one.send(made.draft)
    path = upload(one, made)
    assert call(one, "DELETE", path).status_code == 204
    assert one.ask("GET", f"/v1/files/{made.digest}").data == made.cipher


@pytest.mark.parametrize(
    "headers",
    [
        {"Upload-Metadata": metadata("0" * 64)},
        {"Upload-Length": "junk", "Upload-Metadata": metadata("0" * 64)},
        {"Upload-Length": "10"},
        {"Upload-Length": "10", "Upload-Metadata": "digest !"},
        {"Upload-Length": "10", "Upload-Metadata": metadata("0" * 63)},
        {"Upload-Length": "10", "Upload-Metadata": metadata("Z" * 64)},
        {"Upload-Length": "10", "Upload-Metadata": "name AAAA"},
    ],
)
def test_an_upload_says_its_length_and_its_digest(phones, headers):
    before = counts(phones[0].installation)
    answer = phones[0].ask("POST", "/v1/files", headers={**TUS, **headers})
    assert (answer.status_code, answer.get_json()["code"]) == (400, "malformed")
    assert counts(phones[0].installation) == before


@pytest.mark.parametrize("size", [-1, uploads.FILE_BYTES_MAX + 1, 10**30])
def test_an_upload_of_an_impossible_size_is_refused(phones, size):
    headers = {"Upload-Length": str(size), "Upload-Metadata": metadata("0" * 64)}
    assert phones[0].ask("POST", "/v1/files", headers={**TUS, **headers}).status_code == 413


def test_creating_an_upload_takes_a_devices_proof(phones):
    headers = {"Upload-Length": "1", "Upload-Metadata": metadata("0" * 64)}
    assert call(phones[0], "POST", "/v1/files", headers=headers).status_code == 401


def test_a_part_of_another_content_type_or_without_its_offset_is_refused(phones):
    one, _ = phones
    path = open_upload(one, "0" * 64, 10)
    answer = call(one, "PATCH", path, data=b"x", headers={"Upload-Offset": "0"})
    assert (answer.status_code, answer.get_json()["code"]) == (415, "unsupported_type")
    assert call(one, "PATCH", path, data=b"x", content_type=PART).status_code == 400
    assert offset(one, path) == 0


def test_one_cipher_that_two_phones_send_is_stored_once(city, phones):
    one, two = phones
    made = photo(city)
    again = Photo(made.cipher, Draft("create", "evidence", city.id(), made.draft.values))
    one.send(made.draft)
    two.send(again.draft)
    paths = [open_upload(phone, made.digest, len(made.cipher)) for phone in phones]
    patch(two, paths[1], 0, made.cipher[:1000])
    assert patch(one, paths[0], 0, made.cipher).status_code == 204
    assert offset(two, paths[1]) == len(made.cipher), "the other phone has nothing left to send"
    assert states(city) == ["verified"]
    assert [state(city, each)[0] for each in (made, again)] == ["verified", "verified"]


def test_an_empty_original_is_a_file_too(city, phones):
    one, _ = phones
    random = city.installation.services.random
    key = random(frames.KEY_BYTES)
    cipher = b"".join(frames.encrypt([], key, random(frames.PREFIX_BYTES)))
    made = photo(city, cipher, file_key=lines.b64u(key), digest=hashlib.sha256(b"").hexdigest(), size=0)
    one.send(made.draft)
    upload(one, made)
    assert state(city, made)[0] == "verified"


def test_a_file_is_served_to_who_may_read_its_evidence_and_to_nobody_else(city, phones):
    one, two = phones
    made = photo(city)
    one.send(made.draft)
    upload(one, made)
    path = f"/v1/files/{made.digest}"
    assert two.ask("GET", path).data == made.cipher
    stranger = caller(city.installation, _stranger(city))
    refused = stranger.ask("GET", path)
    assert (refused.status_code, refused.get_json()["code"]) == (404, "not_found")
    assert call(one, "GET", path).status_code == 401


def _stranger(city: City) -> str:
    draft = new_user(city.installation, "stranger", "测试甲009", "inspector")
    act(city.installation.services, [draft], kind="setting")
    return draft.record


def test_a_file_that_has_not_arrived_is_not_found(city, phones):
    one, _ = phones
    made = photo(city)
    one.send(made.draft)
    answer = one.ask("GET", f"/v1/files/{made.digest}")
    assert (answer.status_code, answer.get_json()["code"]) == (404, "not_found")


@pytest.mark.parametrize("name", ["x", "0" * 63, "Z" * 64, "%00", "..%2f..%2fsecret"])
def test_what_is_no_digest_names_no_file(phones, name):
    one, _ = phones
    path = f"/v1/files/{name}"
    headers = one.proof("GET", unquote(path))
    assert call(one, "GET", path, headers=headers).status_code in (401, 404)


def test_a_crash_between_arrival_and_verification_is_made_up_for_by_the_sweep(city, phones, monkeypatch):
    one, _ = phones
    made = photo(city)
    one.send(made.draft)

    class Crash(Exception):
        """The process ends here."""

    def crash(*_: object) -> None:
        raise Crash

    with monkeypatch.context() as patched:
        patched.setattr(verify, "settle", crash)
        path = open_upload(one, made.digest, len(made.cipher))
        assert patch(one, path, 0, made.cipher).status_code == 500
    assert (state(city, made)[0], states(city)) == (None, ["arrived"])
    assert verify.sweep(city.installation.services) == 1
    assert (state(city, made)[0], states(city)) == ("verified", ["verified"])
    assert verify.sweep(city.installation.services) == 0


def test_evidence_that_was_voided_before_its_file_came_blocks_neither_phone_nor_sweep(city, phones):
    one, _ = phones
    made, other = photo(city), photo(city)
    upload(one, made)
    created = one.line(made.draft)
    void = one.line(Draft("void", "evidence", made.draft.record))
    text = one.text_of_lines([created, void])
    assert one.post(*one.sealed(text)).status_code == 201
    one.moved(text)
    upload(one, other)
    verify.sweep(city.installation.services)
    assert one.send(other.draft).status_code == 201
    assert state(city, other)[0] == "verified"
