"""Finding drift: whether what this phone holds of a scope root is what the ledger holds, and taking it anew if not.

Nothing that was recorded here is touched by it: the outbox stays, records stay in sight, and one that the ledger did
not send again goes only when every own change on it has a receipt.
"""

from __future__ import annotations

from collections.abc import Mapping

from mobile_stub.kit import CURSOR, DOUBTED, SUMMED, Kit
from mobile_stub.trouble import Drifting
from sync.scope_sum import scope_sum

SUM_AFTER_MS = 86_400_000


def is_due(kit: Kit) -> bool:
    """Return whether the sums should be asked for: after a day, and at the end of a new snapshot."""
    last = kit.journal.get(SUMMED)
    return (
        last is None or kit.journal.get(DOUBTED) is not None or kit.transport.now_ms() - last >= SUM_AFTER_MS
    )


def seen_again(kit: Kit, ids: list[str]) -> None:
    """Note that the feed delivered these records anew; call it in the transaction that takes them over."""
    doubted = kit.journal.get(DOUBTED)
    if doubted is not None and ids:
        kit.journal.put(DOUBTED, sorted(set(doubted) - set(ids)))


def compare(kit: Kit, sums: Mapping[str, str]) -> bool:
    """Take the ledger's sums after the last page: note that all is well, or begin a snapshot anew and return False.

    Raises Drifting where a new snapshot did not mend it: then the ledger's own words do not agree.
    """
    doubted = kit.journal.get(DOUBTED)
    with kit.journal.transaction():
        for key in doubted or ():
            kit.journal.hide_root(key)
        held = kit.journal.versions()
        drifted = sorted(root for root, told in sums.items() if scope_sum(held.get(root, ())) != told)
        kit.journal.put(SUMMED, kit.transport.now_ms())
        if not drifted or doubted is not None:
            kit.journal.drop(DOUBTED)
        else:
            kit.journal.put(DOUBTED, sorted(key for root in drifted for key, _ in held.get(root, ())))
            kit.journal.put(CURSOR, "")
    if drifted and doubted is not None:
        raise Drifting(f"{len(drifted)} of {len(sums)} places differ after a new snapshot")
    return not drifted
