"""A witness cosigns what extends the head it cosigned before, and nothing else: C2SP tlog-witness, answer by answer."""

from __future__ import annotations

import base64
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError
from werkzeug.test import TestResponse

from server.ledger.audit import audit, audit_snapshot
from server.operations.doctor import OK, PROBLEM, examine
from server.outside import memory
from server.storage import witness_store
from server.storage.witness_store import WITNESSED, Contradiction, Witnessed
from sync import checkpoint, cosignature
from sync.merkle import EMPTY_ROOT
from tests.outside.towns import Town
from tests.server.altering import altered
from tests.server.builders import FOUNDING, ORIGIN

Towns = tuple[Town, Town]


def post(witness: Town, raw: bytes) -> TestResponse:
    return witness.installation.app.test_client().post("/add-checkpoint", data=raw)


def known(witness: Town, log: Town) -> Witnessed | None:
    services = witness.installation.services
    with services.database.reading() as connection:
        return witness_store.witnessed(connection, services.ledger.id, log.name)


def two_trees(witness: Town) -> list[Contradiction]:
    services = witness.installation.services
    with services.database.reading() as connection:
        return list(witness_store.contradictions(connection, services.ledger.id))


def test_a_head_that_the_witness_sees_for_the_first_time_is_cosigned(towns: Towns):
    log, witness = towns
    answer = post(witness, log.request(0, FOUNDING))
    assert (answer.status_code, answer.headers["Cache-Control"]) == (200, "no-store")
    line, rest = answer.text.split("\n")
    assert rest == ""
    assert witness.seconds(line, log.note(FOUNDING)) == witness.installation.clock.now // 1000
    found = known(witness, log)
    assert found is not None
    assert (found.size, found.note) == (FOUNDING, log.note(FOUNDING))


def test_a_head_that_extends_the_last_one_is_cosigned(towns: Towns):
    log, witness = towns
    post(witness, log.request(0, FOUNDING))
    for old, new in (
        (FOUNDING, log.grow(3)),
        (FOUNDING + 3, FOUNDING + 3),
        (FOUNDING + 3, log.grow(2, first=9)),
    ):
        answer = post(witness, log.request(old, new))
        assert (answer.status_code, witness.seconds(answer.text[:-1], log.note(new)) > 0) == (200, True)
    assert audit(witness.installation.services).ok


def test_another_size_than_the_last_is_answered_with_the_last(towns: Towns):
    log, witness = towns
    answer = post(witness, log.request(FOUNDING, FOUNDING))
    assert (answer.status_code, answer.text, answer.content_type) == (409, "0\n", "text/x.tlog.size")
    size = log.grow(2)
    post(witness, log.request(0, size))
    for old in (0, FOUNDING, size - 1):
        answer = post(witness, log.request(old, size))
        assert (answer.status_code, answer.text, answer.content_type) == (
            409,
            f"{size}\n",
            "text/x.tlog.size",
        )


def test_a_log_that_was_not_added_is_unknown(towns: Towns):
    log, witness = towns
    witness.trusts()
    answer = post(witness, log.request(0, FOUNDING))
    assert (answer.status_code, answer.json["code"]) == (404, "not_found")


def test_an_installation_without_a_witness_key_witnesses_nothing(towns: Towns):
    log, witness = towns
    log.trusts(witness.log_key)
    answer = post(log, witness.request(0, FOUNDING))
    assert answer.status_code == 404
    log.witness_key()
    assert post(log, witness.request(0, FOUNDING)).status_code == 200


def test_a_new_epoch_is_another_log(towns: Towns):
    """The origin line names the epoch: what was trusted before vouches for nothing in it."""
    log, witness = towns
    origin, _, epoch = log.name.rpartition("/")
    key = log.installation.services.keyring.ledger
    other = checkpoint.sign(checkpoint.Checkpoint(origin, "cd" * 16, FOUNDING, bytes(32)), key)
    assert epoch != other.epoch
    assert post(witness, cosignature.write(0, [], other.note)).status_code == 404


def test_a_note_that_no_trusted_key_signed_is_forbidden(towns: Towns):
    log, witness = towns
    foreign = checkpoint.verifier_key(log.name, witness.installation.services.keyring.ledger_public)
    witness.trusts(foreign)
    answer = post(witness, log.request(0, FOUNDING))
    assert (answer.status_code, answer.json["code"]) == (403, "untrusted_log")
    witness.trusts(foreign, log.log_key)
    assert post(witness, log.request(0, FOUNDING)).status_code == 200


