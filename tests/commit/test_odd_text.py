"""Texts that a database could take for something else come in, are proven and come out as they were written."""

from __future__ import annotations

import pytest

from server.commit.submission import Result
from tests.commit.state import door, is_sound, push_of, together
from tests.server.pushing import City

ODD = ["\\N", "\\.", "a\tb\nc\rd", "\\x00", "\x00", "%s ? :name $1", "'; --", "\u2028\ufeff😀", "\\"]
"""What COPY, bound parameters or a text column might read otherwise; NUL is what PostgreSQL holds in no text."""


@pytest.mark.parametrize("count", [1, 3])
def test_an_odd_text_comes_out_as_it_was_written(city: City, count: int) -> None:
    phone = city.phones[0]
    drafts = [city.finding(facts=text) for text in ODD for _ in range(count)]
    (answer,) = together(door(city.installation), [push_of(phone, *drafts)])
    assert isinstance(answer, Result), answer
    assert {outcome.verdict for outcome in answer.outcomes} == {"applied"}
    assert [answer.records[draft.record].values["facts"] for draft in drafts] == [
        t for t in ODD for _ in range(count)
    ]
    assert is_sound(city.installation)
