"""axe-core on a page: what keeps people out who read by ear, by keyboard or in large letters."""

from __future__ import annotations

from functools import cache
from typing import Any

from playwright.sync_api import Page

from tests.house.rooms import ROOT
from tests.interop.node import installed

TOOLS = ROOT / "tests" / "node"
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
"""WCAG 2.2, levels A and AA, with all that 2.0 and 2.1 asked."""
RUN = """async (tags) => {
  const told = await window.axe.run(document, {runOnly: {type: 'tag', values: tags}, resultTypes: ['violations']});
  return told.violations.map((each) => ({rule: each.id, help: each.help,
    nodes: each.nodes.map((node) => `${node.target.join(' ')}: ${node.failureSummary}`)}));
}"""


@cache
def _source() -> str:
    return (installed(TOOLS) / "axe-core" / "axe.min.js").read_text("utf-8")


def violations(page: Page) -> list[str]:
    """Return what axe-core finds on a page as it stands, one line for each element at fault.

    The script is evaluated and not added to the page, whose policy lets no script in but its own.
    """
    if not page.evaluate("'axe' in window"):
        page.evaluate(_source())
    found: list[dict[str, Any]] = page.evaluate(RUN, TAGS)
    return [f"{each['rule']}: {node}" for each in found for node in each["nodes"]]
