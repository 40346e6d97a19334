"""A PDF shown as pictures of its pages: drawn apart, kept like every small version, the original a click away.

No viewer runs inside the desk, so no page needs a policy of its own, and a phone that has none shows it as well.
"""

from __future__ import annotations

import subprocess
import sys
import threading

from server.evidence import picture
from server.evidence.paper_drawing import PAGES_MAX
from server.evidence.picture import WHOLE_BYTES_MAX, Shown
from server.wiring import Services
from sync.errors import FileCorrupt, NotFound, TooLarge
from sync.merge import Record

PDF = "application/pdf"
DRAWING = "server.evidence.paper_drawing"
DRAWN_AT_ONCE = 2
"""In one worker: papers are dear, and everything else goes on meanwhile."""
WAIT_SECONDS_MAX = 30
_TURN = threading.BoundedSemaphore(DRAWN_AT_ONCE)


def pages(services: Services, record: Record) -> int:
    """Return how many pages of a PDF are shown; raises FileUnverified, FileCorrupt, or TooLarge."""
    made = picture.kept_or_made(services, record, ("pages",), lambda: _drawn(services, record, "count"))
    return int(made)


def page(services: Services, record: Record, number: int) -> Shown:
    """Return a page as a JPEG, from 1; raises NotFound for a page that there is not, and what `pages` does."""
    if record.values["media_type"] != PDF or not 1 <= number <= PAGES_MAX:
        raise NotFound(item=record.id)
    if number > pages(services, record):
        raise NotFound(item=record.id)
    made = picture.kept_or_made(
        services, record, ("page", str(number)), lambda: _drawn(services, record, str(number))
    )
    return Shown("image/jpeg", len(made), iter((made,)))


def _drawn(services: Services, record: Record, what: str) -> bytes:
    if record.values["media_type"] != PDF or record.values["size"] > WHOLE_BYTES_MAX:
        raise TooLarge("this file is not shown page by page", item=record.id)
    raw = picture.whole(services, record)
    try:
        with _TURN:
            done = subprocess.run(  # noqa: S603 - our own module, and a word of ours
                [sys.executable, "-P", "-m", DRAWING, what],
                input=raw,
                capture_output=True,
                timeout=WAIT_SECONDS_MAX,
                check=False,
            )
    except subprocess.TimeoutExpired as late:
        raise TooLarge("the paper takes too long to draw", item=record.id) from late
    if done.returncode != 0 or not done.stdout:
        raise FileCorrupt("the file cannot be read as a PDF", item=record.id)
    return done.stdout
