"""One new file in schemas/records is a new record type: everything else follows from it."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.house.rooms import ROOT
from tests.schemas.made_up import DECLARATION, NAME


def child(folder: Path, *arguments: str, file: str = NAME) -> subprocess.CompletedProcess[str]:
    """Run a process whose schemas.records holds one more file."""
    folder.mkdir(exist_ok=True)
    (folder / f"{file}.py").write_text(DECLARATION, "utf-8")
    command = [sys.executable, "-m", "tests.schemas.made_up", str(folder), *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def derived(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What is derived from the declaration."""
    done = child(tmp_path_factory.mktemp("records"))
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@pytest.fixture
def story(tmp_path: Path, database_url: str) -> dict[str, Any]:
    """What a server and two phones do with the type, on SQLite and on PostgreSQL."""
    done = child(tmp_path / "records", str(tmp_path / "home"), database_url)
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_a_new_file_is_described_for_the_api_the_phone_and_the_desk(derived):
    fields = derived["schema"]["properties"]["fields"]["properties"]
    assert list(fields) == ["inspection", "topic", "copies", "places", "note", "stage"]
    assert fields["copies"]["maximum"] == 500
    assert [field["name"] for field in derived["form"]["fields"]] == list(fields)
    assert derived["form"]["edges"][0]["roles"] == ["lead"]
    assert derived["columns"] == ["stage", "topic", "copies"]


def test_a_new_file_stands_on_the_page_and_in_what_the_phone_app_carries(derived):
    assert "| `topic`\\* | 主题 · Topic |" in derived["page"]
    assert "A leaflet (宣传册) that the team left behind" in derived["page"]
    page, forms = (derived["generated"][path] for path in sorted(derived["generated"]))
    assert f"\n## {NAME}\n" in page
    assert json.loads(forms)[NAME] == derived["form"]


@pytest.mark.slow
def test_a_server_takes_a_new_type_from_a_phone_judges_it_and_serves_it_to_another(story):
    assert story["made"] == ["applied", None, None]
    assert story["faults"] == [["refused", "bad_value", "topic"], ["refused", "bad_value", "copies"]]
    assert story["held"] == ["held", None, None], "it waits for its inspection"
    assert [fields["copies"] for fields in story["raced"]] == ["applied", "conflict"]
    assert story["raced"][1]["places"] in ("applied", "merged"), (
        "members of a set do not contradict each other"
    )
    assert story["steps"] == [["refused", "not_allowed", "stage"], ["applied", None, None]]
    assert story["frozen"] == ["refused", "not_allowed", "note"]
    feed = story["feed"]
    assert (feed["id"], feed["root"]) == (feed["leaflet"], story["inspection"])
    assert feed["fields"]["topic"] == "fraud"
    assert "note" not in feed["fields"], "what is private travels as a private line"


def test_a_file_that_declares_another_name_than_its_own_is_found(tmp_path):
    done = child(tmp_path, file="pamphlet")
    assert done.returncode != 0
    assert "pamphlet.py declares leaflet" in done.stderr
