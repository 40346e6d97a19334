"""The page at /api/: the document of /api/openapi.json as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from server.api.document import EN, in_language
from server.console.refusals import LAST_WORDS, told_by_code


@dataclass(frozen=True, kw_only=True)
class ProblemRow:
    """A code with its status, in the reader's words where there are some."""

    code: str
    status: int
    happened: str
    next: str


@dataclass(frozen=True, kw_only=True)
class GuidePage:
    """The API's description. address: of the document for programs; language: en or zh."""

    template: ClassVar[str] = "console/api.html"
    document: Mapping[str, Any]
    problems: tuple[ProblemRow, ...]
    address: str
    language: str

    def operations(self, tag: str) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
        """Yield (path, method, operation) of one tag, by path."""
        for path, methods in self.document["paths"].items():
            for method, told in methods.items():
                if tag in told["tags"]:
                    yield path, method, told


def guide_page(document: Mapping[str, Any], *, address: str, language: str) -> GuidePage:
    """Return the page of a document in one language, with the problems that its operations answer."""
    used = {
        code
        for methods in document["paths"].values()
        for told in methods.values()
        for answer in told["responses"].values()
        for code in answer.get("x-codes", ())
    }
    codes = document["components"]["schemas"]["Problem"]["x-codes"]
    return GuidePage(
        document=in_language(document, language),
        problems=tuple(_problem(code, codes[code], language) for code in sorted(used)),
        address=address,
        language=language,
    )


def _problem(code: str, told: Mapping[str, Any], language: str) -> ProblemRow:
    words = told_by_code(code)
    if language == EN or words is LAST_WORDS:
        return ProblemRow(code=code, status=told["status"], happened=told["meaning"], next=told["next"])
    return ProblemRow(code=code, status=told["status"], happened=str(words.happened), next=str(words.next))
