"""docs/protocol.md tells strangers how to draw, to challenge and to answer: figures and words are those of the code."""

from __future__ import annotations

import pytest

from schemas.records.bed_check import ANSWERS
from schemas.records.evidence import CAPTURED
from schemas.records.ward_round import OPERATOR_READS, TYPE
from server.rounds import flags
from sync import challenge, draw
from tests.interop import page

SECTION = "13. Remote rounds: the draw, the challenge, the ward's right"
ROOT = bytes(range(32))
ROUND = "01a1e73b-8500-7e68-8bec-833cb9c818e4"
PEOPLE = [f"01a1e73b-0000-7000-8000-00000000000{number}" for number in range(1, 6)]
SEED = draw.seed_of(ROOT, "ab" * 32, 1)


def cells(first: str) -> list[str]:
    """Return what stands as code beside a cell of a table."""
    row = next(row for row in page.rows(page.section(SECTION)) if row[0] == first)
    return page.spans(row[-1])


def last_signs(ids: tuple[str, ...]) -> list[str]:
    return [one[-1] for one in ids]


@pytest.mark.parametrize(
    ("what", "value"),
    [
        ("challenge of the round", [challenge.challenge(ROOT, ROUND)]),
        ("challenge of the first in-patient's bed", [challenge.challenge(ROOT, ROUND, PEOPLE[0])]),
        ("seed", [SEED]),
        ("population digest", [draw.population_digest(PEOPLE)]),
        ("two of them at random", last_signs(draw.draw(SEED, PEOPLE, 2))),
        (
            "three of them, each ward with its share",
            last_signs(draw.draw_by_ward(SEED, {"W11": PEOPLE[:3], "W12": PEOPLE[3:]}, 3)),
        ),
        (
            "a number below 600 for the seed and `2026-11-17`",
            [str(draw.below(SEED, "2026-11-17", 600))],
        ),
    ],
)
def test_the_figures_to_check_an_implementation_by_are_those_of_the_code(what: str, value: list[str]):
    assert cells(what) == value


def test_the_signs_of_a_challenge_and_their_look_alikes_are_those_of_the_code():
    said = page.paragraph("**The challenge, to the byte.**")
    assert f"`{challenge.ALPHABET}`" in said
    for signs in ("`0`, `O`, `Q` as `D`", "`1`, `I`, `L` as `J`", "`B` as `8`", "`G` as `6`", "`S` as `5`",
                  "`V` as `U`", "`Z` as `2`"):  # fmt: skip
        assert signs in said
        *typed, read = page.spans(signs)
        assert {challenge.normal(sign) for sign in typed} == {read}


def test_purposes_are_those_of_the_code():
    said = page.section(SECTION)
    assert f"`{challenge.PURPOSE}`" in said
    assert f"`{draw.PURPOSE}`" in said


@pytest.mark.parametrize(("kind", "fields"), [("`bed_check`", ANSWERS), ("`evidence`", CAPTURED)])
def test_what_a_ward_may_say_is_what_the_declarations_let_it(kind: str, fields: frozenset[str]):
    assert set(cells(kind)) == fields


def test_what_a_ward_is_shown_is_what_the_feed_brings():
    said = page.paragraph("**The ward's right.**")
    assert {f"`{kind}`" for kind in OPERATOR_READS} <= {f"`{span}`" for span in page.spans(said)}


@pytest.mark.parametrize("step", ["order", "draw", "call", "close"])
def test_every_field_that_a_step_writes_exists(step: str):
    written = set(cells(step)) - {"stage", "sampled", "in_progress"}
    assert written
    assert written <= set(TYPE.by_name)


def test_every_flag_stands_on_the_page_in_its_order():
    rows = [page.spans(row[0]) for row in page.rows(page.section(SECTION))]
    told = [spans[0] for spans in rows if spans and spans[0] in flags.ORDER]
    assert told == list(flags.ORDER)
