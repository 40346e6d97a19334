"""Files: encrypted at capture, sent in pieces, resumed where they stopped, read back and verified."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import httpx
import pytest

from mobile_stub import evidence_files
from mobile_stub.evidence_files import CHUNK_BYTES
from sync import frames
from sync.errors import FileCorrupt, UploadConflict
from tests.mobile_stub.bench import Bench

PHOTO: dict[str, Any] = {"kind": "audio_visual", "media_type": "image/jpeg"}
CONTENT = bytes(range(256)) * 14_000


def patches(bench: Bench) -> list[str]:
    return [asked for asked in bench.ledger.requests if asked.startswith("PATCH")]


def patch_fails(bench: Bench, number: int, answer: httpx.Response | None = None) -> None:
    """Let the n-th PATCH from now on fail: cut off, or answered otherwise before it was stored."""
    left = [number]
    route = bench.ledger._route

    def spoiled(request: httpx.Request) -> httpx.Response:
        if request.method == "PATCH":
            left[0] -= 1
            if left[0] == 0:
                if answer is None:
                    raise httpx.ReadError("cut off")
                return answer
        return route(request)

    bench.ledger._route = spoiled  # type: ignore[method-assign]


def test_a_file_arrives_whole_and_the_record_states_what_was_captured(bench: Bench) -> None:
    with bench.ready() as phone:
        evidence = phone.take_evidence(bench.inspection, CONTENT, **PHOTO)
        report = phone.sync()
        assert (report.uploaded.files, report.uploaded.bytes) == (1, frames.cipher_size(len(CONTENT)))
        values = bench.ledger.records[evidence].values
        assert values["digest"] == hashlib.sha256(CONTENT).hexdigest()
        assert values["size"] == len(CONTENT)
        assert values["cipher_size"] == len(bench.ledger.stored[values["cipher_digest"]])
        assert 3 * CHUNK_BYTES < values["cipher_size"] < 4 * CHUNK_BYTES
        assert len(patches(bench)) == 3, "of one MiB, of two since the line is good, and the rest"
        assert bench.ledger.records[evidence].digests.keys() == {"file_key"}


def test_an_upload_goes_on_where_it_was_cut_off(bench: Bench) -> None:
    bench.ready().close()
    with bench.open() as phone:
        phone.take_evidence(bench.inspection, CONTENT, **PHOTO)
        patch_fails(bench, 3)
        report = phone.sync()
        assert [error.code for error in report.errors] == ["offline"]
        assert report.uploaded.bytes == 3 * CHUNK_BYTES
    with bench.open() as phone:
        report = phone.sync()
        assert report.clean
        assert report.uploaded.bytes == frames.cipher_size(len(CONTENT)) - 3 * CHUNK_BYTES
        assert len(bench.ledger.uploads) == 1


def test_on_a_slow_line_parts_stay_small(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence_files, "QUICK_MS", 0)
    with bench.ready() as phone:
        phone.take_evidence(bench.inspection, CONTENT, **PHOTO)
        assert phone.sync().clean
        assert len(patches(bench)) == 4


def test_an_upload_that_the_server_forgot_is_begun_anew(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.take_evidence(bench.inspection, CONTENT, **PHOTO)
        patch_fails(bench, 2)
        phone.sync()
        bench.ledger.uploads.clear()
        assert phone.sync().clean
        assert len(bench.ledger.stored) == 1


def test_a_chunk_damaged_on_its_way_is_sent_again(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.take_evidence(bench.inspection, CONTENT, **PHOTO)
        patch_fails(bench, 2, httpx.Response(460))
        assert phone.sync().clean
        assert len(bench.ledger.stored) == 1


def test_a_chunk_that_is_damaged_every_time_is_given_up_and_named(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.take_evidence(bench.inspection, CONTENT, **PHOTO)
        bench.ledger.after = lambda request, answer: (
            httpx.Response(460) if request.method == "PATCH" else None
        )
        report = phone.sync()
        assert [error.part for error in report.errors] == ["files"]
        assert phone.status()["files_waiting"] == 1


def test_an_offset_that_differs_is_asked_for_and_followed(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.take_evidence(bench.inspection, CONTENT, **PHOTO)
        lost = [1]

        def lose(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
            if request.method == "PATCH" and lost[0]:
                lost[0] -= 1
                return bench.ledger.problem(UploadConflict(), 409)
            return None

        bench.ledger.after = lose
        assert phone.sync().clean
        assert any(asked.startswith("HEAD") for asked in bench.ledger.requests)


def test_one_file_that_fails_does_not_keep_the_others_waiting(bench: Bench) -> None:
    with bench.ready() as phone:
        one = phone.take_evidence(bench.inspection, CONTENT, **PHOTO)
        two = phone.take_evidence(bench.inspection, b"another", **PHOTO)
        (phone.kit.files / phone.show(one).values["cipher_digest"]).unlink()
        report = phone.sync()
        assert [error.code for error in report.errors] == ["damaged"]
        assert list(bench.ledger.stored) == [phone.show(two).values["cipher_digest"]]


def test_upload_and_location_stay_with_the_server_that_was_enrolled_at(bench: Bench) -> None:
    with bench.ready() as phone:
        phone.take_evidence(bench.inspection, CONTENT, **PHOTO)

        def elsewhere(request: httpx.Request, answer: httpx.Response) -> httpx.Response | None:
            if request.method == "POST" and str(request.url).endswith("/v1/files"):
                return httpx.Response(201, headers={"Location": "http://elsewhere.example/up/1"})
            return None

        bench.ledger.after = elsewhere
        report = phone.sync()
        assert [error.code for error in report.errors] == ["not_the_server"]
        assert patches(bench) == []


def verified(bench: Bench, evidence: str, state: str) -> None:
    bench.ledger.act("edit", "evidence", evidence, set={"file_state": state})


def test_the_phones_copy_goes_when_the_server_has_verified_the_file(bench: Bench) -> None:
    with bench.ready() as phone:
        evidence = phone.take_evidence(bench.inspection, CONTENT, **PHOTO)
        assert phone.sync().clean
        assert len(list(phone.kit.files.iterdir())) == 1
        verified(bench, evidence, "verified")
        assert phone.sync().clean
        assert list(phone.kit.files.iterdir()) == []
        assert phone.read_file(evidence) == CONTENT


def test_a_file_that_is_corrupt_at_the_server_is_sent_again(bench: Bench) -> None:
    with bench.ready() as phone:
        evidence = phone.take_evidence(bench.inspection, CONTENT, **PHOTO)
        assert phone.sync().clean
        bench.ledger.stored.clear()
        verified(bench, evidence, "corrupt")
        assert phone.sync().uploaded.files == 1
        assert len(bench.ledger.stored) == 1


def test_another_phone_reads_the_file_with_the_key_from_its_feed(bench: Bench) -> None:
    with bench.ready("one") as one, bench.enrol("two") as two:
        evidence = one.take_evidence(bench.inspection, CONTENT, **PHOTO)
        assert one.sync().clean
        assert two.sync().clean
        assert two.read_file(evidence) == CONTENT


def test_a_file_that_was_altered_at_the_server_is_not_shown(bench: Bench) -> None:
    with bench.ready("one") as one, bench.enrol("two") as two:
        evidence = one.take_evidence(bench.inspection, CONTENT, **PHOTO)
        assert one.sync().clean
        assert two.sync().clean
        (digest,) = bench.ledger.stored
        whole = bench.ledger.stored[digest]
        bench.ledger.stored[digest] = whole[:-1] + bytes([whole[-1] ^ 1])
        with pytest.raises(FileCorrupt):
            two.read_file(evidence)


def test_an_empty_file_is_evidence_too(bench: Bench) -> None:
    with bench.ready() as phone:
        evidence = phone.take_evidence(bench.inspection, b"", **PHOTO)
        assert phone.sync().clean
        assert phone.read_file(evidence) == b""


def test_a_file_from_a_path_is_captured_in_pieces(bench: Bench) -> None:
    path = bench.folder / "clip.mp4"
    path.write_bytes(CONTENT)
    with bench.ready() as phone:
        evidence = phone.take_evidence(bench.inspection, path, kind="audio_visual", media_type="video/mp4")
        assert phone.read_file(evidence) == CONTENT
        assert path.read_bytes() == CONTENT


def test_a_files_key_is_nowhere_but_in_its_private_line(bench: Bench) -> None:
    with bench.ready() as phone:
        evidence = phone.take_evidence(bench.inspection, CONTENT, **PHOTO)
        key = phone.show(evidence).values["file_key"]
        (kept,) = phone.kit.journal.waiting()
        assert key not in kept.change.line.decode()
        assert key in kept.change.private[-1].line.decode()
        assert "file_key" not in json.loads(kept.change.line)["set"]


def test_two_captures_of_one_file_share_nothing_but_their_plain_digest(bench: Bench) -> None:
    with bench.ready() as phone:
        one, two = (
            phone.show(phone.take_evidence(bench.inspection, CONTENT, **PHOTO)).values for _ in range(2)
        )
        assert one["digest"] == two["digest"]
        assert one["cipher_digest"] != two["cipher_digest"]
