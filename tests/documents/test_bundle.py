"""A bundle is checked by its own verify.py without this program, and every altered byte of it is found."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import zipfile
from argparse import Namespace
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from server.casework import desk
from server.casework.confirm import Confirmation
from server.cli import bundle as cli
from server.documents import bundle, verify_bundle
from server.ledger import proofs
from server.storage import ledger_store
from sync import checkpoint
from sync.errors import BadValue, NotFound
from tests.server.builders import Installation, install
from tests.server.phones import team_on_site
from tests.server.world import World, build, person_number


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world whose finding became a case."""
    home = tmp_path_factory.mktemp("bundle")
    made = build(install(home, f"sqlite:///{home / 'bundle.sqlite'}"))
    yield made
    made.services.engine.dispose()


@pytest.fixture(scope="module")
def case(world: World) -> str:
    """The case."""
    wanted = Confirmation(world.record(world.finding).version, world.services.today(), 15)
    done = desk.confirm_finding(world.services, world.users["supervisor"], world.finding, wanted)
    return next(each.id for each in done.records.values() if each.type == "rectification_case")


def exported(world: World, kind: str, record: str, *, private: bool = False) -> bytes:
    """Return a bundle."""
    target = io.BytesIO()
    bundle.export(world.services, kind, record, target, private=private, progress=lambda *_: None)
    return target.getvalue()


def vkey(world: World) -> str:
    """Return the ledger's verifier key, as a bureau publishes it."""
    with world.services.database.reading() as connection:
        note = ledger_store.head(connection, world.services.ledger.id).note
    return checkpoint.verifier_key(proofs.ledger_name("\n\n" + note), world.services.keyring.ledger_public)


def alone(folder: Path, raw: bytes, *more: str) -> subprocess.CompletedProcess[str]:
    """Check a bundle by its own verify.py, with neither this project nor any package on the path."""
    place = folder / "taken.zip"
    place.write_bytes(raw)
    with zipfile.ZipFile(place) as archive:
        (folder / "verify.py").write_bytes(archive.read("verify.py"))
    command = [sys.executable, "-I", "-S", "verify.py", "taken.zip", *more]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)


def with_file(raw: bytes, name: str, change: Callable[[bytes], bytes], *, listed: bool = True) -> bytes:
    """Return a bundle with one file altered; listed: its digest in the manifest follows."""
    source, target = zipfile.ZipFile(io.BytesIO(raw)), io.BytesIO()
    altered = change(source.read(name))
    with zipfile.ZipFile(target, "w") as archive:
        for each in source.namelist():
            body = altered if each == name else source.read(each)
            if each == "manifest.json" and listed and name != each:
                manifest = json.loads(body)
                for file in manifest["files"]:
                    if file["path"] == name:
                        file |= {"sha256": verify_bundle.sha256(altered), "size": len(altered)}
                body = json.dumps(manifest).encode()
            archive.writestr(each, body)
    return target.getvalue()


def flipped(raw: bytes) -> bytes:
    """Return bytes with one of them altered."""
    at = len(raw) // 2
    return raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :]


@pytest.mark.parametrize("private", [False, True])
def test_a_bundle_is_proven_without_this_program(world: World, case: str, tmp_path: Path, private: bool):
    done = alone(tmp_path, exported(world, "case", case, private=private), "--key", vkey(world))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("PROVEN\n")
    assert "NOT" not in done.stdout


def test_a_bundle_under_another_key_is_not_proven(world: World, case: str, tmp_path: Path):
    name = vkey(world).split("+")[0]
    other = checkpoint.verifier_key(name, bytes(range(32)))
    done = alone(tmp_path, exported(world, "case", case), "--key", other)
    assert done.returncode == 1
    assert "NOT PROVEN" in done.stdout


@pytest.mark.parametrize("ending", [".line", ".change", ".proof", ".private", "files/", "checkpoint"])
@pytest.mark.parametrize("listed", [False, True])
def test_an_altered_file_of_every_sort_is_found(
    world: World, case: str, tmp_path: Path, ending: str, listed: bool
):
    raw = exported(world, "case", case, private=True)
    names = zipfile.ZipFile(io.BytesIO(raw)).namelist()
    name = next(each for each in names if each.endswith(ending) or each.startswith(ending))
    place = tmp_path / "altered.zip"
    place.write_bytes(with_file(raw, name, flipped, listed=listed))
    assert not all(check.ok for check in verify_bundle.check_bundle(place, vkey(world))), name


