"""One odd item of one phone stops neither what comes after it nor a page on which it stands."""

from __future__ import annotations

import pytest

from schemas.drafting import Draft
from server.evidence import picture, verify
from server.intake.feed import read_cursor
from server.queries.evidence_queue import asked, evidence_queue
from server.queries.reading import reading
from server.storage import file_store
from sync import frames, lines
from sync.errors import FileCorrupt, Malformed
from tests.security.city import edit, epoch, evidence, record
from tests.server.pushing import City

PNG = bytes.fromhex("89504e470d0a1a0a")


def test_a_bed_check_that_is_none_leaves_the_queue_readable(city: City):
    item, finding = evidence(city), city.finding()
    city.phones[1].push(item, finding)
    assert edit(city, city.phones[1], "evidence", item.record, {"bed_check": finding.record}) == "applied"
    with reading(city.installation.services, city.supervisor) as look:
        (row,) = evidence_queue(look, asked({"state": ""})).rows
    assert row.subject == ""


def test_an_in_patient_that_is_none_is_refused(city: City):
    ward_round = Draft(
        "create",
        "ward_round",
        city.id(),
        {"inspection": city.inspection, "mode": "bedside", "trigger": "plan"},
    )
    values = {"ward_round": ward_round.record, "bed_listed": "1101", "presence": "in_bed"}
    good = Draft("create", "bed_check", city.id(), values)
    bad = Draft("create", "bed_check", city.id(), {**values, "encounter": city.inspection})
    outcomes = city.phones[1].push(ward_round, bad, good).outcomes
    assert [(outcome.verdict, outcome.field) for outcome in outcomes] == [
        ("applied", None),
        ("refused", "encounter"),
        ("applied", None),
    ]


def test_a_file_key_that_is_none_makes_its_file_corrupt_and_holds_up_no_other(city: City):
    services = city.installation.services
    cipher = b"".join(frames.encrypt([b"x"], bytes(frames.KEY_BYTES), bytes(frames.PREFIX_BYTES)))
    digest = lines.digest(cipher)
    item = evidence(city, cipher_digest=digest, cipher_size=len(cipher), file_key="A" * 42 + "B")
    city.phones[1].push(item)
    services.files.write(digest, 0, [cipher], len(cipher))
    services.files.finish(digest, digest)
    with services.database.writing(services.ledger.id) as connection:
        file_store.arrived(
            connection, services.ledger.id, digest=digest, size=len(cipher), at=services.now_ms()
        )
    assert verify.sweep(services) == 1
    assert record(city, item.record).values["file_state"] == verify.CORRUPT


@pytest.mark.parametrize("raw", [b"", PNG, PNG + bytes.fromhex("0000000349484452") + b"abc" + bytes(4)])
def test_bytes_that_are_no_picture_are_a_corrupt_file(raw: bytes):
    with pytest.raises(FileCorrupt):
        picture.shrink(raw, "PNG", 160, item="i")


@pytest.mark.parametrize("place", [f"{10**40}/x", f"-{10**40}/x", "1/\0", "1"])
def test_a_cursor_that_no_database_takes_is_malformed(city: City, place: str):
    here = epoch(city)
    with pytest.raises(Malformed):
        read_cursor(lines.b64u(f"{here}/{place}".encode()), here)
