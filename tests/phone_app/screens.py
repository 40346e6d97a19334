"""Screenshots of every page of the phone app, as docs/screens/app shows them: `python -m tests.phone_app.screens`.

A real phone at a server with a drawn morning's work (busy.py): the ids and the day are those of the run, so two runs
differ where a page shows them.
"""

from __future__ import annotations

import argparse
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, expect

from tests.browser.screens import FOLDER, HEIGHT_MAX, small
from tests.interop.town import Town, town
from tests.phone_app.busy import Busy, make_busy
from tests.phone_app.handset import Handset, handset
from tests.phone_app.places import KEPT, open_phone, places, settle, speak
from tests.services.browser import running_browser

APP = FOLDER / "app"
DARK = ("today", "needs", "round-id", "conflict-id")
"""Pages that are shown by night, too, in Chinese."""
EMPTY = ("answer-id", "answer-id-bed-bed", "evidence-id-copy", "warning")
"""Pages on which nothing stands on this phone: they are looked at for barriers, and not kept."""
HIGH = 740
HEAD = """# Every page of the phone app

360 px wide, Chinese and English, some by night. Drawn data: no person, institution or case here is real. Taken by

    python -m tests.phone_app.screens                 # all of them, anew
    python -m tests.phone_app.screens --only finding  # those whose name fits a pattern

from a real phone at a server with the morning's work of `tests/phone_app/busy.py`; a picture ends after {height} px.

"""


def name_of(path: str) -> str:
    """Return the name of a page's pictures."""
    return re.sub(r"\W+", "-", path.strip("/")).strip("-") or "today"


def photograph(page: Page) -> bytes:
    """Return the page's picture; the window grows to its height, so that what is held at the ends stands there."""
    page.set_viewport_size({"width": 360, "height": HIGH})
    settle(page)
    whole = int(page.evaluate("document.documentElement.scrollHeight"))
    if whole > HIGH:
        page.set_viewport_size({"width": 360, "height": min(whole, HEIGHT_MAX)})
        page.wait_for_function("height => innerHeight === height", arg=min(whole, HEIGHT_MAX))
        settle(page)
    return page.screenshot(animations="disabled", caret="hide")


def everything(town: Town, only: str) -> Iterator[tuple[str, bytes]]:
    """Yield the name and the picture of every page."""
    busy = make_busy(town)
    with (
        running_browser("--lang=zh-CN") as browser,
        open_phone(browser, busy, color_scheme="light") as (phone, conflict),
    ):
        yield from pages(phone, busy, conflict, only)
        yield from doors(browser, town)


def doors(browser: Browser, town: Town) -> Iterator[tuple[str, bytes]]:
    """Yield the page before a phone is enrolled, in both languages."""
    with handset(browser, town, color_scheme="light") as phone:
        for language in ("zh", "en"):
            phone.open()
            phone.page.evaluate("([key, to]) => localStorage.setItem(key, to)", [KEPT, language])
            phone.page.reload(wait_until="load")
            expect(phone.page.locator("textarea")).to_be_visible()
            yield f"enrol.{language}", phone.page.screenshot(animations="disabled", caret="hide")


def pages(phone: Handset, busy: Busy, conflict: str, only: str) -> Iterator[tuple[str, bytes]]:
    """Yield every page of an enrolled phone, in both languages, and some by night."""
    for language in ("zh", "en"):
        speak(phone, language)
        for path, place in places(busy, conflict).items():
            name = name_of(path)
            if name in EMPTY or not re.search(only, name):
                continue
            phone.go(place)
            yield f"{name}.{language}", photograph(phone.page)
            if language == "zh" and name in DARK:
                phone.page.emulate_media(color_scheme="dark")
                yield f"{name}.{language}.dark", photograph(phone.page)
                phone.page.emulate_media(color_scheme="light")
    phone.page.set_viewport_size({"width": 360, "height": HIGH})
    phone.page.reload(wait_until="load")
    expect(phone.page.locator("input[type=password], input[inputmode=numeric]").first).to_be_visible()
    yield "locked.en", phone.page.screenshot(animations="disabled", caret="hide")


def index(folder: Path) -> str:
    """Return the page that shows every picture."""
    parts = [HEAD.format(height=HEIGHT_MAX)]
    for name in sorted({path.name.split(".")[0] for path in folder.glob("*.webp")}):
        shown = sorted(path.name for path in folder.glob(f"{name}.*.webp"))
        parts.append(f"## {name}\n\n{' '.join(f'![{each[:-5]}]({each})' for each in shown)}\n\n")
    return "".join(parts).rstrip() + "\n"


def main() -> None:
    """Take the pictures anew."""
    parser = argparse.ArgumentParser(description="Take screenshots of the phone app into docs/screens/app.")
    parser.add_argument("--only", default="", help="a pattern that the names of pages fit")
    parser.add_argument("--folder", type=Path, default=APP)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    if not asked.only:
        for old in asked.folder.glob("*.webp"):
            old.unlink()
    taken = 0
    with tempfile.TemporaryDirectory() as name, town(Path(name), f"sqlite:///{name}/ledger.db") as made:
        for each, picture in everything(made, asked.only):
            (asked.folder / f"{each}.webp").write_bytes(small(picture))
            taken += 1
    (asked.folder / "README.md").write_text(index(asked.folder), "utf-8")
    print(f"{taken} pictures in {asked.folder}")


if __name__ == "__main__":
    main()
