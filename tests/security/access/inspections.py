"""Inspections and their planning: pages, forms, and the same for programs."""

from __future__ import annotations

from tests.security.access.vocabulary import LISTS, Rule, lists, reads, shown_by

PLANNING = "tests/console/test_planning.py::test_who_may_not_plans_and_approves_nothing"
HANDING = "tests/console/test_handover.py::test_nobody_but_a_supervisor_of_the_place_hands_over"
DRAWING = "tests/console/test_draws.py::test_who_may_not_draws_nothing"
SCHEDULING = (
    "tests/rounds/test_schedules_at_the_desk.py::test_who_may_not_schedules_nothing_and_turns_nothing"
)
PLANNERS = "supervisor city neighbour both"

RULES: dict[str, Rule] = {
    "console.inspections": LISTS,
    "console.agenda": LISTS,
    "console.coverage": LISTS,
    "console.draws": LISTS,
    "console.draw_institutions": shown_by(DRAWING),
    "console.one_draw": reads("random_draw"),
    "console.carry_out_draw": shown_by(DRAWING, "random_draw"),
    "console.officers_draw": reads("inspection"),
    "api.list_draws": LISTS,
    "api.draw_institutions": shown_by(DRAWING),
    "api.one_draw": reads("random_draw"),
    "api.carry_out_draw": shown_by(DRAWING, "random_draw"),
    "api.officers_draw": reads("inspection"),
    "console.inspection": reads("inspection"),
    "console.handover": reads("inspection", may=PLANNERS),
    "console.hand_over": shown_by(HANDING, "inspection"),
    "api.who_could_go_on": reads("inspection", may=PLANNERS),
    "api.hand_over": shown_by(HANDING, "inspection"),
    "console.plan": lists(may=PLANNERS),
    "console.planned": shown_by(PLANNING),
    "console.bulk_plans": shown_by(PLANNING),
    "console.approve_plan": shown_by(PLANNING, "inspection"),
    "console.draw_plan": shown_by(PLANNING, "inspection"),
    "console.schedules": LISTS,
    "console.schedule": shown_by(SCHEDULING),
    "console.turn_schedule": shown_by(SCHEDULING, "schedule", step="pause"),
    "api.make_schedule": shown_by(SCHEDULING),
    "api.turn_schedule": shown_by(SCHEDULING, "schedule"),
    "api.list_inspections": LISTS,
    "api.one_inspection": reads("inspection"),
    "api.coverage": LISTS,
    "api.officers": lists(may=PLANNERS),
    "api.plan_inspections": shown_by(PLANNING),
    "api.approve_inspections": shown_by(PLANNING),
    "api.reassign_inspections": shown_by(PLANNING),
}
