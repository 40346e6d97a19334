"""The figures as tables for people, and as one flat object for whoever compares runs."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from rich.console import Console
from rich.table import Table

from tests.benchmarks.measure import Figures
from tests.benchmarks.scale import Load, Scale
from tests.benchmarks.slow_sync import SYNC_MS

WIDTH = 112
LATEST = Path("var") / "bench" / "latest.json"
Value = float | str | bool


def flat(scale: Scale, found: Mapping[str, Figures], about: Mapping[str, Value]) -> dict[str, Value]:
    """Return every figure under one key each; found: by prefix, "" for SQLite, "pg_" for PostgreSQL.

    Ratios say which part of the limit was reached: 1 is the limit.
    """
    body: dict[str, Value] = dict(about)
    for prefix, figures in found.items():
        body |= {prefix + name: _rounded(value) for name, value in _figures(scale, figures).items()}
    return body


def _figures(scale: Scale, figures: Figures) -> dict[str, float]:
    head = figures.pushes[scale.headline]
    found = {
        "push_changes_per_s": head.changes_per_s,
        "push_limit_ratio": head.limit_ratio,
        "push_p50_ms": head.p50_ms,
        "push_p99_ms": head.p99_ms,
        "push_cpu_s_per_1000": head.cpu_s_per_1000,
        "feed_records": figures.feed_records,
        "feed_records_per_s": figures.feed_records_per_s,
        "empty_feed_p50_ms": median(figures.empty_feed_ms),
        "file_mb_per_s": figures.file_mb_per_s,
        "file_limit_ratio": figures.file_limit_ratio,
        "file_phone_limit_ratio": figures.file_phone_ratio,
        "server_rss_mb": figures.rss_mb,
    }
    for name, push in figures.pushes.items():
        found[f"push_{name}_changes_per_s"] = push.changes_per_s
        found[f"push_{name}_limit_ratio"] = push.limit_ratio
        found[f"push_{name}_p99_ms"] = push.p99_ms
    found["profile_25_ms"] = sum(figures.stages.values())
    for size, cost in figures.growth.items():
        found |= {f"growth_{size}_ms": cost.change_ms, f"proof_{size}_ms": cost.proof_ms}
    if figures.slow_sync_part is not None:
        found["slow_sync_part"] = figures.slow_sync_part
    return found


def _rounded(value: float) -> float:
    return value if value == int(value) else float(f"{value:.4g}")


def write(body: Mapping[str, Value], root: Path) -> Path:
    """Write the flat object below a folder; returns its path."""
    path = root / LATEST
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", "utf-8")
    return path


def tables(console: Console, scale: Scale, named: Mapping[str, Figures]) -> None:
    """Print everything; named: by the database's name."""
    for name, figures in named.items():
        console.print(pushes(scale, name, figures))
    console.print(stages(named))
    console.print(others(named))


def _table(title: str, first: str, *columns: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column(first)
    for column in columns:
        table.add_column(column, justify="right")
    return table


def pushes(scale: Scale, name: str, figures: Figures) -> Table:
    """Return the table of pushes to one database."""
    table = _table(
        f"Push to {name}", "changes x phones", "changes/s", "p50 ms", "p99 ms", "server CPU s/1000",
        "limit changes/s", "of the limit",
    )  # fmt: skip
    for load in unique(scale.loads):
        push = figures.pushes[load.name]
        table.add_row(
            f"{load.batch} x {load.phones}",
            f"{push.changes_per_s:,.0f}",
            f"{push.p50_ms:.1f}",
            f"{push.p99_ms:.1f}",
            f"{push.cpu_s_per_1000:.2f}",
            f"{push.limit_changes_per_s:,.0f}",
            f"{push.limit_ratio:.1%}",
        )
    return table


def unique(loads: tuple[Load, ...]) -> list[Load]:
    """Return the loads in order, each name once."""
    return list({load.name: load for load in loads}.values())


def stages(named: Mapping[str, Figures]) -> Table:
    """Return where a push of 25 changes spends its time."""
    heads = [word for name in named for word in (f"{name} ms", "part")]
    table = _table("One push of 25 changes, in the process, by stage", "stage", *heads)
    sums = {name: sum(figures.stages.values()) for name, figures in named.items()}
    for stage in next(iter(named.values())).stages:
        cells: list[Any] = []
        for name, figures in named.items():
            ms = figures.stages[stage]
            cells += [f"{ms:.2f}", f"{ms / sums[name]:.0%}"]
        table.add_row(stage, *cells)
    table.add_row("sum", *(cell for name in named for cell in (f"{sums[name]:.2f}", "")))
    return table


def others(named: Mapping[str, Figures]) -> Table:
    """Return the table of feed, files, memory and growth."""
    table = _table("Feed, files, memory", "figure", *named)
    lines: dict[str, Callable[[Figures], str]] = {
        "first sync, records": lambda f: f"{f.feed_records:,}",
        "first sync, records/s": lambda f: f"{f.feed_records_per_s:,.0f}",
        "empty feed p50, ms": lambda f: f"{median(f.empty_feed_ms):.2f}",
        "file in parts of 32 MiB, MB/s": lambda f: f"{f.file_mb_per_s:,.0f}",
        "file in parts of 32 MiB, of the bare stream": lambda f: f"{f.file_limit_ratio:.0%}",
        "file in parts of 1 MiB, of the bare stream": lambda f: f"{f.file_phone_ratio:.0%}",
        "server, peak resident MB": lambda f: f"{f.rss_mb:,.0f}",
    }
    lines[f"push where a sync takes {SYNC_MS} ms more, of the push without"] = _remaining
    sizes = {size for figures in named.values() for size in figures.growth}
    for size in sorted(sizes):
        lines[f"ms a change at {size:,} entries"] = partial(_grown, size=size, name="change_ms")
        lines[f"ms a proof at {size:,} entries"] = partial(_grown, size=size, name="proof_ms")
    for label, cell in lines.items():
        table.add_row(label, *(cell(figures) for figures in named.values()))
    return table


def _remaining(figures: Figures) -> str:
    part = figures.slow_sync_part
    return f"{part:.0%}" if part is not None else figures.slow_sync_lacks


def _grown(figures: Figures, *, size: int, name: str) -> str:
    cost = figures.growth.get(size)
    return f"{getattr(cost, name):.2f}" if cost is not None else ""


def peers(found: Mapping[str, float | str]) -> Table:
    """Return the table of the servers beside ours, which take the same records in plain."""
    table = _table("Other servers, plain JSON, 25 records from each of 8 connections", "server", "records/s")
    for name, figure in found.items():
        table.add_row(name, f"{figure:,.0f}" if isinstance(figure, float) else figure)
    return table
