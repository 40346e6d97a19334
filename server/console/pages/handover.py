"""Handing a visit over while it goes on: who of the team, to whom, and what is still on the old phone."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import ClassVar

from server.console.pages.devices import DeviceRow
from server.console.pages.frame import Officer
from server.console.pages.inspections import Available, InspectionRow


@dataclass(frozen=True, kw_only=True, slots=True)
class Giver:
    """One of the team. phones: his, as far as the reader sees them; what they have not sent yet stands with each."""

    id: str
    officer: Officer
    leads: bool
    phones: tuple[DeviceRow, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class HandoverForm:
    """What was typed; failed: what does not fit, by `inspection_marks.HANDOVER_FAULTS`."""

    giver: str = ""
    taker: str = ""
    leaves: bool = False
    reason: str = ""
    failed: str = ""


@dataclass(frozen=True, kw_only=True, slots=True)
class HandoverPage:
    """The form that hands a visit over. takers: inspectors of the region, who may go first; blocked: why not now."""

    template: ClassVar[str] = "console/handover.html"
    row: InspectionRow
    givers: tuple[Giver, ...]
    takers: tuple[Available, ...]
    form: HandoverForm = field(default_factory=HandoverForm)
    blocked: str = ""
