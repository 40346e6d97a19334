"""What is erased is gone from every place of the database, and the ledger, its proofs and its replay still hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from schemas.drafting import Draft
from server.access.may_erase import NothingToErase, UnderHold
from server.imports.institutions import import_institutions
from server.ledger import proofs
from server.ledger.audit import audit
from server.storage import ledger_store, record_store
from sync import checkpoint
from sync.changes import Erased
from sync.entries import from_line
from sync.errors import BadValue, NotAllowed, NotFound
from sync.merkle import leaf_hash
from tests.commit.erasing_scene import Bureau, lived_through
from tests.server.builders import Installation


@pytest.fixture
def bureau(installation: Installation, tmp_path: Path) -> Bureau:
    """A bureau in whose ledger nearly everything happened, on SQLite and on PostgreSQL."""
    return lived_through(installation, tmp_path)


def is_sound(bureau: Bureau) -> bool:
    """Return whether the audit finds the ledger in order."""
    report = audit(bureau.installation.services)
    assert report.ok, report.text()
    return True


def test_what_is_erased_stands_nowhere_any_more_and_the_audit_finds_nothing(bureau: Bureau):
    before = bureau.record()
    assert bureau.holds("改一")
    assert bureau.holds("测试甲010")
    assert before.open_conflicts == ("amount_fen",)

    bureau.erase()

    assert not bureau.holds("改一")
    assert not bureau.holds("测试甲010")
    after = bureau.record()
    assert "facts" not in after.values
    assert "persons" not in after.values
    assert not after.lines
    assert after.digests == before.digests
    assert after.open_conflicts == before.open_conflicts
    assert after.stage == before.stage
    assert after.version > before.version
    assert is_sound(bureau)


def test_what_is_not_erased_stays(bureau: Bureau):
    kept = bureau.private_lines()
    bureau.erase()
    gone = bureau.erased()
    left = bureau.private_lines()
    assert gone
    assert len(left) < len(kept)
    assert bureau.holds("三号床无人"), "other findings say what they said"
    assert bureau.record(bureau.city.institution).lines


def test_the_entry_names_digests_basis_and_both_persons_and_no_value(bureau: Bureau):
    result = bureau.erase()
    services = bureau.installation.services
    with services.database.reading() as connection:
        entry = from_line(ledger_store.entry_lines(connection, services.ledger.id, result.first, 1)[0])
        line = ledger_store.bodies_at(connection, services.ledger.id, [result.first])[result.first]
    said = json.loads(line)["set"]
    assert (entry.kind, entry.type, entry.record, entry.by) == (
        "erase",
        "finding",
        bureau.finding,
        bureau.leader,
    )
    assert said["basis"] == "court_order"
    assert said["second"] == bureau.reviewer
    assert {form["digest"] for form in said["lines"]} == bureau.erased()
    assert "测试" not in line.decode()
    assert "改一" not in line.decode()


def test_every_entry_is_still_proven_by_its_place(bureau: Bureau):
    bureau.erase()
    services = bureau.installation.services
    with services.database.reading() as connection:
        size = ledger_store.head(connection, services.ledger.id).size
        leaves = ledger_store.entry_lines(connection, services.ledger.id, 0, size)
        for index, leaf in enumerate(leaves):
            proof = proofs.inclusion(connection, services.ledger, index)
            found, _ = checkpoint.verify_proof_text(proof, leaf_hash(leaf), services.keyring.verifiers())
            assert found == index


def test_one_field_is_erased_with_what_its_lines_say_besides_and_nothing_else(bureau: Bureau):
    bureau.erase(fields=frozenset({"facts"}))
    after = bureau.record()
    assert "facts" not in after.values
    # Members of a set go together, since their order would tell something; so would a name that was said twice.
    assert not bureau.holds("改一")
    assert is_sound(bureau)


def test_the_record_goes_on_and_a_new_value_is_kept(bureau: Bureau):

    bureau.erase()
    one = bureau.city.phones[0]
    services = bureau.installation.services
    with services.database.reading() as connection:
        epoch = ledger_store.head(connection, services.ledger.id).epoch
    base = (epoch, bureau.record().version)
    result = one.push(
        Draft(
            "edit",
            "finding",
            bureau.finding,
            {"facts": "演示数据：改写"},
            base=base,
            add={"persons": ["测试甲012"]},
        )
    )
    assert result.outcomes[0].verdict == "applied"
    after = bureau.record()
    assert after.values["facts"] == "演示数据：改写"
    assert after.values["persons"] == ["测试甲012"]
    assert len(after.digests["persons"]) > 1, "the erased members are there as digests"
    assert is_sound(bureau)

    bureau.erase()
    assert not bureau.holds("测试甲012")
    orders = {write.value.order for write in bureau.record().writes["persons"]}
    assert len(orders) == 2
    assert all(type(w.value) is Erased for w in bureau.record().writes["persons"])
    assert is_sound(bureau)


def test_what_is_evidence_in_an_open_case_is_not_erased_before_it_is_closed(bureau: Bureau):
    with pytest.raises(UnderHold):
        bureau.erase(basis="person_request")
    assert bureau.holds("改一")
    assert not bureau.erased()


def test_what_is_no_evidence_of_anything_open_is_erased_on_request(bureau: Bureau):
    bureau.erase(bureau.city.institution, basis="person_request")
    assert "name" not in bureau.record(bureau.city.institution).values
    assert is_sound(bureau)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param({"second": None}, id="nobody agrees"),
        pytest.param({"second": "leader"}, id="agrees with himself"),
        pytest.param({"second": "supervisor"}, id="a supervisor agrees"),
        pytest.param({"user": "supervisor"}, id="a supervisor decides"),
        pytest.param({"user": "reviewer"}, id="a legal reviewer decides"),
    ],
)
def test_one_person_alone_or_of_another_role_erases_nothing(bureau: Bureau, said: dict[str, str | None]):
    people = {
        "leader": bureau.leader,
        "reviewer": bureau.reviewer,
        "supervisor": bureau.city.supervisor,
        None: None,
    }
    with pytest.raises(NotAllowed):
        bureau.erase(**{name: people[who] for name, who in said.items()})
    assert bureau.holds("改一")
    assert not bureau.erased()


def test_a_basis_that_is_none_or_the_servers_own_is_refused(bureau: Bureau):
    for basis in ("because", "restored"):
        with pytest.raises(BadValue):
            bureau.erase(basis=basis)


def test_a_device_or_a_key_is_never_erased(bureau: Bureau):
    with pytest.raises((NotAllowed, NothingToErase)):
        bureau.erase(bureau.city.phones[0].id)


def test_what_is_not_there_or_erased_already_is_told(bureau: Bureau):
    with pytest.raises(NotFound):
        bureau.erase(bureau.city.id())
    bureau.erase()
    with pytest.raises(NothingToErase):
        bureau.erase()


def test_several_records_are_erased_in_one_act(bureau: Bureau):
    result = bureau.erase(bureau.finding, bureau.city.institution)
    assert len(result.outcomes) == 2
    assert is_sound(bureau)


def test_an_import_of_the_same_list_brings_nothing_back(bureau: Bureau, tmp_path: Path):
    services = bureau.installation.services
    path = tmp_path / "institutions.csv"
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = record_store.by_natural_key(connection, vault, "institution", ["H34150290002"])
    hospital = found["H34150290002"].id
    assert bureau.record(hospital).values["contact_name"] == "测试甲022"
    bureau.erase(hospital)
    import_institutions(services, path)
    assert "contact_name" not in bureau.record(hospital).values
    assert not bureau.holds("测试甲022")
    assert bureau.holds("测试甲023")
    assert is_sound(bureau)
