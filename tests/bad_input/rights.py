"""What no line shows by itself: bases, records, scopes, roles, stages, groups and ids that do not fit the ledger."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from schemas.drafting import Draft
from sync import lines
from sync.changes import Anchor, At
from tests.bad_input.case import APPLIED, Case, Do
from tests.bad_input.scene import Scene, look_size
from tests.bad_input.spoiling import body, sound
from tests.intake.caller import caller
from tests.server.pushing import user

OTHER_EPOCH = "ab" * 16


def edit_at(distance: int | None, *, epoch: str = "") -> Do:
    """Edit a finding on a base so far from its own version; None: the ledger's end."""

    def do(scene: Scene) -> Any:
        made = scene.city.finding()
        (index,) = scene.settled(made)
        scene.settled(scene.city.finding())
        at = look_size(scene.installation) + 5 if distance is None else index + distance
        base = (epoch or scene.at(0)[0], at)
        return scene.put_drafts(Draft("edit", "finding", made.record, {"amount_fen": 7}, base=base))

    return do


def based_create(scene: Scene) -> Any:
    """Create a finding and name a base."""
    return scene.put_drafts(replace(scene.city.finding(), base=scene.at(0)))


def anchored(beyond: int) -> Do:
    """Send a finding whose anchor lies so far from the ledger's end."""

    def do(scene: Scene) -> Any:
        epoch, index = scene.at(look_size(scene.installation) - 1 + beyond)
        now = scene.installation.services.now_ms()
        return scene.put_drafts(
            scene.city.finding(), at=At(now, 5, "t", Anchor(epoch, index, now, 1, 2, "t"))
        )

    return do


def elsewhere(scene: Scene) -> Any:
    """Edit a record that another ledger has."""
    return scene.put_drafts(Draft("edit", "finding", scene.city.id(), {"amount_fen": 7}))


def pointing_elsewhere(scene: Scene) -> Any:
    """Create a finding in an inspection that another ledger has."""
    return scene.put_drafts(scene.city.finding(inspection=scene.city.id()))


def stranger(scene: Scene) -> Any:
    """Create a finding in an inspection of others."""
    person = user(scene.installation, f"s{look_size(scene.installation)}", "测试甲007", "inspector")
    scene.act(person)
    scene.phone = caller(scene.installation, person.record)
    return scene.put_drafts(scene.city.finding())


def of_another_type(scene: Scene) -> Any:
    """Edit an inspection as if it were a finding."""
    return scene.put_drafts(Draft("edit", "finding", scene.city.inspection, {"amount_fen": 7}))


def step(source: str, target: str, *, member: bool = False) -> Do:
    """Take a step of an inspection that is on site, by its lead or by a member."""

    def do(scene: Scene) -> Any:
        inspection = scene.on_site()
        base = scene.at(look_size(scene.installation) - 1)
        if member:
            scene.phone = caller(scene.installation, scene.city.phones[1].user)
        stage = {"stage": {"from": source, "to": target}}
        return scene.put_drafts(Draft("edit", "inspection", inspection, stage, base=base))

    return do


def server_field(scene: Scene) -> Any:
    """Let a phone plan an inspection, which is the supervisor's."""
    values = {"kind": "routine_check", "mode": "open", "institution": scene.city.institution,
              "lead": scene.phone.user, "planned_on": "2026-11-17"}  # fmt: skip
    return scene.put_drafts(Draft("create", "inspection", scene.city.id(), values))


def frozen(scene: Scene) -> Any:
    """Record in an inspection that is signed, never having seen that it is."""
    inspection = scene.on_site()
    base = scene.at(look_size(scene.installation) - 1)
    signed = {"stage": {"from": "on_site", "to": "record_signed"}}
    scene.settled(Draft("edit", "inspection", inspection, signed, base=base))
    epoch, index = base
    now = scene.installation.services.now_ms()
    scene.phone = caller(scene.installation, scene.city.phones[1].user)
    at = At(now, 5, "t", Anchor(epoch, index, now, 1, 2, "t"))
    return scene.put_drafts(scene.city.finding(inspection=inspection), at=at)


def voided(scene: Scene) -> Any:
    """Edit a finding that was void when its form was opened."""
    made = scene.city.finding()
    (index,) = scene.settled(made)
    (gone,) = scene.settled(Draft("void", "finding", made.record, base=scene.at(index)))
    return scene.put_drafts(Draft("edit", "finding", made.record, {"amount_fen": 7}, base=scene.at(gone)))


def created_twice(scene: Scene) -> Any:
    """Create a record that is there."""
    made = scene.city.finding()
    scene.settled(made)
    return scene.put_drafts(made)


def group(good: bool) -> Do:
    """Send a group of three and one change beside it; unless all is good, the second member is not."""

    def do(scene: Scene) -> Any:
        tx = scene.city.id()
        members = [replace(scene.city.finding(), tx=tx) for _ in range(3)]
        if not good:
            members[1] = replace(members[1], values={**members[1].values, "amount_fen": -1})
        return scene.put_drafts(*members, scene.city.finding())

    return do


