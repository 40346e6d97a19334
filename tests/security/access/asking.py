"""Asking: one address as one person, and the answers that the promise allows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from flask import Flask
from werkzeug.routing import Rule as Address
from werkzeug.test import TestResponse

from schemas.drafting import Draft
from server.console.desk import FOR_EVERYBODY
from tests.security.access import asked, rules
from tests.security.access.people import HERE, PEOPLE, THERE, Person, let_in
from tests.security.access.targets import BESIDE, OF_ADMINS, OF_NO_TEAM, Place
from tests.security.access.vocabulary import (
    ACT,
    ELSEWHERE,
    IN_SCOPE,
    OF_DEVICES,
    OPEN_ELSEWHERE,
    OPEN_TO_ALL,
    Rule,
)
from tests.server.desk_client import Desk
from tests.server.world import World, beside

REFUSED_PHONE = frozenset({400, 401, 412, 415})
PAGES = ("console.", "portal.", "ack.")
"""Addresses where a person asks; all others answer programs."""
ANYTHING = frozenset(range(200, 500))


class Matrix:
    """Two counties with their people, everybody signed in once."""

    def __init__(self, world: World):
        self.app = world.installation.app
        let_in(world)
        world.act(
            Draft("edit", "inspection", world.inspection, {}, add={"members": [world.users["both"]]}),
            by="supervisor",
        )
        self.places = {
            HERE: Place(HERE, world),
            THERE: Place(THERE, beside(world, team=("farlead", "farmember"))),
        }
        self.nobody = Desk(world)
        self._acting = ""
        self.desks = {person.login: Desk(world, person.login) for person in PEOPLE}

    def ask(self, name: str, person: Person | None, place: str) -> Iterator[tuple[str, TestResponse]]:
        """Yield (address, answer) of each way of asking, as one person, for what lies in one place."""
        rule = rules()[name]
        here = self.places[place]
        self._acting, again = name, self._acting == name
        for address, method in asked(self.app)[name]:
            key = here.target(rule.kind, fresh=rule.sort == ACT and not again) if rule.kind else ""
            body = rule.body(here, key) if rule.body else {}
            path = _filled(self.app, address, rule, key)
            desk = self._desk(person, fresh=bool(rule.tested))
            given: dict[str, Any] = {"method": method, "query_string": dict(rule.query)}
            if method not in ("GET", "HEAD", "OPTIONS"):
                # What a test of its own shows is not done here: it might disable who is to ask for the next address.
                held = rule.sort == ELSEWHERE and person is not None
                given["headers"] = {} if held else {"X-CSRFToken": desk.token()}
                given["json" if path.startswith("/api/") else "data"] = dict(body)
            answer = desk.client.open(path, buffered=True, **given)
            if rule.sort == ACT and answer.status_code < 400:
                here.known.pop(rule.kind)  # What was acted on is none for the next to act on.
            yield f"{method} {path}", answer

    def _desk(self, person: Person | None, *, fresh: bool) -> Desk:
        """Return somebody's browser; fresh: one of its own, which the request may sign out."""
        if person is None:
            return self.nobody
        if fresh or self.desks[person.login].get("/api/session").json["user"] is None:
            # Some addresses end sessions: whoever was signed out by the address before signs in again.
            self.desks[person.login] = Desk(self.places[HERE].world, person.login)
        return self.desks[person.login]


def _filled(app: Flask, address: Address, rule: Rule, key: str) -> str:
    given = {name: rule.fills.get(name, key or "0" * 64) for name in address.arguments}
    return app.url_map.bind("localhost").build(address.endpoint, given, method=None)


def expected(rule: Rule, person: Person | None, place: str, *, program: bool) -> frozenset[int]:
    """Return the answers that the promise allows."""
    if rule.sort == OPEN_TO_ALL:
        return frozenset({rule.status})
    if rule.sort in (OF_DEVICES, OPEN_ELSEWHERE):
        return REFUSED_PHONE if rule.sort == OF_DEVICES else ANYTHING
    if person is None:
        return frozenset({401 if program else 303})
    if rule.sort == ELSEWHERE:
        return ANYTHING  # Who of them may look, a test of its own shows.
    if person.recused:
        return _recused(rule, person, place)
    if rule.kind and not person.sees(
        place, of_team=rule.kind not in OF_NO_TEAM, of_admins=rule.kind in OF_ADMINS
    ):
        return frozenset({404})
    if rule.may is not None and person.login not in rule.may:
        return frozenset({403})
    return frozenset({rule.status})


def _of_a_party(name: str, rule: Rule, wanted: frozenset[int]) -> frozenset[int]:
    """Return the answers of the desk to an institution's user: none of it is his but what is about his account."""
    if name == "console.home":
        return frozenset({303})
    # Where a form is held back without its token, that is missed before anything else is asked.
    return wanted if _shared(name) else frozenset({403, 400} if rule.sort == ELSEWHERE else {403})


def _shared(name: str) -> bool:
    """Return whether a page of the desk is an institution's user's too: those about his own session and account."""
    return name.removeprefix("console.").partition(" ")[0] in FOR_EVERYBODY


def _recused(rule: Rule, person: Person, place: str) -> frozenset[int]:
    """Return the answers for whoever is recused: refused at all that lies there, elsewhere as any of his role."""
    if rule.kind and place == person.recused and rule.kind not in BESIDE:
        return frozenset({403, 404})
    return frozenset({404}) if rule.kind and place != person.recused else ANYTHING


def faults(matrix: Matrix, name: str, people: Iterable[Person | None]) -> list[str]:
    """Return where an answer is another than the promise allows."""
    rule, found = rules()[name], []
    places = (HERE, THERE) if rule.sort in (IN_SCOPE, ACT) else (HERE,)
    for place in places:
        for person in people:
            for address, answer in matrix.ask(name, person, place):
                program = not name.startswith(PAGES)
                wanted = expected(rule, person, place, program=program)
                if person is not None and person.is_party and name.startswith("console."):
                    wanted = _of_a_party(name, rule, wanted)
                login = person.login if person else "nobody"
                if answer.status_code not in wanted:
                    told = f"{login}, {place}, {address}: {answer.status_code}, not {sorted(wanted)[:5]}"
                    found.append(f"{told} {answer.text[:300] if program else ''}")
                elif answer.status_code == 303 and person is None and "/sign-in" not in answer.location:
                    found.append(f"nobody, {place}, {address}: led to {answer.location}")
    return found
