"""Every verdict, and how each comes about: short stories of two phones and a desk over one inspection."""

from __future__ import annotations

from collections.abc import Callable

from schemas.drafting import Draft
from schemas.vectors import refusals
from schemas.vectors.book import OMNI
from schemas.vectors.fixed import identity
from schemas.vectors.scene import PLACE, Scene
from schemas.vectors.telling import Case
from sync.ids import conflict_id

Story = Callable[[Scene], Case]


def make() -> list[Case]:
    """Return the cases, each verdict among them, and each code with which a change is refused."""
    told = {**STORIES, **refusals.STORIES}
    return [story(Scene(name)) for name, story in told.items()]


def _applied(scene: Scene) -> Case:
    scene.push(scene.ann, scene.edit(amount_fen=152_000))
    return scene.case("applied")


def _same_value(scene: Scene) -> Case:
    scene.push(scene.ann, scene.edit(amount_fen=126_000))
    return scene.case("same")


def _repeated(scene: Scene) -> Case:
    item = scene.book.item(scene.edit(amount_fen=152_000), scene.ann)
    scene.push(scene.ann, item)
    scene.push(scene.ann, item)
    return scene.case("same")


def _merged_set(scene: Scene) -> Case:
    base = scene.book.base(scene.finding)
    for phone, name in ((scene.ann, "测试甲002"), (scene.lea, "测试甲003")):
        scene.push(phone, Draft("edit", "finding", scene.finding, add={"persons": [name]}, base=base))
    return scene.case("merged")


def _merged_stage(scene: Scene) -> Case:
    at = scene.book.records[scene.finding].version
    ahead = [
        scene.step(scene.finding, "finding", *edge, at)
        for edge in (("draft", "proposed"), ("proposed", "heard"))
    ]
    scene.push(scene.ann, *ahead)
    scene.push(scene.lea, scene.step(scene.finding, "finding", "draft", "proposed", at))
    return scene.case("merged")


def _conflict(scene: Scene) -> Case:
    _contest(scene)
    return scene.case("conflict", conflict=conflict_id(scene.finding, "amount_fen"))


def _contest(scene: Scene) -> None:
    """Let both phones write another amount from the same base."""
    at = scene.book.records[scene.finding].version
    scene.push(scene.lea, scene.edit(at, amount_fen=152_000))
    scene.push(scene.ann, scene.edit(at, amount_fen=98_000))


def _resolved(scene: Scene) -> Case:
    _contest(scene)
    scene.pull()
    record = scene.book.records[scene.finding]
    decision = Draft(
        "resolve",
        "finding",
        scene.finding,
        {"amount_fen": 152_000},
        base=scene.book.base(scene.finding),
        over=record.contests["amount_fen"].candidates,
    )
    scene.push(scene.lea, decision)
    return scene.case("applied")


def _late(scene: Scene) -> Case:
    scene.act(scene.people["supervisor"], scene.step(scene.inspection, "inspection", "draft", "approved"))
    scene.push(scene.lea, scene.step(scene.inspection, "inspection", "approved", "on_site"))
    scene.pull()
    scene.push(scene.lea, scene.step(scene.inspection, "inspection", "on_site", "record_signed"))
    scene.push(scene.ann, scene.edit(amount_fen=98_000))
    return scene.case("late", "not_allowed")


def _granted_since(scene: Scene) -> Case:
    joined = Draft("edit", "inspection", scene.inspection, add={"members": [scene.people["other"]]})
    scene.act(scene.people["supervisor"], joined)
    scene.push(scene.eve, scene.draft(identity("another finding")))
    return scene.case("applied")


def _held_for_a_record(scene: Scene) -> Case:
    scene.push(
        scene.ann, scene.draft(identity("finding of nowhere"), inspection=identity("inspection to come"))
    )
    return scene.case("held")


def _held_for_a_type(scene: Scene) -> Case:
    line, private = refusals.line_of(scene, type="no_such_type", set={"n": 1})
    scene.push(scene.ann, (line, private))
    return scene.case("held", "unknown_type")


def _held_group(scene: Scene) -> Case:
    tx = identity("group")
    waits = scene.draft(identity("finding of nowhere"), inspection=identity("inspection to come"))
    members = [waits, scene.edit(amount_fen=98_000)]
    scene.push(scene.ann, *(refusals.grouped(draft, tx) for draft in members))
    return scene.case("held")


def _voided(scene: Scene) -> Case:
    scene.push(scene.ann, Draft("void", "finding", scene.finding, base=scene.book.base(scene.finding)))
    return scene.case("applied")


def _restored(scene: Scene) -> Case:
    _voided(scene)
    scene.pull()
    scene.push(scene.lea, Draft("restore", "finding", scene.finding, base=scene.book.base(scene.finding)))
    return scene.case("applied")


def _void_disputed(scene: Scene) -> Case:
    base = scene.book.base(scene.finding)
    scene.push(scene.lea, Draft("void", "finding", scene.finding, base=base))
    scene.push(scene.ann, scene.edit(base[1], amount_fen=98_000))
    return scene.case("applied")


def _duplicate(scene: Scene) -> Case:
    """Two institutions under one code, made at the desk; a phone's edit of the one that became an alias."""
    twin = identity("twin of the institution")
    scene.act("machine", Draft("create", "institution", twin, PLACE))
    later = max(twin, scene.institution)
    over = scene.book.records[later].contests["alias"].candidates
    smaller = min(twin, scene.institution)
    scene.act(
        OMNI,
        Draft("resolve", "institution", later, {"alias": smaller}, base=scene.book.base(later), over=over),
    )
    scene.push(scene.ann, scene.edit(amount_fen=98_000))
    return scene.case("applied", conflict=conflict_id(later, "alias"))


STORIES: dict[str, Story] = {
    "an edit of a known version is applied": _applied,
    "a value that stands already is the same": _same_value,
    "a change that was here before is the same, and has no effect of its own": _repeated,
    "what two phones add to a set is merged": _merged_set,
    "of two racing steps the one further on stands": _merged_stage,
    "two amounts on one base are a conflict": _conflict,
    "the lead's decision replaces both candidates": _resolved,
    "what the right allowed at the anchor and no longer allows is late": _late,
    "what only the head allows is in force and flagged": _granted_since,
    "a record in one that has not arrived is held": _held_for_a_record,
    "a type that is not known is held": _held_for_a_type,
    "a group is held with the member that waits": _held_group,
    "a void that knew every edit takes effect": _voided,
    "a restore takes the void away": _restored,
    "an edit that did not know of a void survives it, disputed": _void_disputed,
    "two records under one natural key are one once an alias says so": _duplicate,
}
