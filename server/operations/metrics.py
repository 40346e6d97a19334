"""Figures for a monitor, in Prometheus' text format: what waits to be sent, for how long, and what became of the rest.

They are read from the database at each asking, so every process tells the same, whichever is asked.
"""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from flask import Blueprint, Request, Response, request

from server.current import services
from server.reminders.channels import names
from server.storage import outbox_figures
from server.storage.outbox_figures import Figures
from server.storage.outbox_store import STATES
from server.wiring import Services
from sync.errors import NotAllowed

OVERDUE_SECONDS = 900
"""What should have gone so long ago and has not is overdue: the tick is every fifteen seconds."""
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
blueprint = Blueprint("metrics", __name__)


@dataclass(frozen=True)
class Metric:
    """One figure with its values by label. name, labels: as Prometheus writes them"""

    name: str
    help: str
    values: Mapping[tuple[tuple[str, str], ...], float] = field(default_factory=dict)


@blueprint.get("/metrics")
def tell() -> Response:
    """Answer with all figures: to this machine itself, or to whoever shows the token of the settings."""
    here = services()
    _guard(here, request)
    with here.database.reading() as connection:
        now = here.now_ms()
        found = outbox_figures.figures(
            connection,
            here.ledger.id,
            now=now,
            overdue_before=now - OVERDUE_SECONDS * 1000,
            today=here.today().isoformat(),
        )
    return Response(exposition(metrics(found, now, names(here.config))), content_type=CONTENT_TYPE)


def _guard(here: Services, asking: Request) -> None:
    """Let in whoever shows the token, or where there is none this machine alone; raises NotAllowed."""
    path = here.config.metrics_token_file
    if path:
        token = Path(path).read_text("utf-8").strip()
        shown = asking.headers.get("Authorization", "")
        if token and hmac.compare_digest(shown.encode(), f"Bearer {token}".encode()):
            return
        raise NotAllowed("the token of WARDLEDGER_METRICS_TOKEN_FILE is wanted as a bearer")
    if _on_this_machine(here, asking):
        return
    raise NotAllowed("figures are told on this machine alone; set WARDLEDGER_METRICS_TOKEN_FILE for others")


def _on_this_machine(here: Services, asking: Request) -> bool:
    # Through a proxy everybody comes from this machine: then the address that it tells counts.
    try:
        return ipaddress.ip_address(here.rates.sender(asking)).is_loopback
    except ValueError:
        return False


def metrics(found: Figures, now: int, channels: frozenset[str]) -> Iterator[Metric]:
    """Yield the figures of one look; a channel that is used here is told although nothing waits for it. Pure."""
    used = sorted({*channels, *(channel for _, channel in found.states)})

    def by_channel(values: Mapping[str, float]) -> dict[tuple[tuple[str, str], ...], float]:
        return {(("channel", channel),): values.get(channel, 0) for channel in used}

    def by_state(
        values: Mapping[tuple[str, str], int], states: tuple[str, ...]
    ) -> dict[tuple[tuple[str, str], ...], float]:
        return {
            (("channel", channel), ("state", state)): values.get((state, channel), 0)
            for channel in used
            for state in states
        }

    waits = {channel: (now - at) / 1000 for channel, at in found.oldest.items()}
    lag = max(0, now - found.scan_since) / 1000 if found.scan_since is not None else 0
    yield Metric("wardledger_reminders", "Messages by what became of them.", by_state(found.states, STATES))
    yield Metric(
        "wardledger_reminders_due", "Messages whose instant has come and that wait.", by_channel(found.due)
    )
    yield Metric(
        "wardledger_reminders_overdue",
        f"Messages that should have gone {OVERDUE_SECONDS} seconds ago and wait.",
        by_channel(found.overdue),
    )
    yield Metric(
        "wardledger_reminders_dead",
        "Messages that failed or may not have arrived, and that nobody has seen to.",
        by_state(found.dead, ("failed", "unknown")),
    )
    yield Metric(
        "wardledger_reminders_oldest_unsent_seconds",
        "For how long the message that waits longest should have gone.",
        by_channel(waits),
    )
    yield Metric(
        "wardledger_scan_lag_seconds",
        "For how long the clock that waits longest for the scan has waited.",
        {(): lag},
    )
    yield Metric("wardledger_cases_open", "Cases whose clock runs.", {(): found.cases_open})
    yield Metric("wardledger_cases_overdue", "Cases past their last day.", {(): found.cases_overdue})


def exposition(told: Iterator[Metric]) -> str:
    """Return figures in the text format of Prometheus. Pure."""
    lines: list[str] = []
    for each in told:
        lines += [f"# HELP {each.name} {each.help}", f"# TYPE {each.name} gauge"]
        for labels, value in each.values.items():
            words = ",".join(f'{name}="{word}"' for name, word in labels)
            lines.append(f"{each.name}{'{' + words + '}' if words else ''} {value:g}")
    return "\n".join(lines) + "\n"