def test_an_altered_manifest_and_a_file_too_many_or_too_few_are_found(
    world: World, case: str, tmp_path: Path
):
    raw = exported(world, "case", case)
    place = tmp_path / "altered.zip"

    def without(body: bytes) -> bytes:
        manifest = json.loads(body)
        return json.dumps({**manifest, "files": manifest["files"][1:]}).encode()

    def another_head(body: bytes) -> bytes:
        return json.dumps({**json.loads(body), "size": 1}).encode()

    for change in (without, another_head, lambda _: b"{", lambda _: b"{}"):
        place.write_bytes(with_file(raw, "manifest.json", change))
        assert not all(check.ok for check in verify_bundle.check_bundle(place, vkey(world)))


def test_a_bundle_made_twice_is_the_same_to_the_byte(world: World, case: str):
    assert exported(world, "case", case, private=True) == exported(world, "case", case, private=True)


def test_without_private_lines_no_word_of_a_person_is_in_it(world: World, case: str):
    archive = zipfile.ZipFile(io.BytesIO(exported(world, "institution", world.hospital)))
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert not [name for name in archive.namelist() if name.startswith("files/") or name.endswith(".private")]
    for secret in (
        person_number(3),
        "测试患者003",
        "请假外出",
        world.record(world.evidence[0]).values["file_key"],
    ):
        assert secret.encode() not in whole


def test_with_private_lines_no_key_of_a_file_leaves(world: World, case: str):
    archive = zipfile.ZipFile(io.BytesIO(exported(world, "case", case, private=True)))
    whole = b"".join(archive.read(name) for name in archive.namelist())
    assert "请假外出".encode() in whole
    assert world.record(world.evidence[0]).values["file_key"].encode() not in whole


def test_a_case_brings_its_finding_and_evidence_and_an_unknown_one_nothing(world: World, case: str):
    archive = zipfile.ZipFile(io.BytesIO(exported(world, "case", case, private=True)))
    digests = {world.record(each).values["digest"] for each in world.evidence[:2]}
    assert {
        name.split("/")[1].split(".")[0] for name in archive.namelist() if name.startswith("files/")
    } == digests
    with pytest.raises(NotFound):
        exported(world, "inspection", case)
    with pytest.raises(BadValue):
        exported(world, "secret", case)


def test_the_slow_check_of_signatures_is_that_of_the_library(world: World):
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    public, signature = key.public_key().public_bytes_raw(), key.sign(b"said")
    assert verify_bundle.slow_ed25519(public, b"said", signature)
    assert not verify_bundle.slow_ed25519(public, b"sald", signature)
    assert not verify_bundle.slow_ed25519(public, b"said", flipped(signature))
    assert not verify_bundle.slow_ed25519(bytes(32), b"said", signature)


def test_the_command_writes_what_phones_signed_and_the_check_tells_when_one_did_not(
    installation: Installation, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    visit, _, _ = team_on_site(installation, tmp_path)
    place = tmp_path / "visit.zip"
    given = Namespace(kind="inspection", record=visit.inspection, output=place, private=False, json=False)
    assert cli.export(given, installation.app) == 0
    assert "bundle" in capsys.readouterr().out
    with zipfile.ZipFile(place) as archive:
        signed = [name for name in archive.namelist() if name.startswith("sets/")]
    assert signed
    asked = Namespace(file=place, key=None, json=True)
    assert cli.verify(asked, None) == 0
    assert json.loads(capsys.readouterr().out)["ok"]
    place.write_bytes(with_file(place.read_bytes(), signed[0], lambda raw: raw[:-4] + b"AAAA"))
    assert cli.verify(asked, None) == 1
    told = {check["what"]: check["ok"] for check in json.loads(capsys.readouterr().out)["checks"]}
    assert not told["phones"]
    assert told["entries"]


def test_an_export_that_finds_nothing_leaves_no_file(installation: Installation, tmp_path: Path):
    place = tmp_path / "none.zip"
    nobody = "0192d5d5-0000-7000-8000-0123456789ab"
    given = Namespace(kind="case", record=nobody, output=place, private=False, json=False)
    with pytest.raises(NotFound):
        cli.export(given, installation.app)
    assert not list(tmp_path.glob("none*"))


@pytest.fixture
def installation(tmp_path: Path, database_url: str) -> Iterator[Installation]:
    """A fresh installation on each database."""
    made = install(tmp_path / "home", database_url)
    yield made
    made.services.engine.dispose()
