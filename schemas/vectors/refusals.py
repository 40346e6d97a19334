"""Every code with which a change is refused, and one way to come by it."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from typing import Any

from schemas.drafting import Draft
from schemas.vectors.book import Written
from schemas.vectors.fixed import OTHER_EPOCH, identity
from schemas.vectors.scene import Scene
from schemas.vectors.telling import Case
from sync import changes, lines
from sync.changes import Change

Story = Callable[[Scene], Case]
TOO_LONG = lines.LINE_BYTES_MAX


def line_of(scene: Scene, **members: Any) -> Written:
    """Return a change line that no draft would make; members: of Change, else those of an edit of the finding."""
    given: dict[str, Any] = {
        "id": scene.book.id(),
        "op": "edit",
        "type": "finding",
        "record": scene.finding,
        "base": scene.book.base(scene.finding),
        "at": scene.book.at(scene.ann),
        **members,
    }
    return changes.change_line(Change(**given), scene.book.chance(16)), ()


def grouped(draft: Draft, tx: str) -> Draft:
    """Return a draft as a member of a group."""
    return dataclasses.replace(draft, tx=tx)


def _refused(code: str, make: Callable[[Scene], Any]) -> Story:
    """Return the story of one change of ann's phone that is refused."""

    def story(scene: Scene) -> Case:
        scene.push(scene.ann, make(scene))
        return scene.case("refused", code)

    return story


def _not_canonical(scene: Scene) -> Written:
    line, private = line_of(scene, set={"amount_fen": 98_000})
    return line.replace(b'"amount_fen":98000', b'"amount_fen":98000.0'), private


def _malformed(scene: Scene) -> Written:
    line, private = line_of(scene, set={"amount_fen": 98_000})
    return line.replace(b'"op":"edit"', b'"op":"mend"'), private


def _too_large(scene: Scene) -> Written:
    return line_of(scene, set={"amount_fen": "9" * TOO_LONG})


def _with_private(scene: Scene, spoil: Callable[[bytes], bytes]) -> Written:
    """Return an edit of a private field whose private line is spoilt on its way."""
    item = scene.book.item(scene.edit(facts="测试"), scene.ann)
    assert item.change is not None, "what was drafted can be read"
    return item.line, tuple(spoil(line.line) for line in item.change.private)


def _other_text(line: bytes) -> bytes:
    return line.replace("测试".encode(), "测验".encode())


def _blank(line: bytes) -> bytes:
    return line.replace(b'":', b'": ', 1)


def _no_longer_one(line: bytes) -> bytes:
    return line.replace(b'"kind":"person"', b'"sort":"person"')


def _base_ahead(scene: Scene) -> Draft:
    return scene.edit(len(scene.book.log) + 1_000, amount_fen=98_000)


def _base_unknown(scene: Scene) -> Draft:
    assert scene.book.records[scene.finding].version != 0, "the first entry is not the finding's"
    return scene.edit(0, amount_fen=98_000)


def _other_epoch(scene: Scene) -> Written:
    return line_of(scene, base=(OTHER_EPOCH, 0), set={"amount_fen": 98_000})


def _id_reused(scene: Scene) -> Case:
    first = scene.book.item(scene.edit(amount_fen=152_000), scene.ann)
    assert first.change is not None, "what was drafted can be read"
    scene.push(scene.ann, first)
    scene.push(
        scene.ann, scene.book.item(scene.edit(amount_fen=98_000), scene.ann, change_id=first.change.id)
    )
    return scene.case("refused", "id_reused")


def _tx_member(scene: Scene) -> Case:
    tx = identity("group")
    wrong = scene.step(scene.finding, "finding", "draft", "confirmed")
    scene.push(scene.ann, *(grouped(draft, tx) for draft in (wrong, scene.edit(amount_fen=98_000))))
    return scene.case("refused", "tx_member")


def _record_voided(scene: Scene) -> Case:
    scene.push(scene.lea, Draft("void", "finding", scene.finding, base=scene.book.base(scene.finding)))
    scene.pull()
    scene.push(scene.ann, scene.edit(amount_fen=98_000))
    return scene.case("refused", "record_voided")


def _conflict_open(scene: Scene) -> Case:
    at = scene.book.records[scene.inspection].version
    scene.act(scene.people["supervisor"], scene.step(scene.inspection, "inspection", "draft", "approved", at))
    contest = scene.book.records[scene.finding].version
    scene.push(scene.lea, scene.edit(contest, amount_fen=152_000))
    scene.push(scene.ann, scene.edit(contest, amount_fen=98_000))
    desk = Draft("edit", "finding", scene.finding, {"amount_fen": 1}, base=scene.book.base(scene.finding))
    (outcome,) = scene.book.act(scene.people["lead"], desk)
    assert outcome.code == "conflict_open", outcome
    return scene.case("conflict")


STORIES: dict[str, Story] = {
    "a float in a line is not canonical": _refused("not_canonical", _not_canonical),
    "an op that there is not is malformed": _refused("malformed", _malformed),
    "a private line with another text is malformed": _refused(
        "malformed", lambda scene: _with_private(scene, _other_text)
    ),
    "a private line with a blank is the fault of its change": _refused(
        "malformed", lambda scene: _with_private(scene, _blank)
    ),
    "a private line without a kind is the fault of its change": _refused(
        "malformed", lambda scene: _with_private(scene, _no_longer_one)
    ),
    "a change without its private line is malformed": _refused(
        "malformed", lambda scene: (_with_private(scene, bytes)[0], ())
    ),
    "a line of over 64 KiB is too large": _refused("too_large", _too_large),
    "a field that there is not is unknown": _refused(
        "unknown_field", lambda scene: line_of(scene, set={"colour": "red"})
    ),
    "an amount below nothing is a bad value": _refused("bad_value", lambda scene: scene.edit(amount_fen=-1)),
    "a violation that no list has is a bad code": _refused(
        "bad_code", lambda scene: scene.edit(violation_code="Not A Code")
    ),
    "a record cannot be made twice": _refused("record_exists", lambda scene: scene.draft()),
    "who is not of the team may not write": _refused(
        "not_allowed",
        lambda scene: Draft("edit", "inspection", scene.inspection, {"mode": "covert"}, base=None),
    ),
    "a step that no edge allows is a bad transition": _refused(
        "bad_transition", lambda scene: scene.step(scene.finding, "finding", "draft", "heard")
    ),
    "a base beyond the head is ahead": _refused("base_ahead", _base_ahead),
    "a base that is no version of the record is unknown": _refused("base_unknown", _base_unknown),
    "a base of another epoch is unknown": _refused("base_unknown", _other_epoch),
    "an id may not be used twice": _id_reused,
    "a group falls with its member": _tx_member,
    "what was void at its base is not edited": _record_voided,
    "the desk writes nothing into an open conflict": _conflict_open,
}
