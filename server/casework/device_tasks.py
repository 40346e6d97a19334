"""Tasks of a supervisor about somebody's phone: made of work that waits, or of a phone of which there are two."""

from __future__ import annotations

from schemas.drafting import Draft
from server.reminders.calendar import add_working_days
from server.wiring import Services


def draft(services: Services, task: str, *, device: str, kind: str, cause: str, working_days: int) -> Draft:
    """Return the draft of a task, due so many working days from today; task: its id, by which it is made once."""
    due = add_working_days(services.today(), working_days, services.calendar)
    values = {
        "about": device,
        "kind": kind,
        "cause": cause,
        "for_role": "supervisor",
        "due_on": due.isoformat(),
    }
    return Draft("create", "task", task, values)
