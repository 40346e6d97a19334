"""Who comes to the API besides the people of the small world: those who may read nothing at the desk."""

from __future__ import annotations

from server.accounts import users
from tests.server.world import PASSWORD, World

OUTSIDERS = {"admin": "admin", "idle": "inspector", "portal": "institution_user"}
"""Login: role. `idle` belongs to no inspection; `portal` is a user of the world's own hospital."""


def let_in(world: World) -> None:
    """Give them access."""
    for number, (login, role) in enumerate(OUTSIDERS.items(), start=50):
        own = world.hospital if role == "institution_user" else None
        new = users.check(
            login=login, name=f"测试甲{number:03d}", roles=(role,), region="341502", institution=own
        )
        world.users[login], _ = users.enlist(world.services, new, PASSWORD)
