"""Stating something on a finding: the institution's user writes it, the server notes that it was heard."""

from __future__ import annotations

from server.casework import keeping_up, statements
from server.casework.statements import Said
from server.commit.acts import act, new_id
from server.portal.handed_files import check_arrived
from server.portal.looking import looking_as
from server.portal.proof_files import named
from server.wiring import Services
from sync.errors import VersionChanged


def state(services: Services, user: str, finding: str, said: Said, version: int) -> str:
    """Write a statement and return its id; raises NotFound, VersionChanged, BadTransition or BadValue.

    Its files have arrived and are what was announced; `proof_files.checked` says what else is refused.
    """
    with looking_as(services, user) as look:
        found = look.one("finding", finding)
        if found.version != version:
            raise VersionChanged(item=finding, version=found.version)
        draft = statements.decide(
            found, said, institution=look.institution, today=look.today, statement=new_id(services)
        )
    check_arrived(services, said.files)
    act(services, [draft], user=user, expect={finding: version}, after=named(services, said.files))
    keeping_up.hear(services, finding)
    return draft.record
