"""What the phone app weighs and how it moves: `python -m tests.benchmarks.phone_app`.

The app in Chromium on a processor that is slowed down four times, started with the server dead: from the start to the
field for the PIN, from the PIN to Today, a round of 1,000 beds and a list of as many scrolled from end to end.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Page, expect

from server import phone_app
from tests.interop.town import Town, town
from tests.phone_app.handset import PIN, Handset, handset
from tests.server.phones import Visit, visit
from tests.services.browser import running_browser

SLOWED = 4
BEDS = 1_000
STARTS = 5
LONG_MS = 50
STARTED = """() => new Promise((done) => {
  const told = () => done(performance.now());
  const look = () => requestAnimationFrame(document.querySelector('input') ? told : look);
  look();
})"""
OPENED = """() => new Promise((done) => {
  const began = performance.now();
  document.querySelector('form button').click();
  const told = () => done(performance.now() - began);
  const look = () => requestAnimationFrame(document.querySelector('.card') ? told : look);
  look();
})"""
SCROLLED = """(steps) => new Promise((done) => {
  const long = [];
  const seen = new PerformanceObserver((list) => long.push(...list.getEntries().map((one) => one.duration)));
  seen.observe({entryTypes: ['longtask']});
  const high = document.documentElement.scrollHeight - innerHeight;
  const frames = [];
  let last = performance.now();
  let n = 0;
  const step = (now) => {
    frames.push(now - last);
    last = now;
    n += 1;
    scrollTo(0, high * n / steps);
    if (n < steps) requestAnimationFrame(step);
    else setTimeout(() => { seen.disconnect(); done({frames: frames.slice(2), long, high}); }, 200);
  };
  requestAnimationFrame(step);
})"""
STEPS = 240


@dataclass(frozen=True)
class Scroll:
    """One list scrolled from end to end; times in ms."""

    drawn: int
    frame_p50: float
    frame_p99: float
    long_tasks: int
    longest_task: float


@dataclass(frozen=True)
class Figures:
    """What was measured; sizes in bytes, times in ms, medians."""

    bytes_compressed: int
    start_bytes_compressed: int
    to_pin_ms: float
    pin_to_today_ms: float
    round: Scroll
    census: Scroll
    slowed: int
    beds: int
    load_before: float


def slow_down(page: Page, times: int) -> None:
    """Let the page have a part of the processor alone."""
    page.context.new_cdp_session(page).send("Emulation.setCPUThrottlingRate", {"rate": times})


def start_anew(phone: Handset) -> tuple[float, float]:
    """Start with nothing but what the phone keeps; return ms to the field for the PIN, and from the PIN to Today."""
    phone.page.goto("about:blank")
    phone.page.goto(f"{phone.town.line.url}/app/", wait_until="commit")
    shown = phone.page.evaluate(STARTED)
    phone.page.get_by_label("口令", exact=True).fill(PIN)
    return shown, phone.page.evaluate(OPENED)


def scrolled(phone: Handset, place: str, drawn: str) -> Scroll:
    """Scroll a page from end to end and return how it went. drawn: a selector of what a row is"""
    phone.go(place)
    expect(phone.page.locator(drawn).first).to_be_visible()
    told: dict[str, Any] = phone.page.evaluate(SCROLLED, STEPS)
    frames = sorted(told["frames"])
    return Scroll(
        drawn=phone.page.locator(drawn).count(),
        frame_p50=round(statistics.median(frames), 1),
        frame_p99=round(frames[int(len(frames) * 0.99)], 1),
        long_tasks=len(told["long"]),
        longest_task=round(max(told["long"], default=0.0), 1),
    )


def measured(phone: Handset, found: Visit, starts: int) -> Figures:
    """Return the figures of a phone that is enrolled and has the visit's beds."""
    told = json.loads((phone_app.FILES / "built.json").read_text("utf-8"))
    phone.page.evaluate("navigator.serviceWorker.ready")
    phone.context.set_offline(True)
    slow_down(phone.page, SLOWED)
    times = [start_anew(phone) for _ in range(starts)]
    return Figures(
        bytes_compressed=told["bytes_compressed"],
        start_bytes_compressed=told["start_bytes_compressed"],
        to_pin_ms=round(statistics.median(one for one, _ in times), 0),
        pin_to_today_ms=round(statistics.median(two for _, two in times), 0),
        round=scrolled(phone, f"/round/{found.ward_round}", "[href*='/bed/']"),
        census=scrolled(phone, f"/institution/{found.institution}/census", ".window .row"),
        slowed=SLOWED,
        beds=len(found.encounters),
        load_before=round(os.getloadavg()[0], 1),
    )


def run(beds: int, starts: int) -> Figures:
    """Make a hospital of so many beds, enrol a phone and measure."""
    with tempfile.TemporaryDirectory() as name, town(Path(name), f"sqlite:///{name}/ledger.db") as made:
        found = visit(made.installation.services, beds=beds, number=2)
        with running_browser() as browser, handset(browser, made) as phone:
            enrol(made, phone, found)
            return measured(phone, found, starts)


def enrol(made: Town, phone: Handset, found: Visit) -> None:
    """Enrol the lead's phone and wait until the whole ward is on it."""
    phone.enrol(found.lead)
    phone.go(f"/institution/{found.institution}/census")
    expect(phone.page.locator(".search [role=status]")).to_contain_text(
        f"{len(found.encounters)} 条", timeout=120_000
    )


def table(figures: Figures) -> str:
    """Return the figures as docs/performance.md shows them."""
    kib = 1024
    rows = [
        ("whole app, compressed", f"{figures.bytes_compressed / kib:.0f} KiB", "400 KiB"),
        ("of it loaded at the start", f"{figures.start_bytes_compressed / kib:.0f} KiB", ""),
        ("start to the field for the PIN", f"{figures.to_pin_ms:.0f} ms", "1,000 ms"),
        ("PIN to Today (Argon2id in it)", f"{figures.pin_to_today_ms:.0f} ms", ""),
    ]
    for name, one in (("beds of a round", figures.round), ("in-patients", figures.census)):
        words = f"{one.frame_p50} / {one.frame_p99} ms"
        rows.append((f"{figures.beds:,} {name}: frame p50 / p99", words, ""))
        rows.append(
            (
                f"the same: tasks over {LONG_MS} ms, the longest",
                f"{one.long_tasks}, {one.longest_task} ms",
                "",
            )
        )
        rows.append(("the same: rows in the page", f"{one.drawn}", ""))
    lines = ["| Phone app | Measured | Budget |", "|---|---:|---:|"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description="Measure the phone app on a slowed processor.")
    parser.add_argument("--beds", type=int, default=BEDS)
    parser.add_argument("--starts", type=int, default=STARTS)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    figures = run(asked.beds, asked.starts)
    print(json.dumps(asdict(figures), indent=1) if asked.json else table(figures))


if __name__ == "__main__":
    main()
