"""Drawing a PDF, in a process of its own: `python -m server.evidence.paper_drawing count|<page>` reads it from stdin.

A file that somebody else made is opened with little memory, for a short time, and away from keys and database: what it
breaks is this process alone. Nothing of it is written to a disk. A page leaves as a JPEG, which carries no script.
"""

from __future__ import annotations

import io
import os
import resource
import sys
from typing import Any

import typst
from PIL import Image

WIDTH_PIXELS = 1400
HEIGHT_PIXELS_MAX = 5_600
PAGES_MAX = 300
"""So many pages are shown; the rest of a longer paper is read in the original."""
MEMORY_BYTES_MAX = 2 * 1024**3
SECONDS_MAX = 20
ROOT: Any = "/"
"""Text where the source is bytes; the library's types want both alike."""
UNREADABLE = 3
"""Exit status for what is no PDF, is locked, or has no such page."""
QUALITY = 82
WIDTH_POINTS = 595
SOURCE = """#set page(width: auto, height: auto, margin: 0pt)
#let paper = "{path}"
#context {{
  let size = measure(image(paper, format: "pdf", page: {page}))
  let width = calc.min({width}pt, {height}pt * (size.width / size.height))
  {drawn}
}}"""
DRAWN = 'image(paper, format: "pdf", page: {page}, width: width)'
SEEN = "[#metadata(true) <seen>]"


def main() -> int:
    """Write the number of pages or one of them to stdout; return the exit status."""
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS_MAX, SECONDS_MAX))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))
    handle = os.memfd_create("paper")
    with os.fdopen(handle, "wb", closefd=False) as paper:
        paper.write(sys.stdin.buffer.read())
    path, wanted = f"/proc/self/fd/{handle}", sys.argv[1]
    try:
        answer = str(count(path)).encode() if wanted == "count" else page(path, int(wanted))
    except (typst.TypstError, RuntimeError, ValueError, OSError):
        return UNREADABLE
    sys.stdout.buffer.write(answer)
    return 0


def count(path: str) -> int:
    """Return how many pages there are, PAGES_MAX at most; raises TypstError where there is not one that can be read."""
    _look(path, 1)
    low, high = 1, 2
    while high <= PAGES_MAX and _has(path, high):
        low, high = high, high * 2
    high = min(high, PAGES_MAX + 1)
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _has(path, middle) else (low, middle)
    return low


def page(path: str, number: int) -> bytes:
    """Return a page as a JPEG."""
    drawn = typst.compile(
        _source(path, number, DRAWN),
        root=ROOT,
        format="png",
        ppi=WIDTH_PIXELS / WIDTH_POINTS * 72,
        ignore_system_fonts=True,
    )
    made = io.BytesIO()
    with Image.open(io.BytesIO(drawn), formats=["PNG"]) as image:
        image.convert("RGB").save(made, "JPEG", quality=QUALITY)
    return made.getvalue()


def _has(path: str, number: int) -> bool:
    try:
        _look(path, number)
    except (typst.TypstError, RuntimeError):
        return False
    return True


def _look(path: str, number: int) -> None:
    """Read a page's size without drawing it; raises TypstError where there is none."""
    typst.query(_source(path, number, SEEN), "<seen>", root=ROOT, ignore_system_fonts=True)


def _source(path: str, number: int, drawn: str) -> bytes:
    height = WIDTH_POINTS * HEIGHT_PIXELS_MAX // WIDTH_PIXELS
    words = SOURCE.format(
        path=path, page=number, width=WIDTH_POINTS, height=height, drawn=drawn.format(page=number)
    )
    return words.encode()


if __name__ == "__main__":
    sys.exit(main())
