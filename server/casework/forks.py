"""A device of which two copies sent work is stopped, and a supervisor gets the task to see to it.

What either copy sent lies in the ledger or in quarantine. The way on is an invite that replaces the device; what is in
quarantine a supervisor re-admits. The task's id follows from the device, so it is made once.
"""

from __future__ import annotations

from schemas.drafting import Draft
from server.casework import device_tasks
from server.commit.acts import act
from server.storage import device_store
from server.storage.device_store import ENROLLED, FORKED
from server.wiring import Services
from sync.errors import BadTransition, DeviceFork, RecordExists
from sync.ids import named_id

KIND = "forked_device"
WORKING_DAYS = 1


def stop(services: Services, device: str) -> bool:
    """Stop a device that two copies go by, with its task, in one act; return whether this call did it."""
    task = named_id("wardledger fork", device, "task")
    told = device_tasks.draft(
        services, task, device=device, kind=KIND, cause=DeviceFork.code, working_days=WORKING_DAYS
    )
    step = Draft("edit", "device", device, {"stage": {"from": ENROLLED, "to": FORKED}})
    try:
        act(services, [step, told], kind="device")
    except (BadTransition, RecordExists):
        return False  # Another request of the copies was quicker, or somebody has shut the device out.
    return True


def sweep(services: Services) -> int:
    """Stop what forked and could not be stopped at once, after a crash; return how many."""
    with services.database.reading() as connection:
        forked = device_store.kept_as(connection, services.ledger.id, DeviceFork.code)
        known = device_store.find_all(connection, services.ledger.id, forked)
    standing = [key for key, device in sorted(known.items()) if device.stage == ENROLLED]
    return sum(stop(services, key) for key in standing)
