"""Screenshots of every page, as docs/screens shows them: `python -m tests.browser.screens`.

Demo pages with drawn data at a fixed moment, so that two runs differ only where a page does; desktop and phone, Chinese
and English. Writes docs/screens/README.md too, which shows them all.
"""

from __future__ import annotations

import argparse
import html
import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page

from tests.console.sample_desk import PAGES, sample_desk
from tests.console.sample_frame import NOW
from tests.services.browser import fresh_page, running_browser
from tests.services.granian import ROOT
from tests.services.in_process import serve

TITLE = re.compile(r"<title>(.*?)(?: · Wardledger)?</title>", re.DOTALL)
FOLDER = ROOT / "docs" / "screens"
COLOURS = 48
EMPTY = ("-none", "quiet")
"""How the names of pages on which nothing stands end: they are looked at, and not kept."""
HEIGHT_MAX = 1800
DESKTOP = {"viewport": {"width": 1280, "height": 800}}
DRAWN_LATER = ("/reports", "/rounds/execution", "/evidence/e")
"""Pages on which something is fetched or computed once they are there: charts, proofs."""
PHONE = {"viewport": {"width": 360, "height": 740}, "is_mobile": True, "has_touch": True}


@dataclass(frozen=True)
class Way:
    """One way of looking at each page: the language and the screen."""

    name: str
    words: str
    locale: str
    device: Mapping[str, Any]


WAYS = (
    Way("zh.desktop", "中文，桌面", "zh_CN", DESKTOP),
    Way("zh.phone", "中文，手机", "zh_CN", PHONE),
    Way("en.desktop", "English, desktop", "en", DESKTOP),
    Way("en.phone", "English, phone", "en", PHONE),
)
HEAD = """# Every page of the desk and of the institution portal

Demo data, drawn: no person, institution or case here is real. Each page on a desktop (1280 px) and on a phone (360 px),
in Chinese and English; a picture ends after {height} px. Taken by

    python -m tests.browser.screens                  # all of them, anew
    python -m tests.browser.screens --only evidence  # those whose name fits a pattern

from the sample pages of `tests/console/sample_desk.py` at a fixed moment ({moment}), so a run on the same
machine gives the same pictures, and others only where a page has changed. Other fonts draw letters differently.

"""


def name_of(path: str) -> str:
    """Return the name of a page's pictures."""
    return re.sub(r"\W+", "-", path.strip("/")) or "home"


def shown() -> list[str]:
    """Return the addresses whose pages are kept."""
    return [path for path in PAGES if not name_of(path).endswith(EMPTY)]


def titles(locale: str) -> dict[str, str]:
    """Return {name: title} of every page that is kept, in a language."""
    client = sample_desk(locale).test_client()
    found = {name_of(path): TITLE.search(client.get(path).text) for path in shown()}
    return {name: html.unescape(title[1]) if title else name for name, title in found.items()}


def small(png: bytes) -> bytes:
    """Return a picture with few colours, as WebP without loss: pages have few, and a repository keeps every version."""
    image = Image.open(io.BytesIO(png)).convert("RGB")
    image = image.crop((0, 0, image.width, min(image.height, HEIGHT_MAX)))
    buffer = io.BytesIO()
    image.quantize(COLOURS, dither=Image.Dither.NONE).convert("RGB").save(
        buffer, "WEBP", lossless=True, method=2
    )
    return buffer.getvalue()


def photograph(page: Page, path: str, device: Mapping[str, Any]) -> bytes:
    """Return a page's picture.

    The window grows to the page's height first, so that bars which are held at its ends stand there on the picture.
    """
    wide, high = device["viewport"]["width"], device["viewport"]["height"]
    page.set_viewport_size({"width": wide, "height": high})
    page.goto(path)
    page.wait_for_load_state("networkidle" if path.startswith(DRAWN_LATER) else "load")
    whole = int(page.evaluate("document.documentElement.scrollHeight"))
    if whole > high:
        page.set_viewport_size({"width": wide, "height": min(whole, HEIGHT_MAX)})
        page.wait_for_function("height => innerHeight === height", arg=min(whole, HEIGHT_MAX))
        page.wait_for_load_state("networkidle")  # pictures are fetched as they come into the window
    page.evaluate("scrollTo(0, 0)")  # where a field had the focus the page stood further down
    return page.screenshot(animations="disabled", caret="hide")


def take(browser: Browser, folder: Path, only: str, way: Way) -> int:
    """Write one way's pictures of every page whose name fits a pattern; returns how many."""
    taken = 0
    server = serve(sample_desk(way.locale))
    try:
        address = f"http://127.0.0.1:{server.server_port}"
        with fresh_page(browser, dict(way.device), base_url=address) as page:
            page.clock.set_fixed_time(NOW)
            for path in shown():
                if not re.search(only, name_of(path)):
                    continue
                picture = photograph(page, path, way.device)
                (folder / f"{name_of(path)}.{way.name}.webp").write_bytes(small(picture))
                taken += 1
    finally:
        server.shutdown()
        server.server_close()
    return taken


def index(titles: Mapping[str, str]) -> str:
    """Return the page that shows every picture. titles: {name: what it shows, in both languages}"""
    parts = [HEAD.format(height=HEIGHT_MAX, moment=NOW.isoformat())]
    for name, title in titles.items():
        links = " · ".join(f"[{way.words}]({name}.{way.name}.webp)" for way in WAYS)
        parts.append(f"## {name}\n\n{title}\n\n{links}\n\n![{title}]({name}.zh.desktop.webp)\n\n")
    return "".join(parts).rstrip() + "\n"


def _is_whole(folder: Path, name: str) -> bool:
    return all((folder / f"{name}.{way.name}.webp").exists() for way in WAYS)


def main() -> None:
    """Take the pictures anew; those of pages that are no more are removed."""
    parser = argparse.ArgumentParser(description="Take screenshots of every page into docs/screens.")
    parser.add_argument("--only", default="", help="a pattern that the names of pages fit")
    parser.add_argument(
        "--way", default="", help=f"one of {', '.join(way.name for way in WAYS)}; all unless told"
    )
    parser.add_argument("--folder", type=Path, default=FOLDER)
    asked = parser.parse_args()
    asked.folder.mkdir(parents=True, exist_ok=True)
    known = {name_of(path) for path in shown()}
    for old in asked.folder.glob("*.webp"):
        if old.name.split(".")[0] not in known:
            old.unlink()
    with running_browser("--lang=zh-CN") as browser:
        taken = sum(
            take(browser, asked.folder, asked.only, way) for way in WAYS if asked.way in ("", way.name)
        )
    zh, en = titles("zh_CN"), titles("en")
    told = index({name: f"{zh[name]} / {en[name]}" for name in zh if _is_whole(asked.folder, name)})
    (asked.folder / "README.md").write_text(told, "utf-8")
    print(f"{taken} pictures in {asked.folder}")


if __name__ == "__main__":
    main()
