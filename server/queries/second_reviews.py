"""What was drawn for a second review, and what came of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select

from server.access.duties import is_outsider
from server.casework.second_review import AGREE, DISAGREE, KIND
from server.casework.second_reviewing import ROLE
from server.console.pages import Chip, EvidenceRow, Officer, Paging
from server.console.pages.second_reviews import SecondReviewPage, SecondReviewsPage, SecondRow
from server.queries import narrowing, people
from server.queries.evidence_rows import evidence_rows
from server.queries.narrowing import MOVED, OLDEST, Order, narrowed
from server.queries.reading import PAGE_SIZE, TABLE, Reading, oldest_first
from server.rounds.local_rules import SECOND_REVIEW_PERCENT_MIN, holding
from sync.errors import NotFound
from sync.merge import Record

OPEN, DONE = "waiting", "done"
UNDONE = ("open", "taken")
ORDERS = (Order(OLDEST, oldest_first()), Order(MOVED, (TABLE.c.version.desc(), TABLE.c.id)))


def drawn(reading: Reading) -> Select[Any]:
    """Return a select over the drawn reviews in the reader's scope, waiting or done."""
    return reading.visible("task").where(TABLE.c.state.contains(f'"{KIND}"', autoescape=True))


def waiting(reading: Reading) -> int:
    """Return how many drawn reviews in the reader's scope wait for somebody."""
    return reading.count(drawn(reading).where(TABLE.c.stage.in_(UNDONE)))


def second_reviews(
    reading: Reading, *, state: str = OPEN, page: int = 1, given: Mapping[str, str] | None = None
) -> SecondReviewsPage:
    """Return the drawn reviews that wait (or are done), what waited longest first, and how often they agreed.

    given: `region` and `sort` of the address; raises BadValue or BadCode
    """
    by = narrowed(given or {}, ORDERS)
    every = by.within(drawn(reading))
    counts = reading.by_stage(every)
    wanted = DONE if state == DONE else OPEN
    listed = every.where(TABLE.c.stage.in_((DONE,) if wanted == DONE else UNDONE)).order_by(*by.order.columns)
    tasks = reading.records(listed.limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE))
    undone = sum(counts.get(stage, 0) for stage in UNDONE)
    done = counts.get(DONE, 0)
    chips = tuple(
        Chip(value=value, count=count, active=wanted == value)
        for value, count in ((OPEN, undone), (DONE, done))
    )
    decisions = by.within(reading.visible("decision"))
    agreed, disagreed = (
        reading.count(decisions.where(TABLE.c.state.contains(f'"act":"{word}"', autoescape=True)))
        for word in (AGREE, DISAGREE)
    )
    return SecondReviewsPage(
        state=wanted,
        chips=chips,
        rows=second_rows(reading, tasks),
        paging=Paging(total=done if wanted == DONE else undone, page=page, size=PAGE_SIZE),
        agreed=agreed,
        disagreed=disagreed,
        percent=_percent(reading, tasks),
        narrowing=narrowing.shown(reading, by, ORDERS, wanted),
    )


def second_review(reading: Reading, task: str) -> SecondReviewPage:
    """Return one drawn review; raises NotFound."""
    found = reading.one("task", task)
    rows = second_rows(reading, [found]) if found.values.get("kind") == KIND else ()
    if not rows:
        raise NotFound(item=task)
    return SecondReviewPage(row=rows[0])


def second_rows(reading: Reading, tasks: Sequence[Record]) -> tuple[SecondRow, ...]:
    """Return tasks as rows, each with its item, who decided first and what came of it."""
    items = reading.named(str(task.values["about"]) for task in tasks)
    seen = [task for task in tasks if str(task.values["about"]) in items]
    rows = evidence_rows(reading, [items[str(task.values["about"])] for task in seen])
    about = reading.visible("decision").where(TABLE.c.parent.in_(items)).order_by(*oldest_first())
    decisions = reading.records(about)
    roots = reading.named(item.root for item in items.values())
    names = people.officers(reading, {one.created_by for one in decisions})
    return tuple(
        _row(reading, task, items[str(task.values["about"])], row, decisions, names, roots)
        for task, row in zip(seen, rows, strict=True)
    )


def _row(
    reading: Reading,
    task: Record,
    item: Record,
    row: EvidenceRow,
    decisions: Sequence[Record],
    names: Mapping[str, Officer],
    roots: Mapping[str, Record],
) -> SecondRow:
    entry = int(str(task.values["cause"]).partition("/")[2])
    mine = [one for one in decisions if one.values["about"] == item.id]
    first = next((one for one in mine if one.acts[0].index == entry), None)
    second = next(
        (one for one in mine if one.acts[0].index > entry and one.values["act"] in (AGREE, DISAGREE)), None
    )
    return SecondRow(
        id=task.id,
        item=row,
        version=item.version,
        first=names[first.created_by] if first else people.NOBODY,
        first_act=str(first.values["act"]) if first else "",
        entry=entry,
        due_on=date.fromisoformat(str(task.values["due_on"])),
        stage=str(task.stage),
        outcome=str(second.values["act"]) if second and task.stage == DONE else "",
        second=names[second.created_by] if second and task.stage == DONE else None,
        blocked=_blocked(reading, task, item, roots[item.root], mine),
    )


def _blocked(
    reading: Reading, task: Record, item: Record, root: Record, decisions: Sequence[Record]
) -> str | None:
    if task.stage not in UNDONE:
        return "already_reviewed"
    if ROLE not in reading.roles_over(item):
        return "not_permitted"
    if not is_outsider(reading.user, item, root):
        return "team_member"
    reviewed = any(one.created_by == reading.user for one in decisions)
    return "reviewed_first" if reviewed else None


def _percent(reading: Reading, tasks: Sequence[Record]) -> int:
    """Return the share that is drawn in the region of what is shown, else the least that the law allows."""
    if not tasks:
        return SECOND_REVIEW_PERCENT_MIN
    return holding(reading.local_rules, tasks[0].region, reading.today).second_review_percent
