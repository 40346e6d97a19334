"""Ways to spoil one change among sound ones, signed by its phone all the same: what a faulty app sends."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

from sync import lines
from tests.bad_input.case import Do
from tests.bad_input.scene import Scene
from tests.server.pushing import Line

Spoil = Callable[[Line], Line]
GONE = object()
"""As a value: leave the member out."""


@cache
def sound(count: int = 1) -> Do:
    """Send some findings in which nothing is wrong."""
    return lambda scene: scene.put_drafts(*(scene.city.finding() for _ in range(count)))


def second_of_three(spoil: Spoil, **values: Any) -> Do:
    """Send three findings of which the second is spoilt; values: of each of them."""

    def do(scene: Scene) -> Any:
        written = scene.lines(*(scene.city.finding(**values) for _ in range(3)))
        written[1] = spoil(written[1])
        return scene.put_lines(written)

    return do


def line(spoil: Callable[[bytes], bytes]) -> Spoil:
    """Spoil the bytes of the change line."""
    return lambda written: (spoil(written[0]), written[1])


def replaced(old: bytes, new: bytes) -> Spoil:
    """Replace bytes of the change line, which must be in it."""

    def spoil(text: bytes) -> bytes:
        assert old in text, f"{old!r} is not in the line"
        return text.replace(old, new, 1)

    return line(spoil)


def member(**members: Any) -> Spoil:
    """Change members of the change; GONE leaves one out."""
    return body(lambda found: found | members)


def value(**values: Any) -> Spoil:
    """Change values of `set`."""
    return body(lambda found: found | {"set": found["set"] | values})


def body(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Spoil:
    """Change what the change line holds, and encode it canonically again."""

    def spoil(text: bytes) -> bytes:
        found = change(lines.decode(text))
        return lines.encode({name: item for name, item in found.items() if item is not GONE})

    return line(spoil)


def private(spoil: Callable[[bytes], bytes]) -> Spoil:
    """Spoil the private line; the change commits to what it has become."""

    def do(written: Line) -> Line:
        made = spoil(written[1][0])
        found = lines.decode(written[0]) | {"private": [lines.digest(made)]}
        return lines.encode(found), (made,)

    return do


def private_body(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Spoil:
    """Change what the private line holds; the change commits to it."""

    def spoil(text: bytes) -> bytes:
        found = change(lines.decode(text))
        return lines.encode({name: item for name, item in found.items() if item is not GONE})

    return private(spoil)


def behind(change: Callable[[tuple[bytes, ...]], tuple[bytes, ...]]) -> Spoil:
    """Change which private lines follow the change line, which commits to those that it had."""
    return lambda written: (written[0], change(written[1]))
