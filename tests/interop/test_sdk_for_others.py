"""The SDK as others take it: its types hold, declarations come out of them, and the example works as it stands."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from tests.interop.node import PWA, run
from tests.interop.town import Town

pytestmark = pytest.mark.slow
TSC = PWA / "node_modules" / "typescript" / "bin" / "tsc"
PROTOCOL = PWA / "protocol"


def check(*more: str | Path) -> tuple[int, str]:
    done = run([TSC, "-p", PWA / "tsconfig.json", *more])
    return done.returncode, done.stdout + done.stderr


def test_the_types_of_the_javascript_hold() -> None:
    assert check() == (0, "")


def test_a_call_that_does_not_fit_its_types_is_found(tmp_path: Path) -> None:
    script = tmp_path / "app.mjs"
    script.write_text(
        f"import {{ Phone }} from {json.dumps(str(PROTOCOL / 'index.js'))};\n"
        "/** @param {Phone} phone */\n"
        "export const app = (phone) => phone.step(1, 'on_site');\n"
    )
    settings = json.loads((PWA / "tsconfig.json").read_text("utf-8"))["compilerOptions"]
    (tmp_path / "tsconfig.json").write_text(
        json.dumps({"compilerOptions": {**settings, "types": []}, "files": [str(script)]})
    )
    done = run([TSC, "-p", tmp_path])
    assert done.returncode != 0
    assert re.search(r"app\.mjs.*TS2345.*'number'.*'string'", done.stdout), done.stdout


def test_declarations_come_out_of_the_types(tmp_path: Path) -> None:
    made = ("--noEmit", "false", "--declaration", "--emitDeclarationOnly", "--outDir", tmp_path)
    assert check(*made) == (0, "")
    (told,) = tmp_path.rglob("phone.d.ts")
    text = told.read_text("utf-8")
    for method in (
        "enrol",
        "open",
        "create",
        "edit",
        "step",
        "resolve",
        "takeEvidence",
        "sync",
        "exportOutbox",
    ):
        assert re.search(rf"^    (static )?{method}\(", text, re.MULTILINE), method


def test_the_example_is_short_and_works_against_a_server_twice(here: Town, tmp_path: Path) -> None:
    script = PROTOCOL / "example.mjs"
    assert len(script.read_text("utf-8").splitlines()) <= 60
    first = run([script, tmp_path / "phone", here.ticket(here.found.lead).text()])
    assert first.returncode == 0, first.stderr
    seen = json.loads(first.stdout)
    assert seen == {
        "sets": 1, "changes": 3, "verdicts": {"applied": 3}, "outbox": 0, "unacknowledged": 0, "files": 0,
        "amount": 98_000,
    }  # fmt: skip
    assert "files 1 1" in first.stderr
    again = run([script, tmp_path / "phone"])
    assert (again.returncode, json.loads(again.stdout)) == (0, seen)


def test_the_readme_names_every_call_and_every_code_of_the_phone_s_own() -> None:
    text = (PROTOCOL / "README.md").read_text("utf-8")
    phone = (PROTOCOL / "phone.js").read_text("utf-8")
    calls = set(re.findall(r"^  (?:static )?(?:async )?([a-z]\w+)\([^)]*\) \{$", phone, re.MULTILINE))
    lacking = {name for name in calls - {"constructor"} if f"`{name}" not in text and f".{name}(" not in text}
    assert not lacking
    codes = set(re.findall(r"static code = '(\w+)'", (PROTOCOL / "trouble.js").read_text("utf-8")))
    unsaid = codes - set(re.findall(r"`(\w+)`", text))
    assert unsaid == {"trouble", "not_the_server", "already_enrolled", "alarmed"}
