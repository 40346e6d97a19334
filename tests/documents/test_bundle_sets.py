"""A bundle shows of each change of a phone that it stands in the set that this phone signed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.documents import bundle, verify_bundle
from server.documents.verify_bundle import Check
from tests.documents.test_bundle import with_file
from tests.server.builders import install
from tests.server.phones import team_on_site


@pytest.fixture(scope="module")
def taken(tmp_path_factory: pytest.TempPathFactory) -> Iterator[bytes]:
    """The bundle of a visit whose lead sent a set of several changes."""
    home = tmp_path_factory.mktemp("sets")
    installation = install(home / "home", f"sqlite:///{home / 'sets.sqlite'}")
    visit, lead, _ = team_on_site(installation, home)
    lead.begin_round(visit.ward_round)
    for n, encounter in enumerate(visit.encounters):
        lead.check_bed(visit.ward_round, bed_listed=str(1101 + n), presence="in_bed", encounter=encounter)
    assert lead.sync().clean
    target = io.BytesIO()
    bundle.export(
        installation.services, "inspection", visit.inspection, target, private=False, progress=lambda *_: None
    )
    yield target.getvalue()
    installation.services.engine.dispose()


def checked(raw: bytes, folder: Path) -> dict[str, Check]:
    """Return the checks of a bundle by what they look at."""
    place = folder / "taken.zip"
    place.write_bytes(raw)
    return {check.what: check for check in verify_bundle.check_bundle(place)}


def proofs(raw: bytes) -> list[str]:
    """Return the names of the places in sets."""
    return [name for name in zipfile.ZipFile(io.BytesIO(raw)).namelist() if name.endswith(".set")]


def without(raw: bytes, name: str) -> bytes:
    """Return a bundle that never had a file."""
    source, target = zipfile.ZipFile(io.BytesIO(raw)), io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        for each in source.namelist():
            if each != name:
                archive.writestr(each, source.read(each))
    return with_file(target.getvalue(), "manifest.json", lambda body: _unlisted(body, name))


def _unlisted(body: bytes, name: str) -> bytes:
    manifest = json.loads(body)
    return json.dumps({**manifest, "files": [f for f in manifest["files"] if f["path"] != name]}).encode()


def test_every_change_of_a_phone_stands_in_the_set_that_it_signed(taken: bytes, tmp_path: Path):
    found = checked(taken, tmp_path)
    assert all(check.ok for check in found.values()), found
    number = len(proofs(taken))
    assert number > len(("on_site", "begun", "four beds"))
    assert found["sets"].words.startswith(f"{number} of {number} changes of phones stand in the sets")


def test_the_place_of_another_change_proves_nothing(taken: bytes, tmp_path: Path):
    archive = zipfile.ZipFile(io.BytesIO(taken))
    names = [name for name in proofs(taken) if len(archive.read(name).splitlines()) > 1]
    one = names[0]
    other = next(name for name in names if archive.read(name) != archive.read(one))
    found = checked(with_file(taken, one, lambda _: archive.read(other)), tmp_path)
    assert not found["sets"].ok
    assert found["entries"].ok
    assert found["phones"].ok


def test_where_a_set_is_not_whole_the_words_say_that_only_the_set_is_signed(taken: bytes, tmp_path: Path):
    number = len(proofs(taken))
    found = checked(without(taken, proofs(taken)[0]), tmp_path)
    assert all(check.ok for check in found.values()), found
    assert found["sets"].words.startswith(f"{number - 1} of {number} ")
    assert "only the set is signed" in found["sets"].words
