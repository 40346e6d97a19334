"""How records of users and institutions are named on a page."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemas import regions
from server.access.duties import team_of
from server.commit.acts import MACHINE
from server.console.formats import distance_and_bearing
from server.console.pages import Institution, Officer, Place
from server.queries.reading import Reading
from server.queries.record_values import said
from sync.merge import Record

NOBODY = Officer(name="–")


def officers(reading: Reading, users: Iterable[str | None]) -> dict[str, Officer]:
    """Return users as pages name them; the server itself and one who is unknown have a name too."""
    wanted = {user for user in users if user}
    known = reading.named(wanted - {MACHINE})
    found = {user: officer(record, reading.locale) for user, record in known.items() if record.type == "user"}
    if MACHINE in wanted:
        found[MACHINE] = Officer(name="服务器" if reading.locale == "zh_CN" else "the server")
    return {user: found.get(user, NOBODY) for user in wanted}


def officer(user: Record, locale: str) -> Officer:
    """Return a user as pages name one."""
    values = user.values
    return Officer(
        name=said(user, "display_name", locale) or NOBODY.name,
        unit=regions.name(str(values["region"]), locale),
        certificate=str(values.get("certificate") or ""),
    )


def team(inspection: Record, people: Mapping[str, Officer]) -> tuple[Officer, ...]:
    """Return the officers of an inspection, the lead first."""
    lead = inspection.values.get("lead")
    rest = sorted(team_of(inspection) - {lead})
    return tuple(people[user] for user in ([lead] if lead else []) + rest if user in people)


def institution(record: Record | None) -> Institution:
    """Return an institution as pages name it."""
    if record is None:
        return Institution(name="–", code="")
    code = str(record.values["fixmedins_code"])
    # Once its name was erased its code stands for it.
    return Institution(name=str(record.values.get("name", code)), code=code)


def place(position: Mapping[str, object] | None, institution: Record | None, fence: int) -> Place | None:
    """Return where something was captured, seen from its institution; None without both positions.

    fence: how many metres its grounds reach; it counts as outside only when its whole circle of accuracy is.
    """
    origin = institution.values.get("position") if institution else None
    if not position or not origin:
        return None
    here = (int(str(position["lat_e7"])), int(str(position["lon_e7"])))
    metres, bearing = distance_and_bearing((origin["lat_e7"], origin["lon_e7"]), here)
    accuracy = int(str(position["accuracy_m"]))
    return Place(
        distance_m=metres,
        bearing_deg=bearing,
        accuracy_m=accuracy,
        inside_fence=metres - accuracy <= fence,
        mocked=bool(position["mock"]),
    )


def doubts(where: Place | None, clock: Iterable[str] = ()) -> tuple[str, ...]:
    """Return the flags that a place and a phone's clock raise, by `marks.BED_FLAGS`."""
    found = []
    if where is not None and where.inside_fence is False:
        found.append("outside_fence")
    if where is not None and where.mocked:
        found.append("mocked")
    return (*found, *clock)
