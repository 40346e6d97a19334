"""Ways to spoil a valid message: its bytes, its lines, its JSON tree. Most of what is valid is kept.

Everything is drawn from the Random that is handed in, so one number stands for one example.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Sequence
from copy import deepcopy
from random import Random
from typing import Any

from sync import lines
from sync.errors import NotCanonical

Spoiler = Callable[[Random], bytes]
Path = tuple[Any, ...]
TOKENS: tuple[bytes, ...] = (
    b"\x00", b"\xff", b"\n", b"\r\n", b"\n\n", b'"', b"\\", b"{", b"}", b"[]", b"{}", b"null", b"true", b"-0",
    b"1e9", b"0.5", b"NaN", b"9007199254740992", b"9" * 400, b"9" * 5_000, b"\xed\xa0\x80", rb"\ud800",
    rb"\u0000", b"\xef\xbb\xbf", b"..", b"/", b"../", b"%00", b"%", b"=", b"==", b"+", b",", b";", b":", b" ",
    b"\t", "床".encode(), "\u202e".encode(), "١".encode(), b"A" * 70, b"[" * 40, b"'", b"<script>",
    b"x" * 5_000, b"[" * 20_000,
)  # fmt: skip
ODD: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**53 - 1, 2**53, -(2**53), 10**40, 0.5, math.nan, math.inf, "", "\x00",
    "\ud800", "x" * 300, "床" * 50, "0" * 64, "-1", "١", "null", "2026-02-30", "NaN", "a\nb", [], {}, [[]],
    [None], [{}], {"": 0}, {"from": "x", "to": "y"}, {"set": {}}, "01900000-0000-7000-8000-000000000000",
    [0] * 70, {"x": {"y": []}}, "A" * 22, "0" * 32,
)  # fmt: skip
NAMES = ("", "x", "op", "kind", "private", "stage", "\x00", "金额", "a" * 200, "__class__", "self")
MUTATIONS_MAX = 4
DEEP = 20


def few(random: Random) -> int:
    """Return how many places to spoil: mostly one or two, sometimes none."""
    return random.choices(range(MUTATIONS_MAX + 1), (1, 8, 4, 2, 1))[0]


# -- bytes ---------------------------------------------------------------------------------------------


def spoilt_bytes(seeds: Sequence[bytes]) -> Spoiler:
    """Return what spoils some bytes of one of the seeds."""

    def spoil(random: Random) -> bytes:
        raw = bytearray(random.choice(seeds))
        for _ in range(few(random)):
            random.choice(BYTE_MUTATIONS)(random, raw, random.randint(0, len(raw)), seeds)
        return bytes(raw)

    return spoil


def _flip(random: Random, raw: bytearray, at: int, _: Sequence[bytes]) -> None:
    if at < len(raw):
        raw[at] ^= 1 << random.randrange(8)


def _any(random: Random, raw: bytearray, at: int, _: Sequence[bytes]) -> None:
    raw[at : at + 1] = random.randbytes(random.choice((1, 1, 4, 32)))


def _put(random: Random, raw: bytearray, at: int, _: Sequence[bytes]) -> None:
    raw[at:at] = random.choice(TOKENS)


def _overwrite(random: Random, raw: bytearray, at: int, _: Sequence[bytes]) -> None:
    token = random.choice(TOKENS)
    raw[at : at + len(token)] = token


def _cut(random: Random, raw: bytearray, at: int, _: Sequence[bytes]) -> None:
    del raw[at : at + random.choice((1, 1, 2, 7, 40, len(raw)))]


def _double(random: Random, raw: bytearray, at: int, _: Sequence[bytes]) -> None:
    raw[at:at] = raw[at : at + random.choice((1, 4, 33, 200))] * random.choice((1, 2, 50))


def _splice(random: Random, raw: bytearray, at: int, seeds: Sequence[bytes]) -> None:
    other = random.choice(seeds)
    raw[at:] = other[random.randint(0, len(other)) :]


BYTE_MUTATIONS = (_flip, _flip, _any, _put, _overwrite, _cut, _double, _splice)


# -- lines ---------------------------------------------------------------------------------------------


def spoilt_lines(seeds: Sequence[Sequence[bytes]]) -> Spoiler:
    """Return what spoils the lines of one of the seeds: left out, doubled, swapped, spoilt, or foreign ones."""

    def spoil(random: Random) -> bytes:
        rows = list(random.choice(seeds))
        for _ in range(few(random)):
            _spoil_rows(random, rows, seeds)
        return b"\n".join(rows)

    return spoil


def _spoil_rows(random: Random, rows: list[bytes], seeds: Sequence[Sequence[bytes]]) -> None:
    kind = random.choice(("leave out", "double", "swap", "bytes", "tree", "tree", "foreign"))
    if not rows or kind == "foreign":
        rows.insert(random.randint(0, len(rows)), random.choice(random.choice(seeds)))
        return
    at, other = random.randrange(len(rows)), random.randrange(len(rows))
    if kind == "leave out":
        del rows[at]
    elif kind == "double":
        rows[at:at] = rows[at : at + 2] * random.choice((1, 1, 20))
    elif kind == "swap":
        rows[at], rows[other] = rows[other], rows[at]
    elif kind == "bytes":
        rows[at] = spoilt_bytes(rows)(random)
    else:
        rows[at] = _respelt(random, rows[at])


def _respelt(random: Random, row: bytes) -> bytes:
    try:
        tree = json.loads(row)
    except (ValueError, RecursionError):
        return row
    return spelt(spoil_tree(random, tree))


# -- JSON trees ----------------------------------------------------------------------------------------


def spelt(tree: Any) -> bytes:
    """Return a tree's canonical bytes, or the nearest spelling where it has none."""
    try:
        return lines.encode(tree)
    except NotCanonical:
        loose = json.dumps(tree, ensure_ascii=False, separators=(",", ":"))
        return loose.encode("utf-8", "surrogatepass")


