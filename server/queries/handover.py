"""What a supervisor looks at before he hands a visit over: the team with its phones, and who could go on."""

from __future__ import annotations

from schemas.records.inspection import OPEN_STAGES
from server.access.duties import team_of
from server.console.pages.handover import Giver, HandoverForm, HandoverPage
from server.queries import people
from server.queries.devices import phones_of
from server.queries.inspections import inspection_rows
from server.queries.planning import available
from server.queries.reading import Reading
from sync.errors import NotAllowed
from sync.rules import SUPERVISOR


def handover_page(reading: Reading, inspection: str, form: HandoverForm | None = None) -> HandoverPage:
    """Return the form for one visit; raises NotFound, or NotAllowed for whoever does not supervise there."""
    one = reading.one("inspection", inspection)
    if SUPERVISOR not in reading.roles_over(one):
        raise NotAllowed("a supervisor hands a visit over", item=inspection)
    team, lead = team_of(one), one.values.get("lead")
    users, phones = reading.named(team), phones_of(reading, team)
    return HandoverPage(
        row=inspection_rows(reading, [one])[0],
        givers=tuple(
            Giver(
                id=key,
                officer=people.officer(users[key], reading.locale) if key in users else people.NOBODY,
                leads=key == lead,
                phones=phones.get(key, ()),
            )
            for key in sorted(team, key=lambda user: (user != lead, user))
        ),
        takers=available(reading, [one.id, str(one.values["institution"])], reading.today),
        form=form or HandoverForm(giver=str(lead or "")),
        blocked="" if one.stage in OPEN_STAGES else "not_open",
    )