def test_a_spoilt_signature_beside_a_sound_one_is_forbidden(towns: Towns):
    log, witness = towns
    note = log.note(FOUNDING)
    name, raw = checkpoint.signature_line(note.split("\n\n")[1][:-1])
    spoilt = f"\u2014 {name} {base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()}\n"
    assert post(witness, cosignature.write(0, [], note + spoilt)).status_code == 403
    other = f"\u2014 another.example {base64.b64encode(raw).decode()}\n"
    assert post(witness, cosignature.write(0, [], note + other)).status_code == 200


def test_a_proof_that_does_not_hold_is_unprocessable_and_changes_nothing(towns: Towns):
    log, witness = towns
    base = log.grow()
    post(witness, log.request(0, base))
    size = log.grow(6, first=2)
    good = log.proof(base, size)
    assert good != good[::-1]
    for proof in ([], good[:-1], [*good, bytes(32)], good[::-1], [bytes(32)] * len(good)):
        answer = post(witness, cosignature.write(base, proof, log.note(size)))
        assert (answer.status_code, answer.json["code"]) == (422, "not_consistent")
    found = known(witness, log)
    assert found is not None
    assert found.size == base
    assert two_trees(witness) == []
    assert post(witness, log.request(base, size)).status_code == 200


def test_a_proof_from_nothing_must_be_empty(towns: Towns):
    log, witness = towns
    answer = post(witness, cosignature.write(0, [bytes(32)], log.note(FOUNDING)))
    assert answer.status_code == 422


def test_an_empty_tree_has_the_root_of_nothing(towns: Towns):
    log, witness = towns
    assert post(witness, cosignature.write(0, [], log.signed(0, bytes(32)))).status_code == 422
    assert post(witness, cosignature.write(0, [], log.signed(0, EMPTY_ROOT))).status_code == 200


def test_two_roots_of_one_size_are_refused_and_kept_as_the_proof(towns: Towns):
    log, witness = towns
    post(witness, log.request(0, FOUNDING))
    forked = log.signed(FOUNDING, b"\x01" * 32)
    for _ in range(2):
        answer = post(witness, cosignature.write(FOUNDING, [], forked))
        assert (answer.status_code, answer.json["code"]) == (422, "not_consistent")
    (found,) = two_trees(witness)
    assert (found.log, found.note, found.held) == (log.name, forked, log.note(FOUNDING))
    said = next(check for check in examine(witness.installation.services) if check.name == "witnessed")
    assert (said.state, log.name in said.words) == (PROBLEM, True)
    assert audit(witness.installation.services).ok
    assert post(witness, log.request(FOUNDING, FOUNDING)).status_code == 200


def test_a_log_that_behaves_is_told_by_the_doctor_too(towns: Towns):
    log, witness = towns
    post(witness, log.request(0, FOUNDING))
    said = next(check for check in examine(witness.installation.services) if check.name == "witnessed")
    assert (said.state, said.words) == (OK, "1 of 1 other logs have been cosigned here")


def test_what_is_malformed_is_a_bad_request(towns: Towns):
    log, witness = towns
    note = log.note(FOUNDING)
    for raw in (
        b"",
        b"old 0\n\n",
        f"old 00\n\n{note}".encode(),
        f"old 0\n\n{note[:-1]}".encode(),
        f"old 0\n\n{note}x\n".encode(),
        cosignature.write(0, [], note.replace(f"\n{FOUNDING}\n", f"\n{FOUNDING}\nmore\n")),
        log.request(0, FOUNDING).replace(b"old 0", b"old 5"),
    ):
        answer = post(witness, raw)
        assert (answer.status_code, answer.json["code"]) == (400, "malformed"), raw
    assert post(witness, b"x" * (cosignature.REQUEST_BYTES_MAX + 1)).status_code == 413
    assert known(witness, log) is None