def same_id(*, same_line: bool) -> Do:
    """Send a change whose id was used before, for the same line or for another."""

    def do(scene: Scene) -> Any:
        written = scene.lines()
        scene.put_lines(written)
        scene.phone.moved(scene.text)
        other = body(lambda found: found | {"set": {**found["set"], "amount_fen": 7}})
        return scene.put_lines(written if same_line else [other(written[0])])

    return do


def one_id_twice(scene: Scene) -> Any:
    """Send one id for two lines of one set."""
    first, second = scene.lines(scene.city.finding(), scene.city.finding())
    key = lines.decode(first[0])["id"]
    return scene.put_lines([first, body(lambda found: found | {"id": key})(second)])


def own_step(scene: Scene) -> Any:
    """Approve, by phone, evidence that the phone's own user captured; the user is a supervisor too."""
    person = user(
        scene.installation, f"b{look_size(scene.installation)}", "测试甲008", "inspector", "supervisor"
    )
    scene.act(person)
    inspection = scene.on_site()
    scene.act(
        Draft("edit", "inspection", inspection, add={"members": [person.record]}), by=scene.city.supervisor
    )
    scene.phone = caller(scene.installation, person.record)
    values = {
        "inspection": inspection, "kind": "audio_visual", "digest": "1" * 64, "size": 1,
        "media_type": "image/jpeg", "cipher_digest": scene.city.id().replace("-", "").ljust(64, "0"),
        "cipher_size": 24, "file_key": "A" * 43,
    }  # fmt: skip
    made = Draft("create", "evidence", scene.city.id(), values)
    scene.settled(made)
    for source, target in (("captured", "uploaded"), ("uploaded", "pending_review")):
        scene.act(Draft("edit", "evidence", made.record, {"stage": {"from": source, "to": target}}))
    base = scene.at(look_size(scene.installation) - 1)
    stage = {"stage": {"from": "pending_review", "to": "approved"}}
    return scene.put_drafts(Draft("edit", "evidence", made.record, stage, base=base))


CASES = (
    Case("a base beyond the ledger", edit_at(None), entries=("refused base_ahead",), field="base",
         twin=edit_at(0), postgres=True),
    Case("a base that is no version of the record", edit_at(1), entries=("refused base_unknown",), field="base",
         twin=edit_at(0)),
    Case("a base of an epoch that there never was", edit_at(0, epoch=OTHER_EPOCH),
         entries=("refused base_unknown",), field="base", twin=edit_at(0)),
    Case("a create with a base", based_create, entries=("refused base_unknown",), field="base", twin=sound()),
    Case("an anchor beyond the ledger", anchored(1), entries=("refused base_ahead",), field="at",
         twin=anchored(0)),
    Case("an edit of another ledger's record", elsewhere, entries=("held",), note="it waits for the record",
         twin=edit_at(0), postgres=True),
    Case("a record in another ledger's inspection", pointing_elsewhere, entries=("held",),
         note="it waits for the inspection", twin=sound()),
    Case("a record in another team's inspection", stranger, entries=("refused not_allowed",), twin=sound(),
         stopped="201", postgres=True),
    Case("an edit of a record as another type", of_another_type, entries=("refused bad_value",), field="type",
         twin=edit_at(0)),
    Case("a step that the stage forbids", step("on_site", "archived"), entries=("refused bad_transition",),
         field="stage", twin=step("on_site", "record_signed"), postgres=True),
    Case("a step from another stage than the record's", step("record_signed", "submitted"),
         entries=("refused bad_transition",), field="stage", twin=step("on_site", "record_signed")),
    Case("a step that belongs to another role", step("on_site", "record_signed", member=True),
         entries=("refused not_allowed",), field="stage", twin=step("on_site", "record_signed"), postgres=True),
    Case("a record that phones do not make", server_field, entries=("refused not_allowed",), twin=sound()),
    Case("work on an inspection that was signed meanwhile", frozen, entries=("late not_allowed",),
         note="a supervisor adopts it or sets it aside", twin=sound()),
    Case("approval of one's own work, by phone", own_step, entries=("refused not_allowed",), field="stage",
         note="phones act by team roles alone", stopped="201"),
    Case("an edit of what was void at its base", voided, entries=("refused record_voided",), twin=edit_at(0)),
    Case("a create of what is there", created_twice, entries=("refused record_exists",), field="record",
         twin=sound()),
    Case("a group with a bad member", group(False),
         entries=("refused tx_member", "refused bad_value", "refused tx_member", APPLIED), field="amount_fen",
         kept="bad_value",
         note="`because` names the member at fault", twin=group(True), postgres=True),
    Case("a change id that stood for another line", same_id(same_line=False), entries=("refused id_reused",),
         field="id", twin=sound()),
    Case("a change that was here before, in another set", same_id(same_line=True), entries=("same (repeated)",)),
    Case("one change id for two lines of a set", one_id_twice, entries=(APPLIED, "refused id_reused"),
         field="id", twin=sound(2)),
)  # fmt: skip
