"""A patient who came by an import is proven to a stranger: his row lies under the root of the import's entry."""

from __future__ import annotations

import json
from base64 import b64encode
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.imports.census import import_census
from server.imports.institutions import import_institutions
from server.ledger.proofs import verify_package
from server.ledger.row_proofs import nodes_of
from sync.errors import BadProof, Refusal
from sync.merkle import inclusion_proof, leaf_hash, root_of_lines, verify_inclusion
from tests.imports import files
from tests.imports.files import HOSPITAL
from tests.server.commands import CommandLine, command_line, records

wardledger = pytest.fixture(command_line)


@pytest.fixture
def city(wardledger: CommandLine, tmp_path: Path) -> CommandLine:
    """An installation with a census."""
    wardledger.init()
    here = wardledger.services()
    import_institutions(here, files.institutions(tmp_path / "list.csv"))
    import_census(here, files.census(tmp_path / "census.csv"), HOSPITAL.fixmedins_code)
    here.engine.dispose()
    return wardledger


def proof(city: CommandLine, record: str) -> dict[str, Any]:
    found = city("ledger", "prove", "--record", record).json
    assert isinstance(found, dict)
    return found


def test_the_row_that_made_a_patient_is_proven_without_his_name(city: CommandLine, tmp_path: Path):
    patient = records(city.services(), "encounter")[5]
    package = proof(city, patient.id)
    path = tmp_path / "proof.json"
    path.write_text(json.dumps(package), "utf-8")
    ended = city("ledger", "verify", path, "--json")
    assert (ended.status, ended.json["kind"]) == (0, "import")
    assert ended.json["row"]["record"] == patient.id
    assert ended.json["row"]["set"]["bed"] == patient.values["bed"]
    assert patient.values["name"] not in path.read_text("utf-8")
    assert "lies under the import's root" in city("ledger", "verify", path).out


def test_a_record_that_no_import_wrote_is_proven_by_its_own_entry(city: CommandLine):
    key = records(city.services(), "key")[0]
    package = proof(city, key.id)
    assert package["index"] == key.version
    assert "row" not in package


def test_every_row_of_an_import_is_proven(city: CommandLine):
    patients = records(city.services(), "encounter")
    index = patients[0].version
    for n in range(1, len(patients) + 2):
        package = city("ledger", "prove", index, "--row", n).json
        assert verify_package(json.dumps(package).encode()).row == package["row"]["line"]


SPOILT = {
    "another bed": lambda row: row | {"line": row["line"].replace('"bed":"', '"bed":"9')},
    "another place": lambda row: row | {"n": row["n"] + 1},
    "another path": lambda row: row | {"path": [b64encode(bytes(32)).decode(), *row["path"][1:]]},
    "a shorter path": lambda row: row | {"path": row["path"][:-1]},
    "a path that is none": lambda row: row | {"path": ["?"]},
}


@pytest.mark.parametrize("how", SPOILT)
def test_a_spoilt_row_is_not_proven(city: CommandLine, how: str):
    package = proof(city, records(city.services(), "encounter")[3].id)
    package["row"] = SPOILT[how](package["row"])
    with pytest.raises(Refusal):
        verify_package(json.dumps(package).encode())


def test_a_row_without_its_imports_change_line_is_not_proven(city: CommandLine):
    package = proof(city, records(city.services(), "encounter")[3].id)
    del package["change"]
    with pytest.raises(BadProof):
        verify_package(json.dumps(package).encode())


@pytest.mark.parametrize("words", [(), ("1", "--record", "x"), ("--record", "x", "--row", "1")])
def test_neither_an_entry_nor_a_record_is_wrong_usage(city: CommandLine, words: tuple[str, ...]):
    assert city("ledger", "prove", *words).status == 2


@pytest.mark.parametrize(
    "words", [("--record", "00000000-0000-7000-8000-000000000000"), ("0", "--row", "1"), ("2", "--row", "0")]
)
def test_what_is_not_there_is_not_proven(city: CommandLine, words: tuple[str, ...]):
    ended = city("ledger", "prove", *words)
    assert (ended.status, ended.err.split(":")[0]) == (1, "not_found")


@given(st.lists(st.binary(max_size=8), min_size=1, max_size=40), st.data())
def test_a_path_over_lines_leads_to_their_root(lines: list[bytes], data: st.DataObject):
    place = data.draw(st.integers(0, len(lines) - 1))
    path = inclusion_proof(nodes_of(lines), place, len(lines))
    verify_inclusion(leaf_hash(lines[place]), place, len(lines), path, root_of_lines(lines))
