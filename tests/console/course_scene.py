"""Small steps in courses: somebody takes a step by the desk's own function, or by a program's address."""

from __future__ import annotations

from typing import Any

from werkzeug.test import TestResponse

from server.accounts import users
from server.casework import stepping
from server.casework.all_courses import COURSES
from tests.security.access.targets import Place
from tests.server.desk_client import Desk
from tests.server.world import PASSWORD, World


def person(world: World, login: str, *roles: str, region: str = "341502") -> str:
    """Let somebody in with some roles, once; return the login."""
    if login not in world.users:
        new = users.check(login=login, name=f"测试甲{login}", roles=roles, region=region)
        world.users[login], _ = users.enlist(world.services, new, PASSWORD)
    return login


def case_of(world: World) -> str:
    """Return a fresh case."""
    return Place("here", world).target("case", fresh=True)


def begin(world: World, noun: str, by: str = "supervisor", /, **given: Any) -> str:
    """Let a record of a course come to be."""
    return stepping.begin(world.services, world.users[by], COURSES[noun], given).id


def take(world: World, noun: str, record: str, step: str, by: str = "supervisor", /, **given: Any) -> None:
    """Take a step of a record as it stands."""
    version = world.record(record).version
    stepping.take(world.services, world.users[by], COURSES[noun], record, step, given, version=version)


def send(world: World, who: str, noun: str, record: str, step: str, /, **given: Any) -> TestResponse:
    """Take a step of a record as a program does."""
    body = {"version": world.record(record).version, **given}
    return Desk(world, who).send(f"/api/{noun}/{record}/{step}", body)


def today(world: World) -> str:
    """Return the day it is."""
    return world.services.today().isoformat()
