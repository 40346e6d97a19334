"""Taking away: who may carry a dossier or a bundle off the desk, and who may carry it off with private lines.

What a page shows is masked, whoever reads; what a phone signed is not, or nobody could check it. So private lines and
originals leave by those alone who answer for the case, and each time under a line of the access log.
"""

from __future__ import annotations

from server.access.may_see import READING_PERSONS

TAKING = READING_PERSONS | {"auditor"}
"""Roles over a case, inspection or institution that take its papers away, without private lines."""
TAKING_PRIVATE = frozenset({"supervisor", "leader"})
"""Roles over it that take private lines and originals along."""


def public_part(roles: frozenset[str]) -> bool:
    """Return whether a reader with these roles over a record takes its papers away."""
    return bool(roles & TAKING)


def private_part(roles: frozenset[str]) -> bool:
    """Return whether a reader with these roles over a record takes its private lines and originals along."""
    return bool(roles & TAKING_PRIVATE)
