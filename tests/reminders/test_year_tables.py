"""Which table counts where: the nearest region's newest one in effect, else the shipped one, else Monday to Friday."""

from __future__ import annotations

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from server.casework.recalculating import new_last_day
from server.reminders.calendar import Calendar, due_date
from server.reminders.working_calendars import shipped
from server.reminders.year_tables import YearTable, assemble, counting, differing
from tests.tiers import examples

TODAY = date(2026, 11, 17)
COUNTY, CITY, ELSEWHERE = "341502", "341500", "341600"


def table(
    region: str = CITY, off: str = "2027-03-01", *, since: str = "2026-11-01", **more: object
) -> YearTable:
    given = {
        "record": "r",
        "year": 2027,
        "version": 1,
        "published": True,
        "working": frozenset[date](),
        **more,
    }
    return YearTable(
        region=region, valid_from=date.fromisoformat(since), off=frozenset([date.fromisoformat(off)]), **given  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_nearest_region_counts_before_a_newer_one_of_a_wider_region():
    tables = [table("340000", since="2026-11-10"), table(CITY), table(COUNTY, since="2026-10-01")]
    assert counting(tables, COUNTY, TODAY)[2027].region == COUNTY
    assert counting(tables, "341503", TODAY)[2027].region == CITY
    assert counting(tables, ELSEWHERE, TODAY)[2027].region == "340000"


def test_of_one_region_the_newest_in_effect_counts_and_a_later_one_waits_for_its_day():
    tables = [table(since="2026-11-01"), table(since="2026-11-18"), table(since="2026-11-01", version=9)]
    assert counting(tables, CITY, TODAY)[2027].version == 9
    assert counting(tables, CITY, date(2026, 11, 18))[2027].valid_from == date(2026, 11, 18)


def test_a_year_without_a_table_is_the_shipped_one_or_provisional_and_a_provisional_table_says_so():
    assert assemble(shipped(), [], CITY, TODAY) == Calendar(
        CITY, shipped().off, shipped().working, shipped().years
    )
    whole = assemble(shipped(), [table()], CITY, TODAY)
    assert not whole.is_working_day(date(2027, 3, 1))
    assert whole.provisional_years(date(2026, 1, 1), date(2028, 1, 1)) == (2028,)
    assert not whole.is_working_day(date(2026, 10, 1))
    unsure = assemble(shipped(), [table(published=False)], CITY, TODAY)
    assert unsure.provisional_years(date(2026, 1, 1), date(2027, 1, 1)) == (2027,)
    elsewhere = assemble(shipped(), [table()], ELSEWHERE, TODAY)
    assert elsewhere.is_working_day(date(2027, 3, 1))


def test_a_table_may_take_a_shipped_year_s_place_whole():
    own = table(year=2026, off="2026-11-20", working=frozenset([date(2026, 11, 21)]))
    calendar = assemble(shipped(), [own], CITY, TODAY)
    assert calendar.is_working_day(date(2026, 10, 1)), "the shipped holidays of that year are gone"
    assert not calendar.is_working_day(date(2026, 11, 20))
    assert date(2026, 11, 20) in differing(assemble(shipped(), [], CITY, TODAY), calendar)


def test_new_year_s_holiday_may_begin_in_december_whatever_the_year_before_says():
    before = table(year=2026, off="2026-05-01", working=frozenset([date(2026, 12, 26)]))
    after = table(off="2026-12-26")
    assert not assemble(shipped(), [before, after], CITY, TODAY).is_working_day(date(2026, 12, 26))


DAYS = st.dates(date(2027, 1, 4), date(2027, 12, 1))


@examples(200)
@given(served=DAYS, term=st.integers(1, 60), off=st.sets(DAYS, max_size=20), back=st.integers(0, 30))
def test_a_new_table_keeps_the_number_of_working_days_and_never_shortens(
    served: date, term: int, off: set[date], back: int
):
    old = Calendar(CITY, frozenset(), frozenset(), frozenset())
    new = Calendar(CITY, frozenset(off), frozenset(), frozenset({2027}))
    due = due_date(served, term, old)
    later = new_last_day(served, due, old, new, served)
    assert (later or due) == due_date(served, term, new)
    assert new_last_day(served, due, new, old, served) is None, "what was promised is not taken back"
    assert new_last_day(served, due, old, new, due + timedelta(days=1 + back)) is None, (
        "overdue stays overdue"
    )
