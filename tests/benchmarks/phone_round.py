"""`python -m tests.benchmarks.phone_round [--beds N]`: the phone app with a large round, in a real Chromium.

Prints how long the app takes to its first screen and to the grid of beds on a processor four times slower, how many
frames of a scroll through all beds took over 50 ms, and what a bed costs in taps and seconds when a script taps.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from pathlib import Path

from playwright.sync_api import Browser, CDPSession, Page, expect

from tests.interop.town import Town, town
from tests.phone_app.handset import PIN
from tests.phone_app.walking import Walk, film, numbers, walking
from tests.server.phones import Visit, visit
from tests.services.browser import running_browser

BEDS, WALKED = 1000, 30
SLOWER = 4
SLOW_FRAME_MS = 50
SCROLL = """async () => {
  const times = [];
  const end = document.documentElement.scrollHeight - innerHeight;
  scrollTo(0, 0);
  let before = performance.now();
  for (let at = 0; at < end; at += 90) {
    scrollTo(0, at);
    const now = await new Promise(requestAnimationFrame);
    times.push(now - before);
    before = now;
  }
  return times;
}"""
PAINTED = "performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"


def slow_down(page: Page, rate: float) -> CDPSession:
    """Let the page's processor be so many times slower."""
    session = page.context.new_cdp_session(page)
    session.send("Emulation.setCPUThrottlingRate", {"rate": rate})
    return session


def seconds_to(page: Page, selector: str, begin: float) -> float:
    """Wait for something to be seen and return the seconds since then."""
    page.wait_for_selector(selector)
    return time.monotonic() - begin


def start(walk: Walk, found: Visit) -> None:
    """Print how long the app takes to start and to open, as slow as phones are."""
    page = walk.page
    slow_down(page, SLOWER)
    begin = time.monotonic()
    page.reload(wait_until="commit")
    row("from the start to the PIN's field, CPU 4x slower, s", seconds_to(page, "main input", begin))
    row("first contentful paint, CPU 4x slower, ms", page.evaluate(PAINTED))
    page.get_by_label("口令").fill(PIN)
    begin = time.monotonic()
    page.get_by_role("button", name="解锁").click()
    row("from the PIN to the day's list, CPU 4x slower, s", seconds_to(page, ".card", begin))
    begin = time.monotonic()
    walk.phone.go(f"/round/{found.ward_round}")
    row("from there to the grid of beds, CPU 4x slower, s", seconds_to(page, ".bed-tile", begin))
    for rate, words in ((SLOWER, "4x slower"), (1, "at full speed")):
        slow_down(page, rate)
        times = page.evaluate(SCROLL)
        row(f"frames of a scroll through all beds, CPU {words}", len(times))
        row(f"of these over {SLOW_FRAME_MS} ms", sum(one > SLOW_FRAME_MS for one in times))
        row("the longest, ms", max(times))


def work(walk: Walk) -> None:
    """Print what a bed costs."""
    page = walk.page
    page.get_by_role("button", name="开始查房").click()
    page.get_by_role("link", name="从 1101 床开始").click()
    beds = numbers(0, WALKED)
    began = time.monotonic()
    for number in beds:
        walk.bed(number)
    row(
        f"{WALKED} beds by a script, three away and three pictured: s each",
        (time.monotonic() - began) / WALKED,
    )
    row("taps each", sum(walk.taps.values()) / WALKED)


def row(what: str, figure: float) -> None:
    """Print a row of the table."""
    print(f"| {what} | {figure:.2f} |" if isinstance(figure, float) else f"| {what} | {figure} |", flush=True)


def measure(browser: Browser, place: Town, folder: Path, beds: int) -> None:
    """Measure with a phone that holds a round of so many beds."""
    found = visit(place.installation.services, beds=beds, number=9)
    with walking(browser, place, folder / "phone", film(folder / "ward.mjpeg")) as walk:
        walk.phone.enrol(found.lead)
        walk.page.get_by_role("button", name="到达现场").click()
        walk.page.get_by_role("button", name="确认到达").click()
        expect(walk.page.locator(".card")).to_contain_text("现场检查")
        walk.phone.sync()
        walk.page.evaluate("navigator.serviceWorker.ready")
        walk.phone.go("/")
        print(f"\n{beds} beds, SQLite, Chromium {browser.version}\n\n| Figure | |\n|---|---:|")
        start(walk, found)
        work(walk)


def main() -> None:
    """Measure as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.phone_round", description=__doc__)
    parser.add_argument("--beds", type=int, default=BEDS)
    beds = parser.parse_args().beds
    with tempfile.TemporaryDirectory(prefix="wardledger-bench-") as name, running_browser() as browser:
        folder = Path(name)
        with town(folder / "town", f"sqlite:///{folder / 'ledger.sqlite'}") as place:
            measure(browser, place, folder, beds)


if __name__ == "__main__":
    main()
