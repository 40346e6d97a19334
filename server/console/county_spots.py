"""Where a county's tile lies on the desk's grid: (column, row), roughly as on a map; others follow in their order.

Tiles of one size show a small county as plainly as a large one, and need no drawn border.
"""

from __future__ import annotations

from collections.abc import Mapping

SPOTS: Mapping[str, tuple[int, int]] = {
    "341522": (2, 1),
    "341504": (1, 2),
    "341503": (2, 2),
    "341502": (3, 2),
    "341524": (1, 3),
    "341525": (2, 3),
    "341523": (3, 3),
}
"""The counties of the demo city."""
