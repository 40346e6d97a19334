"""Each state machine of the field, spelled out here and compared with its declaration in both directions."""

from __future__ import annotations

from itertools import product

import pytest

from schemas.records import TYPES
from tests.schemas.samples import MACHINE, ROLES, chosen, standing_at

MACHINES = {
    "inspection": """
        draft > approved: supervisor
        approved > on_site: lead member
        on_site > record_signed: lead
        record_signed > submitted: lead
        submitted > accepted: supervisor
        submitted < returned: supervisor
        returned > submitted: lead
        accepted > archived: supervisor
    """,
    "ward_round": """
        planned > sampled: lead machine member supervisor
        sampled > in_progress: lead machine member
        in_progress > explanation_open: lead machine member
        in_progress > concluded: lead member
        explanation_open > concluded: lead member
        concluded > confirmed: supervisor
    """,
    "random_draw": """
        ordered > drawn: supervisor
    """,
    "evidence": """
        captured > uploaded: machine
        uploaded > pending_review: machine
        pending_review > approved: supervisor
        pending_review > returned: supervisor
        pending_review > rejected: supervisor
        approved < pending_review: second_reviewer supervisor
        returned < pending_review: lead member second_reviewer supervisor
        rejected < pending_review: second_reviewer supervisor
        approved > superseded: supervisor
    """,
    "finding": """
        draft > proposed: lead member
        proposed > heard: lead machine member
        heard > confirmed: supervisor
        heard > withdrawn: supervisor
        proposed > withdrawn: supervisor
        confirmed > in_case: supervisor
    """,
    "rectification_case": """
        assigned > notified: machine supervisor
        notified > rectifying: machine supervisor
        rectifying > report_submitted: machine supervisor
        report_submitted > verifying: supervisor
        verifying > closed: supervisor
        verifying < returned: supervisor
        returned > rectifying: supervisor
        closed > satisfied: supervisor
        closed < reopened: supervisor
        reopened > rectifying: supervisor
    """,
    "passkey": """
        active > removed: admin machine
    """,
    "notice": """
        draft > signed_off: leader supervisor
        signed_off > issued: supervisor
        issued > served: machine supervisor
        served > acknowledged: institution_user machine supervisor
    """,
    "sanction": """
        proposed > told_party: supervisor
        told_party > legal_reviewed: legal_reviewer
        legal_reviewed > decided: leader
        legal_reviewed < proposed: leader
        decided > served: supervisor
        served > executing: supervisor
        executing > done: supervisor
        served > appealed: supervisor
        executing > appealed: supervisor
        appealed < decided: leader
        appealed > revoked: leader
    """,
    "rectification_report": """
        draft > submitted: institution_user supervisor
        submitted > accepted: supervisor
        submitted > returned: supervisor
    """,
    "interview": """
        planned > invited: leader supervisor
        invited > held: leader supervisor
        held > signed: leader supervisor
        invited > missed: leader supervisor
        missed < invited: leader supervisor
        planned > cancelled: leader supervisor
        invited > cancelled: leader supervisor
    """,
    "appeal": """
        filed > accepted: supervisor
        filed > rejected: supervisor
        accepted > decided: leader
        filed > withdrawn: institution_user supervisor
        accepted > withdrawn: institution_user supervisor
    """,
    "recovery": """
        found > agreed: supervisor
        agreed > partly_paid: supervisor
        agreed > paid: supervisor
        partly_paid > paid: supervisor
        found > written_off: leader
        agreed > written_off: leader
        partly_paid > written_off: leader
    """,
    "extension": """
        asked > granted: supervisor
        asked > refused: supervisor
        asked > withdrawn: institution_user supervisor
    """,
    "petition": """
        received > assigned: supervisor
        received > transferred: supervisor
        received > rejected: supervisor
        assigned > handling: supervisor
        handling > answered: supervisor
        handling > transferred: supervisor
        answered > satisfied: supervisor
        answered < handling: supervisor
    """,
    "task": """
        open > taken: lead leader legal_reviewer member second_reviewer supervisor
        open > done: lead leader legal_reviewer member second_reviewer supervisor
        taken > done: lead leader legal_reviewer member second_reviewer supervisor
        taken < open: lead leader legal_reviewer member second_reviewer supervisor
        open > dropped: machine supervisor
        taken > dropped: machine supervisor
    """,
    "recusal": """
        planned > standing: admin inspector lead_inspector leader legal_reviewer machine second_reviewer supervisor
        planned > lifted: admin machine supervisor
        standing > lifted: admin machine supervisor
        planned > ended: admin machine supervisor
        standing > ended: admin machine supervisor
    """,
    "working_calendar": """
        imported > in_force: machine
    """,
    "bulletin": """
        draft > issued: supervisor
        issued > withdrawn: supervisor
    """,
}
"""Each step with who may take it. `>` is a forward edge; `<` leads back, and settles no race."""
FIRST = {
    "passkey": "active",
    "inspection": "draft",
    "ward_round": "planned",
    "random_draw": "ordered",
    "evidence": "captured",
    "finding": "draft",
    "rectification_case": "assigned",
    "notice": "draft",
    "sanction": "proposed",
    "rectification_report": "draft",
    "interview": "planned",
    "appeal": "filed",
    "recovery": "found",
    "extension": "asked",
    "petition": "received",
    "task": "open",
    "recusal": "planned",
    "working_calendar": "imported",
    "bulletin": "draft",
}
Step = tuple[str, str]


