"""The JavaScript of the protocol: its own tests, what it is made of, and that nothing of Node.js is in its core."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.house.rooms import ROOT, place
from tests.interop.node import PWA, node, run

HERE = Path(__file__).with_name("javascript")
PROTOCOL = PWA / "protocol"
LIBRARIES = {
    "@hpke/core", "@hpke/dhkem-x25519", "@hpke/hybridkem-x-wing", "@noble/curves", "@noble/hashes",
}  # fmt: skip
OF_THE_APP = {"@zxing/library", "hash-wasm", "preact", "qr"}
"""What the app's screens need beside the protocol."""
UNSCRIPTED = {"node_modules/esbuild"}
"""Packages with an installation script that nobody runs: npm is told to ignore them."""
OF_NODE = re.compile(r"\b(?:process|Buffer|require|__dirname)\b(?!['-])|node:|from 'fs'")
IMPORT = re.compile(r"^(?:import|export)\b(?:[^;']*?\bfrom)? '([^']+)';", re.MULTILINE)
EXPORT = re.compile(r"^export (?:async )?(?:function\*?|class) (\w+)", re.MULTILINE)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", sorted(path.name for path in HERE.glob("*.test.mjs") if path.name != "all.test.mjs")
)
def test_the_javascript_keeps_its_own_promises(name: str) -> None:
    done = run(["--test", "--test-reporter=tap", HERE / name])
    failed = re.findall(r"^\s*not ok.*$", done.stdout, re.MULTILINE)
    assert done.returncode == 0, "\n".join(failed) + done.stdout[-3_000:] + done.stderr
    assert re.search(r"^# pass [1-9]", done.stdout, re.MULTILINE), "no test ran"


def core() -> list[Path]:
    """Return the modules that run in browsers, too."""
    return sorted(path for path in PROTOCOL.glob("*.js") if path.name != "cli.js")


def browser() -> list[Path]:
    """Return the adapters that run in browsers alone."""
    return sorted((PROTOCOL / "browser").glob("*.js"))


def words(path: Path) -> str:
    """Return a module's text without its comments."""
    return re.sub(r"/\*.*?\*/|^\s*//.*$", "", path.read_text("utf-8"), flags=re.DOTALL | re.MULTILINE)


def test_the_core_needs_nothing_of_node() -> None:
    assert len(core()) > 20
    bound = [place(path) for path in [*core(), *browser()] if OF_NODE.search(words(path))]
    assert not bound, f"an adapter under protocol/node is the place for this: {bound}"


@pytest.mark.parametrize("line", ["import { x } from 'node:fs';", "process.exit(1);", "Buffer.from(raw)"])
def test_what_needs_node_is_found(line: str) -> None:
    assert OF_NODE.search(line)


def test_the_core_takes_only_the_libraries_that_are_named_and_modules_beside_it() -> None:
    used = set()
    for path in core():
        for name in IMPORT.findall(words(path)):
            if name.startswith("./"):
                assert (PROTOCOL / name).is_file(), f"{place(path)} imports {name}"
                assert not name.startswith(("./node/", "./browser/")), f"{place(path)} imports an adapter"
            else:
                used.add(next((one for one in LIBRARIES if f"{name}/".startswith(f"{one}/")), name))
    assert used == LIBRARIES


def test_every_public_function_and_class_of_the_javascript_says_what_it_promises() -> None:
    silent = []
    for path in [*core(), *browser(), *sorted((PROTOCOL / "node").glob("*.js"))]:
        text = path.read_text("utf-8")
        assert text.startswith("/**"), f"{place(path)} does not say what it holds"
        silent += [
            f"{place(path)} {found[1]}"
            for found in EXPORT.finditer(text)
            if not text[: found.start()].rstrip().endswith("*/")
        ]
    assert not silent, silent


# -- packages ----------------------------------------------------------------------------------------------


def lock_faults(text: str) -> list[str]:
    """Return the packages of a lock that are not pinned by digest, or come from elsewhere than the registry."""
    packages = json.loads(text)["packages"]
    faults = []
    for name, one in packages.items():
        foreign = not one.get("resolved", "https://registry.npmjs.org/").startswith(
            "https://registry.npmjs.org/"
        )
        scripted = one.get("hasInstallScript", False)
        if name and (
            foreign
            or (scripted and name not in UNSCRIPTED)
            or not one.get("integrity", "").startswith("sha512-")
        ):
            faults.append(name)
    return faults


def test_every_package_is_pinned_by_digest_and_none_runs_a_script() -> None:
    text = (PWA / "package-lock.json").read_text("utf-8")
    assert not lock_faults(text)
    fetched_or_thanked = (
        r"https?://(?!registry\.npmjs\.org/|paulmillr\.com/|github\.com/sponsors/|opencollective\.com/)"
    )
    assert not re.search(fetched_or_thanked, text)


@pytest.mark.parametrize(
    "one",
    [
        {"version": "1.0.0"},
        {"version": "1.0.0", "integrity": "sha1-AA"},
        {"version": "1.0.0", "integrity": "sha512-AA", "resolved": "https://packages.example/a.tgz"},
        {"version": "1.0.0", "integrity": "sha512-AA", "hasInstallScript": True},
    ],
)
def test_a_package_that_is_not_pinned_is_found(one: dict[str, object]) -> None:
    good = {"": {}, "node_modules/a": {"version": "1.0.0", "integrity": "sha512-AA"}}
    assert not lock_faults(json.dumps({"packages": good}))
    assert lock_faults(json.dumps({"packages": {**good, "node_modules/b": one}})) == ["node_modules/b"]


def test_the_packages_are_exact_versions_of_those_that_are_named() -> None:
    declared = json.loads((PWA / "package.json").read_text("utf-8"))
    assert set(declared["dependencies"]) == LIBRARIES | OF_THE_APP
    assert all(re.fullmatch(r"\d+\.\d+\.\d+", version) for version in declared["dependencies"].values())
    locked = json.loads((PWA / "package-lock.json").read_text("utf-8"))["packages"]
    assert locked[""]["dependencies"] == declared["dependencies"]
    versions = {name: locked[f"node_modules/{name}"]["version"] for name in declared["dependencies"]}
    assert versions == declared["dependencies"]


@pytest.mark.slow
def test_what_is_installed_is_what_the_lock_names_and_git_does_not_see_it() -> None:
    node()
    for name in LIBRARIES:
        installed = json.loads((PWA / "node_modules" / name / "package.json").read_text("utf-8"))
        assert installed["name"] == name
    assert "node_modules/" in (ROOT / ".gitignore").read_text("utf-8").splitlines()


# -- the command line --------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_command_line_answers_each_line_and_says_how_it_is_called(tmp_path: Path) -> None:
    said = ['{"do": "status"}', '{"do": "dance"}', "no JSON"]
    done = run([PROTOCOL / "cli.js", tmp_path / "phone"], text="\n".join(said) + "\n")
    answers = [json.loads(line)["error"]["code"] for line in done.stdout.splitlines()]
    assert answers == ["not_enrolled", "trouble", "trouble"]
    bare = run([PROTOCOL / "cli.js"])
    assert (bare.returncode, bare.stdout) == (2, "")
    assert "FOLDER" in bare.stderr
