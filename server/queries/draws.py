"""Draws of institutions and officers: listed, shown, and drawn again from the ledger while they are looked at."""

from __future__ import annotations

from collections.abc import Sequence

from schemas import regions
from server.access import scope
from server.casework import drawn_again
from server.casework.plans import PLANNER
from server.console.pages.draws import DrawForm, Drawn, DrawPage, DrawRow, DrawsPage
from server.queries import people
from server.queries.inspections import regions_of
from server.queries.origins import origins
from server.queries.reading import TABLE, Reading
from sync.merge import Record

DRAWS_MAX = 200


def draws_page(reading: Reading, form: DrawForm) -> DrawsPage:
    """Return the draws of institutions that the reader may see, the newest first."""
    every = reading.visible("random_draw")
    found = reading.records(every.order_by(TABLE.c.id.desc()).limit(DRAWS_MAX))
    may = may_draw(reading)
    return DrawsPage(
        rows=draw_rows(reading, found),
        form=form,
        regions=_regions(reading) if may else (),
        may_draw=may,
        left_out=max(0, reading.count(every) - DRAWS_MAX),
    )


def may_draw(reading: Reading) -> bool:
    """Return whether the reader draws institutions."""
    return PLANNER in scope.roles(reading.connection, reading.services.ledger.id, reading.user)


def draw_rows(reading: Reading, draws: Sequence[Record]) -> tuple[DrawRow, ...]:
    """Return draws as rows."""
    made = origins(reading, [one.acts[0].index for one in draws])
    names = people.officers(reading, {one.created_by for one in draws})
    return tuple(
        DrawRow(
            id=one.id,
            region=regions.name(str(one.values["region"]), reading.locale),
            by=names.get(one.created_by, people.NOBODY),
            at=made[one.acts[0].index].received,
            stage=str(one.stage),
            size=int(one.values["size"]),
            kinds=tuple(sorted(one.values.get("kinds") or ())),
            grades=tuple(sorted(one.values.get("grades") or ())),
            drawn=len(one.values.get("drawn") or ()),
            population=one.values.get("population_count"),
        )
        for one in draws
    )


def draw_page(reading: Reading, record: str) -> DrawPage:
    """Return a draw of institutions, drawn again now; raises NotFound."""
    found = reading.one("random_draw", record)
    (row,) = draw_rows(reading, [found])
    places = reading.named(found.values.get("drawn") or ())
    drawn = tuple(
        Drawn(
            id=one.id,
            institution=people.institution(one),
            region=regions.name(one.region, reading.locale),
        )
        for one in sorted(places.values(), key=lambda one: str(one.values["fixmedins_code"]))
    )
    return _page(reading, found, drawn, row)


def officers_page(reading: Reading, inspection: str) -> DrawPage:
    """Return how an inspection's officers were drawn, drawn again now; raises NotFound."""
    found = reading.one("inspection", inspection)
    names = people.officers(reading, found.values.get("drawn") or ())
    drawn = tuple(Drawn(id=key, officer=one) for key, one in sorted(names.items()))
    return _page(reading, found, drawn, None)


def _page(reading: Reading, found: Record, drawn: tuple[Drawn, ...], row: DrawRow | None) -> DrawPage:
    name = drawn_again.SEEDS[found.type]
    what = drawn_again.INSTITUTIONS if row else drawn_again.OFFICERS
    if name not in found.writes:
        return DrawPage(id=found.id, what=what, ordered=True, ok=True, row=row, may_draw=may_draw(reading))
    verdict = drawn_again.judged(reading.connection, reading.services.ledger.id, found)
    return DrawPage(
        id=found.id,
        what=what,
        ordered=False,
        ok=verdict.ok,
        faults=tuple(verdict.faults),
        seed=str(found.values.get(name) or ""),
        order_entry=found.acts[0].index,
        draw_entry=found.writes[name][-1].act.index,
        population=int(verdict.facts.get("population", 0)),
        drawn=drawn,
        row=row,
        may_draw=may_draw(reading),
    )


def _regions(reading: Reading) -> tuple[tuple[str, str], ...]:
    """Return (code, name) of the reader's own region and those below it in which institutions lie."""
    own = reading.records(reading.visible("user").where(TABLE.c.id == reading.user))
    home = [str(one.values["region"]) for one in own]
    found = {code: regions.name(code, reading.locale) for code in home}
    return tuple((found | dict(regions_of(reading, "institution"))).items())
