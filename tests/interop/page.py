"""docs/protocol.md as a test reads it: its sections, its tables, and the words that it sets as code."""

from __future__ import annotations

import functools
import re

from tests.house.rooms import ROOT

SPAN = re.compile(r"`([^`\n]+)`")
NAME = re.compile(r"[a-z][a-z0-9_]*")


@functools.cache
def text() -> str:
    """Return the page."""
    return (ROOT / "docs/protocol.md").read_text("utf-8")


def section(heading: str) -> str:
    """Return what stands under a heading, up to the next one of any level."""
    found = re.search(rf"^#+ {re.escape(heading)}\n(.*?)(?=^#+ |\Z)", text(), re.MULTILINE | re.DOTALL)
    assert found, f"the page has no heading {heading}"
    return found[1]


def paragraph(start: str) -> str:
    """Return the paragraph that begins with some words, up to its line's end."""
    found = re.search(rf"^{re.escape(start)}.*$", text(), re.MULTILINE)
    assert found, f"the page has no paragraph that begins with {start}"
    return found[0]


def rows(part: str) -> list[list[str]]:
    """Return the rows of a part's tables, without their heads: the texts of the cells."""
    found = []
    for line in part.splitlines():
        if line.startswith("|") and not re.fullmatch(r"[|\-: ]+", line):
            found.append([cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]])
        elif re.fullmatch(r"[|\-: ]+", line) and found:
            found.pop()  # what stands above the rule is the head
    return found


def spans(part: str) -> list[str]:
    """Return the words that are set as code."""
    return SPAN.findall(part)


def names(part: str) -> list[str]:
    """Return the member names in the code of a part: `a, b [{c}], d {e: f}` names a, b and d."""
    found: list[str] = []
    for span in spans(part):
        bare = span
        while (shorter := re.sub(r"[\[{][^\[\]{}]*[\]}]", "", bare)) != bare:
            bare = shorter
        found += [name.strip() for name in bare.split(",") if NAME.fullmatch(name.strip())]
    return found
