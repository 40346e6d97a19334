"""Parts of a document that a program writes: between two marks, all else stays as people wrote it."""

from __future__ import annotations

from pathlib import Path


def put(path: Path, mark: str, text: str) -> None:
    """Write a text between `<!-- mark -->` and `<!-- mark: end -->`; raises ValueError where a mark is missing."""
    begin, end = f"<!-- {mark} -->", f"<!-- {mark}: end -->"
    whole = path.read_text("utf-8")
    before, found, rest = whole.partition(begin)
    _, ended, after = rest.partition(end)
    if not found or not ended:
        raise ValueError(f"{path} lacks the marks of {mark}")
    path.write_text(f"{before}{begin}\n\n{text.strip()}\n\n{end}{after}", "utf-8")


def table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """Return a table; a bar inside a cell is escaped."""
    told = [head, tuple("---" for _ in head), *rows]
    return "\n".join("| " + " | ".join(str(cell).replace("|", "\\|") for cell in row) + " |" for row in told)