def spoilt_json(seeds: Sequence[Any]) -> Spoiler:
    """Return what spoils the tree of one of the seeds, and sometimes the bytes of its spelling."""

    def spoil(random: Random) -> bytes:
        raw = spelt(spoil_tree(random, random.choice(seeds)))
        return spoilt_bytes([raw])(random) if random.random() < 0.1 else raw

    return spoil


def spoil_tree(random: Random, tree: Any) -> Any:
    """Return a copy of a tree with some places spoilt."""
    box = [deepcopy(tree)]
    for _ in range(few(random)):
        places = paths(box)
        if not places:
            break
        path = random.choice(places)
        random.choice(TREE_MUTATIONS)(random, box, path, places)
    return box[0] if box else None


def paths(tree: Any, below: Path = ()) -> list[Path]:
    """Return the path of every place in a tree of objects and arrays, the root's own excepted."""
    found: list[Path] = []
    steps = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for step, inner in steps:
        found.append((*below, step))
        found += paths(inner, (*below, step))
    return found


def at_path(tree: Any, path: Path) -> Any:
    """Return what stands at a path."""
    for step in path:
        tree = tree[step]
    return tree


def _odd(random: Random, box: list[Any], path: Path, _: list[Path]) -> None:
    at_path(box, path[:-1])[path[-1]] = deepcopy(random.choice(ODD))


def _graft(random: Random, box: list[Any], path: Path, places: list[Path]) -> None:
    at_path(box, path[:-1])[path[-1]] = deepcopy(at_path(box, random.choice(places)))


def _wrap(random: Random, box: list[Any], path: Path, _: list[Path]) -> None:
    parent = at_path(box, path[:-1])
    parent[path[-1]] = [parent[path[-1]]] if random.random() < 0.5 else {"x": parent[path[-1]]}


def _deepen(random: Random, box: list[Any], path: Path, _: list[Path]) -> None:
    for _ in range(random.choice((3, DEEP))):
        _wrap(random, box, path, [])


def _leave_out(_random: Random, box: list[Any], path: Path, _: list[Path]) -> None:
    if len(path) > 1:
        del at_path(box, path[:-1])[path[-1]]


def _rename(random: Random, box: list[Any], path: Path, _: list[Path]) -> None:
    parent = at_path(box, path[:-1])
    if isinstance(parent, dict):
        parent[random.choice(NAMES)] = parent.pop(path[-1])


def _nudge(random: Random, box: list[Any], path: Path, _: list[Path]) -> None:
    parent = at_path(box, path[:-1])
    value = parent[path[-1]]
    if type(value) is int:
        parent[path[-1]] = value + random.choice((-1, 1, 2**31, -(2**40)))
    elif isinstance(value, str):
        at = random.randint(0, len(value))
        parent[path[-1]] = value[:at] + random.choice(("", "a", "0", "\n", "\u0301", "_")) + value[at + 1 :]
    elif isinstance(value, list):
        parent[path[-1]] = value * random.choice((0, 2, 70))


TREE_MUTATIONS = (_odd, _odd, _odd, _graft, _wrap, _deepen, _leave_out, _leave_out, _rename, _nudge, _nudge)


def one_of(*spoilers: Spoiler) -> Spoiler:
    """Return what does one of several things."""
    return lambda random: random.choice(spoilers)(random)
