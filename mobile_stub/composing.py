"""Making one change on the phone: as the server's own acts are made, but refused here if it is faulty."""

from __future__ import annotations

from mobile_stub.clock import Random
from schemas.drafting import Draft, write
from sync.changes import At, Change
from sync.errors import every_refusal
from sync.ids import uuid7


def compose(draft: Draft, at: At, random: Random) -> Change:
    """Return the change that the draft makes, as it will travel; raises UnknownType, BadValue and their kin.

    A value that its field does not allow is refused offline, with the words and codes of the server.
    """
    item = write(draft, change_id=uuid7(at.wall, random), at=at, random=random)
    if item.fault is not None:
        raise every_refusal()[item.fault.code](item.fault.detail, field=item.fault.field)
    assert item.change is not None, "what was just written can be read"
    return item.change
