"""Measures of shape: how long functions and modules are, and what is said about them."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

# What may stand before a slash that starts a regular expression rather than a division.
BEFORE_REGEX = "(,=:[!&|?{};+-*%<>~^"
# Strings, templates, comments and regular expressions hide braces from the count.
JS_TOKENS = re.compile(
    r"""(?P<comment>//[^\n]*|/\*.*?\*/)
      | (?P<text>"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|`(?:\\.|[^`\\])*`)
      | (?P<slash>/)
      | (?P<brace>[{}])""",
    re.VERBOSE | re.DOTALL,
)
JS_REGEX = re.compile(r"/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n\[])+/[a-z]*")
JS_HEAD = re.compile(r"(?:\)|=>)\s*$")
JS_NOT_A_FUNCTION = re.compile(r"\b(?:if|for|while|switch|catch|with)\b[^{};]*$")


@dataclass(frozen=True)
class Span:
    """A named stretch of lines, both ends included."""

    name: str
    first: int
    last: int

    @property
    def lines(self) -> int:
        """Return how many lines it spans."""
        return self.last - self.first + 1


def python_functions(text: str) -> Iterator[Span]:
    """Yield every function and method, from its `def` to its last line."""
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield Span(node.name, node.lineno, node.end_lineno)


def javascript_functions(text: str) -> Iterator[Span]:
    """Yield every block that follows a parameter list or an arrow; a count of braces, no parser."""
    opened: list[tuple[int, bool]] = []
    position = 0
    while match := JS_TOKENS.search(text, position):
        position = match.end()
        if match["slash"]:
            before = text[: match.start()].rstrip()
            starts_regex = not before or before[-1] in BEFORE_REGEX or before.endswith("return")
            if starts_regex and (regex := JS_REGEX.match(text, match.start())):
                position = regex.end()
        elif match["brace"] == "{":
            head = text[max(0, match.start() - 400) : match.start()]
            is_function = bool(JS_HEAD.search(head)) and not JS_NOT_A_FUNCTION.search(head)
            opened.append((match.start(), is_function))
        elif match["brace"] == "}" and opened:
            start, is_function = opened.pop()
            if is_function:
                name = text[text.rfind("\n", 0, start) + 1 : start].strip()
                yield Span(name, _line(text, start), _line(text, match.start()))


def functions(path: Path) -> Iterator[Span]:
    """Yield the functions of a Python or JavaScript file."""
    text = path.read_text(encoding="utf-8")
    return python_functions(text) if path.suffix == ".py" else javascript_functions(text)


def undocumented(text: str) -> Iterator[Span]:
    """Yield the public top-level functions and classes that have no docstring."""
    for node in ast.parse(text).body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if not node.name.startswith("_") and not (ast.get_docstring(node) or "").strip():
            yield Span(node.name, node.lineno, node.lineno)


def _line(text: str, offset: int) -> int:
    return text.count("\n", 0, offset) + 1
