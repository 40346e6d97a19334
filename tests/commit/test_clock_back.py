"""The server's clock is set back by a day: work goes on, the order stays, and the doctor tells."""

from __future__ import annotations

from server.operations.doctor import NOTICE, OK, PROBLEM, examine
from server.storage import ledger_scan
from sync import entries
from tests.commit.state import is_sound
from tests.server.builders import Installation
from tests.server.pushing import City

DAY_MS = 86_400_000


def clock_said(installation: Installation) -> list[tuple[str, str]]:
    """Return what the doctor says of the clock."""
    return [(one.state, one.words) for one in examine(installation.services) if one.name == "clock"]


def times(city: City) -> list[int]:
    """Return the times of all entries in the ledger's order."""
    services = city.installation.services
    with services.database.reading() as connection:
        places = list(ledger_scan.places(connection, services.ledger.id))
    return [entries.from_line(place.leaf.line).at for place in places if place.leaf is not None]


def test_sets_are_taken_while_the_clock_is_a_day_back_and_the_order_is_that_of_the_ledger(city: City) -> None:
    one, two = city.phones
    first = one.push(city.finding())
    city.installation.clock.advance(days=-1)
    second = two.push(city.finding())
    city.installation.clock.advance(days=1, seconds=1)
    third = one.push(city.finding())
    assert all(result.receipt for result in (first, second, third))
    at = times(city)
    assert [at[-2] - at[-3], at[-1] - at[-2]] == [-DAY_MS, DAY_MS + 1000], (
        "the clock as it stood, never altered"
    )
    assert is_sound(city.installation)


def test_ids_stay_unique_over_a_clock_that_is_set_back(city: City) -> None:
    made = {city.id() for _ in range(200)}
    city.installation.clock.advance(days=-1)
    made |= {city.id() for _ in range(200)}
    assert len(made) == 400


def test_the_doctor_tells_first_the_clock_and_later_where_it_was_set_back(city: City) -> None:
    one, _ = city.phones
    one.push(city.finding())
    assert [state for state, _ in clock_said(city.installation)] == [OK]
    city.installation.clock.advance(days=-1)
    assert [state for state, _ in clock_said(city.installation)] == [PROBLEM]
    one.push(city.finding())
    ((_, _), (state, words)) = clock_said(city.installation)
    with city.installation.services.database.reading() as connection:
        size = ledger_scan.entries_count(connection, city.installation.services.ledger.id)
    assert state == NOTICE
    assert words == f"the clock was set back 1 times, last by 86400 s before entry {size - 1}"


def test_a_clock_that_steps_back_by_seconds_is_no_matter(city: City) -> None:
    one, _ = city.phones
    one.push(city.finding())
    city.installation.clock.advance(seconds=-4)
    one.push(city.finding())
    assert [state for state, _ in clock_said(city.installation)] == [OK]