def test_of_many_requests_at_once_one_is_cosigned_and_no_size_is_taken_back(towns: Towns):
    """Each is sound by itself; comparing and storing apart would let the last one to write win."""
    log, witness = towns
    post(witness, log.request(0, FOUNDING))
    log.grow(12)
    raws = [log.request(FOUNDING, FOUNDING + more) for more in range(1, 13)]
    with ThreadPoolExecutor(len(raws)) as pool:
        answers = list(pool.map(lambda raw: post(witness, raw), raws))
    good = [number for number, answer in enumerate(answers, FOUNDING + 1) if answer.status_code == 200]
    assert len(good) == 1
    found = known(witness, log)
    assert found is not None
    assert found.size == good[0]
    assert {answer.text for answer in answers if answer.status_code == 409} == {f"{good[0]}\n"}
    assert len([answer for answer in answers if answer.status_code == 409]) == len(raws) - 1


def test_a_witness_whose_database_was_put_back_has_forgotten_nothing(towns: Towns):
    log, witness = towns
    post(witness, log.request(0, FOUNDING))
    size = log.grow(3)
    post(witness, log.request(FOUNDING, size))
    services = witness.installation.services
    with services.database.writing(services.ledger.id) as connection:
        connection.execute(WITNESSED.delete())
    answer = post(witness, log.request(0, FOUNDING))
    assert (answer.status_code, answer.text) == (409, f"{size}\n")
    assert post(witness, cosignature.write(size, [], log.signed(size, b"\x01" * 32))).status_code == 422
    assert post(witness, log.request(size, size)).status_code == 200


def test_a_witness_whose_own_memory_is_spoilt_cosigns_nothing_of_that_log(towns: Towns):
    log, witness = towns
    post(witness, log.request(0, FOUNDING))
    (path,) = (witness.installation.services.config.home / memory.FOLDER).iterdir()
    kept = path.read_text()
    for spoilt in ("", "{}", kept.replace(log.name, "ledger.test/other/" + "ab" * 16)):
        path.write_text(spoilt)
        answer = post(witness, log.request(FOUNDING, FOUNDING))
        assert (answer.status_code, answer.json["code"]) == (503, "ledger_stopped")
    path.unlink()
    assert post(witness, log.request(FOUNDING, FOUNDING)).status_code == 200


def test_a_head_that_was_remembered_and_not_committed_is_told_and_gone_on_from(
    towns: Towns, monkeypatch: pytest.MonkeyPatch
):
    """The server may die between the two: the log asks again and hears the larger size."""
    log, witness = towns

    def die(*_: object) -> None:
        raise OperationalError("killed", None, Exception())

    with monkeypatch.context() as patch:
        patch.setattr(witness_store, "advance", die)
        witness.installation.app.config["PROPAGATE_EXCEPTIONS"] = False
        assert post(witness, log.request(0, FOUNDING)).status_code == 500
    assert known(witness, log) is None
    answer = post(witness, log.request(0, FOUNDING))
    assert (answer.status_code, answer.text) == (409, f"{FOUNDING}\n")
    assert post(witness, log.request(FOUNDING, FOUNDING)).status_code == 200


def test_the_database_refuses_to_drop_the_proof_of_two_trees(towns: Towns):
    log, witness = towns
    post(witness, log.request(0, FOUNDING))
    post(witness, cosignature.write(FOUNDING, [], log.signed(FOUNDING, b"\x01" * 32)))
    for order in ("UPDATE contradiction SET at = 0", "DELETE FROM contradiction"):
        engine = witness.installation.services.engine
        with pytest.raises(DBAPIError, match="append-only"), engine.begin() as connection:
            connection.execute(text(order))


@pytest.mark.parametrize("value", [{"size": 5}, {"root": "00" * 32}, {"log": "a/b"}, {"note": "x"}])
def test_the_audit_names_an_altered_head_of_another_log(towns: Towns, value: dict[str, object]):
    log, witness = towns
    post(witness, log.request(0, FOUNDING))
    with altered(witness.installation.services) as connection:
        connection.execute(WITNESSED.update().values(value))
        report = audit_snapshot(witness.installation.services, connection)
    assert [finding.table for finding in report.findings] == ["witnessed"]


def test_no_page_and_no_form_stands_in_the_way(towns: Towns):
    """A witness is asked by a machine: without session, without a form's token."""
    log, witness = towns
    client: FlaskClient = witness.installation.app.test_client()
    witness.installation.app.config["WTF_CSRF_ENABLED"] = True
    assert client.post("/add-checkpoint", data=log.request(0, FOUNDING)).status_code == 200
    assert client.get("/add-checkpoint").status_code == 405
    assert ORIGIN in log.name
