"""A pharmacy: shelves of packets, a sign above them, a counter with its screen."""

import random

from PIL import Image

from mobile_stub.scenery.lens import Colour, Drawing, Lens, shaded
from mobile_stub.scenery.scene import FLOORS, INK, PACKETS, PAPER, WALLS, Scene


def draw(scene: Scene, rng: random.Random, size: tuple[int, int]) -> tuple[Image.Image, tuple[float, float]]:
    """Return the picture in even light, and where its lamp is as shares of width and height."""
    lens = Lens(rng, size, eye=(0.1, 1.58, -0.9), pitch=7, mirrored=rng.random() < 0.5)
    drawing = Drawing(lens, (230, 230, 226))
    floor = rng.choice(FLOORS)
    drawing.face([(-4, 0, -2), (4, 0, -2), (4, 0, 2.6), (-4, 0, 2.6)], floor)
    drawing.panel((-4, 4), (0, 3), 2.6, rng.choice(WALLS))
    _shelves(drawing, rng)
    shelf_sign = [(-0.35, 2.32, 2.1), (0.35, 2.32, 2.1), (0.35, 2.1, 2.1), (-0.35, 2.1, 2.1)]
    drawing.sign(shelf_sign, scene.label, ink=(250, 250, 250), paper=(44, 130, 96))
    _counter(drawing, rng, scene)
    lamp = lens.project([(0.0, 2.7, 1.0)])
    x, y = lamp[0] if lamp else (size[0] / 2, 0.0)
    return drawing.image, (x / size[0], y / size[1])


def _shelves(drawing: Drawing, rng: random.Random) -> None:
    frame = rng.choice(((240, 241, 240), (206, 188, 158), (222, 226, 230)))
    drawing.panel((-2.6, 2.6), (0, 2.1), 2.5, shaded(frame, 0.62))
    for level in range(6):
        y = 0.12 + 0.38 * level
        under = [(-2.6, y + 0.2, 2.48), (2.6, y + 0.2, 2.48), (2.6, y + 0.36, 2.48), (-2.6, y + 0.36, 2.48)]
        drawing.shadow([under], soft=0.06, strength=0.45)
        drawing.box((-2.6, 2.6), (y - 0.03, y), (2.12, 2.5), frame)
        x = -2.55
        while x < 2.5:
            colour, accent = rng.choice(PACKETS), rng.choice(PACKETS)
            wide, high, many = rng.uniform(0.05, 0.14), rng.uniform(0.07, 0.26), rng.randint(1, 4)
            for _ in range(many):
                _packet(drawing, rng, (x, y), (wide, high), (colour, accent))
                x += wide + 0.006
            if rng.random() < 0.12:
                x += rng.uniform(0.05, 0.25)
        for tag in range(16):
            drawing.panel((-2.4 + tag * 0.32, -2.31 + tag * 0.32), (y - 0.028, y - 0.002), 2.118,
                          rng.choice(((250, 250, 246), (250, 238, 130))))  # fmt: skip
    for x in (-2.6, -1.3, 0.0, 1.3, 2.57):
        drawing.box((x, x + 0.03), (0, 2.12), (2.1, 2.14), frame)


def _packet(
    drawing: Drawing, rng: random.Random, at: tuple[float, float], size: tuple[float, float],
    colours: tuple[Colour, Colour],
) -> None:  # fmt: skip
    (x, y), (wide, high), (colour, accent) = at, size, colours
    z = 2.16 + rng.uniform(0, 0.03)
    drawing.box((x, x + wide), (y, y + high), (z, 2.4), shaded(colour, rng.uniform(0.92, 1.04)))
    drawing.panel((x, x + wide), (y + high * 0.55, y + high * 0.75), z - 0.001, shaded(accent, 0.95))
    drawing.panel(
        (x + wide * 0.15, x + wide * 0.7), (y + high * 0.84, y + high * 0.9), z - 0.001, (70, 76, 90)
    )
    drawing.panel(
        (x + wide * 0.15, x + wide * 0.55), (y + high * 0.2, y + high * 0.25), z - 0.001, (110, 112, 120)
    )


def _counter(drawing: Drawing, rng: random.Random, scene: Scene) -> None:
    top: Colour = rng.choice(((214, 224, 226), (226, 218, 200), (200, 206, 210)))
    drawing.shadow([[(-3, 0, 0.9), (3, 0, 0.9), (3, 0, 1.6), (-3, 0, 1.6)]], soft=0.2, strength=0.5)
    drawing.box((-3, 3), (0, 0.92), (0.35, 1.0), top)
    drawing.face([(-3, 0.921, 0.35), (3, 0.921, 0.35), (3, 0.921, 0.42), (-3, 0.921, 0.42)], shaded(top, 1.2))
    screen = rng.uniform(0.45, 0.7)
    drawing.shadow([[(screen - 0.1, 0.922, 0.6), (screen + 0.5, 0.922, 0.6), (screen + 0.5, 0.922, 0.95),
                     (screen - 0.1, 0.922, 0.95)]], soft=0.05, strength=0.5)  # fmt: skip
    drawing.box((screen + 0.14, screen + 0.24), (0.92, 1.02), (0.8, 0.86), (50, 52, 56))
    drawing.box((screen, screen + 0.4), (1.0, 1.27), (0.76, 0.8), (44, 46, 50))
    drawing.panel((screen + 0.015, screen + 0.385), (1.015, 1.255), 0.758, (118, 160, 196))
    for line in range(6):
        wide = rng.uniform(0.1, 0.33)
        drawing.panel(
            (screen + 0.03, screen + 0.03 + wide),
            (1.21 - 0.03 * line, 1.22 - 0.03 * line),
            0.756,
            (226, 236, 244),
        )
    for _ in range(rng.randint(2, 6)):
        x, z = rng.uniform(-0.9, 0.25), rng.uniform(0.55, 0.85)
        drawing.box(
            (x, x + rng.uniform(0.08, 0.16)),
            (0.92, 0.92 + rng.uniform(0.02, 0.06)),
            (z, z + 0.1),
            rng.choice(PACKETS),
        )
    if scene.challenge:
        x = rng.uniform(-0.3, -0.15)
        card = [(x, 1.09, 0.47), (x + 0.26, 1.09, 0.47), (x + 0.26, 0.93, 0.45), (x, 0.93, 0.45)]
        drawing.shadow([[(cx + 0.02, cy - 0.02, cz) for cx, cy, cz in card]], soft=0.03, strength=0.5)
        drawing.sign(card, scene.challenge, ink=INK, paper=PAPER)
