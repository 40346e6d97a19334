"""What a photo is to show, and the colours of the things in it."""

from dataclasses import dataclass
from typing import Literal

from mobile_stub.scenery.lens import Colour

WALLS: tuple[Colour, ...] = ((232, 232, 226), (226, 232, 234), (236, 230, 220))
FLOORS: tuple[Colour, ...] = ((186, 184, 174), (170, 182, 186), (196, 182, 160), (160, 172, 160))
PACKETS: tuple[Colour, ...] = (
    (232, 234, 232), (60, 120, 180), (196, 70, 62), (70, 150, 110), (226, 170, 70), (236, 214, 120),
    (120, 96, 160), (210, 226, 236), (236, 200, 196), (38, 84, 128),
)  # fmt: skip
INK: Colour = (12, 12, 14)
PAPER: Colour = (252, 252, 250)


@dataclass(frozen=True)
class Scene:
    """What the photo shows; label and challenge in ASCII, as on plates and cards.

    label: the bed's code, or the shelf's in a pharmacy
    occupied: whether somebody lies in the bed
    challenge: the characters on the card that proves when a remote round's photo was taken
    """

    kind: Literal["ward", "pharmacy"]
    label: str
    occupied: bool = True
    challenge: str | None = None