def spelled(kind: str) -> dict[Step, tuple[bool, frozenset[str]]]:
    """Return the table's steps of a type: whether forward, and the roles."""
    found = {}
    for line in MACHINES[kind].split("\n"):
        if line.strip():
            step, roles = line.split(":")
            source, way, target = step.split()
            found[source, target] = (way == ">", frozenset(roles.split()))
    return found


@pytest.mark.parametrize("kind", MACHINES)
def test_the_declaration_has_exactly_the_steps_of_the_field(kind):
    declared = {(e.source, e.target): (e.forward, e.right.roles) for e in TYPES[kind].edges}
    assert declared == spelled(kind)
    assert {name for step in declared for name in step} == {stage.name for stage in TYPES[kind].stages}
    assert TYPES[kind].stages[0].name == FIRST[kind]


@pytest.mark.parametrize("kind", MACHINES)
def test_a_step_of_the_table_is_taken_and_every_other_is_refused(kind):
    table = spelled(kind)
    for source, target in product([stage.name for stage in TYPES[kind].stages], repeat=2):
        found, record = standing_at(kind, source)
        who = chosen(table[source, target][1]) if (source, target) in table else "supervisor"
        outcome = found.step(who, record, target)
        assert outcome.in_force == ((source, target) in table), (source, target, outcome)
        if not outcome.in_force:
            assert (outcome.code, outcome.field) == ("bad_transition", "stage")


@pytest.mark.parametrize("kind", MACHINES)
def test_a_step_is_refused_to_everybody_whom_the_table_does_not_name(kind):
    for (source, target), (_, allowed) in spelled(kind).items():
        found, record = standing_at(kind, source)
        for role in sorted({*ROLES} - allowed):
            outcome = found.step(role, record, target)
            assert (outcome.verdict, outcome.code) == ("refused", "not_allowed"), (source, target, role)


@pytest.mark.parametrize("kind", MACHINES)
def test_a_step_from_another_stage_than_the_one_it_stands_at_is_refused(kind):
    table = spelled(kind)
    for standing in {place for step in table for place in step}:
        found, record = standing_at(kind, standing)
        for (source, target), (_, roles) in table.items():
            if source != standing:
                outcome = found.step(chosen(roles), record, target, source=source)
                assert (outcome.verdict, outcome.code) == ("refused", "bad_transition"), (source, standing)


def test_no_role_but_the_server_takes_a_step_that_the_server_alone_takes():
    lonely = [
        (kind, step) for kind in MACHINES for step, (_, roles) in spelled(kind).items() if roles == {MACHINE}
    ]
    assert lonely == [
        ("evidence", ("captured", "uploaded")),
        ("evidence", ("uploaded", "pending_review")),
        # A table of days is in force once the server has moved the deadlines that it touches.
        ("working_calendar", ("imported", "in_force")),
    ], "what else the server does, a person can do too"
