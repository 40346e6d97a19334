"""What a region has laid down for its rounds: dated data, never a constant in the code.

What counts as a phantom bed (挂床), how old a census may be, how long a ward has to answer: each differs
by city and changes by day. `rules.json` beside this file holds what is read where a region has said
nothing; `rounds.json` in the home adds the region's own. The narrowest region with the latest day counts.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from marshmallow import fields

from schemas.codes import region_code
from schemas.records.ward_round import MINUTES_MAX
from schemas.times import read_day
from schemas.wire.parts import Strict, load, whole
from server.wiring import Services
from sync.errors import BadCode, BadValue
from sync.rules import NATION, region_prefix

SHIPPED = Path(__file__).with_name("rules.json")
FILE = "rounds.json"
DAYS_MAX = 366
SECOND_REVIEW_PERCENT_MIN = 5
"""Of the first reviews of a day; some cities ask for more, none may ask for less."""
BYTES_MAX = 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class LocalRules:
    """The rules of a region from a day on.

    census_days_max: how many days old a census may be that a sample is drawn from
    respond_minutes, explain_minutes: what a remote round gives its ward where the order names nothing
    fence_metres: how far from an institution's position its grounds reach
    bed_hanging_absences, bed_hanging_days: so many unexplained absences within so many days meet what
    counts locally as a phantom bed; one alone is a suspicion everywhere
    second_review_percent: which share of the day's first reviews somebody else reviews again, never below 5
    """

    region: str
    since: date
    census_days_max: int
    respond_minutes: int
    explain_minutes: int
    fence_metres: int
    bed_hanging_absences: int
    bed_hanging_days: int
    second_review_percent: int = SECOND_REVIEW_PERCENT_MIN


class RulesSchema(Strict):
    """One entry of rules.json."""

    region = fields.String(required=True)
    since = fields.String(required=True, data_key="from")
    census_days_max = whole(0, DAYS_MAX, required=True)
    respond_minutes = whole(1, MINUTES_MAX, required=True)
    explain_minutes = whole(0, MINUTES_MAX, required=True)
    fence_metres = whole(10, 100_000, required=True)
    bed_hanging_absences = whole(2, 100, required=True)
    bed_hanging_days = whole(1, DAYS_MAX, required=True)
    second_review_percent = whole(SECOND_REVIEW_PERCENT_MIN, 100, load_default=SECOND_REVIEW_PERCENT_MIN)


ONE = RulesSchema()


def read(text: str) -> tuple[LocalRules, ...]:
    """Return the rules that a file holds; raises BadValue naming what is wrong."""
    try:
        rows = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadValue("the rules of rounds are not JSON") from error
    if not isinstance(rows, list):
        raise BadValue("the rules of rounds are a list")
    found: list[LocalRules] = []
    for number, row in enumerate(rows):
        try:
            found.append(_one(row))
        except BadValue as bad:
            raise BadValue(bad.detail, field=f"{number}.{bad.field}") from bad
    return tuple(found)


def _one(row: Any) -> LocalRules:
    body = load(ONE, row, lambda path, words: BadValue(words, field=path))
    since = body.pop("from", None) or body.pop("since")
    try:
        if body["region"] != NATION:
            region_code(body["region"])
        return LocalRules(since=read_day(since), **body)
    except BadCode as bad:
        raise BadValue(bad.detail, field="from" if bad.facts.get("kind") == "day" else "region") from bad


@cache
def _shipped() -> tuple[LocalRules, ...]:
    return read(SHIPPED.read_text("utf-8"))


def known(home: Path) -> tuple[LocalRules, ...]:
    """Return the shipped rules and those of an installation's home; raises BadValue for a faulty file."""
    path = home / FILE
    if not path.exists():
        return _shipped()
    if path.stat().st_size > BYTES_MAX:
        raise BadValue(f"{FILE} has more than {BYTES_MAX} bytes")
    return (*_shipped(), *read(path.read_text("utf-8")))


def holding(rules: Sequence[LocalRules], region: str, day: date) -> LocalRules:
    """Return the rules that hold in a region on a day: the narrowest region's, of those the latest."""
    fit = [one for one in rules if one.since <= day and region.startswith(region_prefix(one.region))]
    assert fit, "the shipped rules hold everywhere"
    return max(fit, key=lambda one: (len(region_prefix(one.region)), one.since))


def of(services: Services, region: str) -> LocalRules:
    """Return the rules that hold in a region today; raises BadValue for a faulty file."""
    today = services.today()
    return holding(known(services.config.home), region, today)
