"""The documents say what the code does: settings, refusals, commands and links."""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from sync.errors import every_refusal
from tests.house.rooms import ROOT, house_files, place, sources

SETTING = re.compile(r"\bWARDLEDGER_[A-Z0-9_]*[A-Z0-9]\b")
ENVIRONMENT = re.compile(r"\bos\.environ\b|\bgetenv\b|^\s*(?:from|import) environs\b", re.MULTILINE)
LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)(?:\s+\"[^\"]*\")?\)|!\[[^\]\n]*\]\(([^)\s]+)\)")
HEADING = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
FENCE = re.compile(r"^(```|~~~).*?^\1\s*$", re.MULTILINE | re.DOTALL)
MAKE_COMMAND = re.compile(r"`make ([a-z]+)\b")


def document(name: str) -> str:
    path = ROOT / name
    assert path.is_file(), f"{name} is missing; the house's documents are part of it"
    return path.read_text("utf-8")


def configured_settings() -> set[str]:
    """Return the environment variables that the one typed configuration reads."""
    from server.config import SETTINGS

    return set(SETTINGS)


def anchors(text: str) -> set[str]:
    """Return the anchors of a document's headings, as the usual renderers name them."""
    found: set[str] = set()
    for heading in HEADING.findall(FENCE.sub("", text)):
        plain = re.sub(r"[`*]|\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        found.add(re.sub(r"[^\w\- ]", "", plain).replace(" ", "-"))
    return found


def broken_links(path: Path, text: str) -> list[str]:
    """Return the relative links of a document that lead nowhere; addresses of the web are not visited."""
    broken = []
    for match in LINK.finditer(FENCE.sub("", text)):
        target = match[1] or match[2]
        if re.match(r"[a-z][a-z0-9+.-]*:", target):
            continue
        name, _, anchor = target.partition("#")
        goal = (path.parent / name).resolve() if name else path
        if name and not goal.exists():
            broken.append(target)
        elif anchor and goal.suffix == ".md":
            there = text if goal == path else goal.read_text("utf-8")
            if anchor.lower() not in anchors(there):
                broken.append(target)
    return broken


def test_every_field_of_the_configuration_has_its_variable():
    from server.config import SETTINGS, Config

    assert sorted(SETTINGS.values()) == sorted(field.name for field in dataclasses.fields(Config))
    assert all(name == f"WARDLEDGER_{field.upper()}" for name, field in SETTINGS.items())


def test_no_other_file_reads_the_environment():
    reading = [
        place(path)
        for path in sources(".py", rooms=("sync", "schemas", "server"))
        if ENVIRONMENT.search(path.read_text("utf-8")) and place(path) != "server/config.py"
    ]
    assert not reading, "server/config.py is the sole reader of the environment: " + ", ".join(reading)


def test_every_setting_is_documented_for_the_operator():
    undocumented = configured_settings() - set(SETTING.findall(document("docs/operating.md")))
    assert not undocumented, f"add a line for each to docs/operating.md: {sorted(undocumented)}"


def test_every_documented_setting_exists():
    invented = set(SETTING.findall(document("docs/operating.md"))) - configured_settings()
    assert not invented, f"docs/operating.md promises settings that nothing reads: {sorted(invented)}"


def test_every_refusal_is_documented_for_whoever_writes_a_phone():
    text = document("docs/protocol.md")
    missing = sorted(code for code in every_refusal() if f"`{code}`" not in text)
    assert not missing, f"docs/protocol.md does not name these codes: {missing}"


def test_every_make_target_that_the_readme_names_exists():
    targets = set(re.findall(r"^([a-z]+):", document("Makefile"), re.MULTILINE))
    invented = set(MAKE_COMMAND.findall(document("README.md"))) - targets
    assert not invented, f"README.md names targets that the Makefile lacks: {sorted(invented)}"


def test_every_link_between_documents_resolves():
    read = {path: path.read_text("utf-8") for path in house_files() if path.suffix == ".md"}
    broken = [f"{place(path)}: {link}" for path, text in read.items() for link in broken_links(path, text)]
    assert not broken, "broken links:\n" + "\n".join(broken)


@pytest.mark.parametrize("link", ["nowhere.md", "#no-such-heading", "there.md#no-such-heading"])
def test_a_link_that_leads_nowhere_is_found(tmp_path, link):
    (tmp_path / "there.md").write_text("# There\n")
    text = f"# Here\n[good](there.md#there) [also](#here) [web](https://example.org/x) [bad]({link})\n"
    assert broken_links(tmp_path / "here.md", text) == [link]
