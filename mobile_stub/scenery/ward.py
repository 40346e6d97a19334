"""A ward of a county hospital: a bed under its number, a neighbour, a window, a drip."""

import math
import random

from PIL import Image

from mobile_stub.scenery.lens import Colour, Drawing, Lens, Point, shaded
from mobile_stub.scenery.scene import FLOORS, INK, PACKETS, PAPER, WALLS, Scene

_WAINSCOTS: tuple[Colour, ...] = ((186, 214, 200), (190, 208, 222), (214, 206, 186), (196, 216, 214))
_BLANKETS: tuple[tuple[Colour, Colour], ...] = (
    ((232, 236, 240), (118, 158, 204)), ((238, 238, 232), (226, 230, 226)),
    ((206, 224, 216), (128, 176, 160)), ((240, 226, 220), (206, 150, 140)),
    ((214, 220, 236), (188, 196, 222)),
)  # fmt: skip
_CURTAINS: tuple[Colour, ...] = ((150, 190, 196), (196, 206, 170), (170, 180, 214), (214, 190, 170))
_WOODS: tuple[Colour, ...] = ((176, 138, 98), (206, 188, 158), (120, 160, 176), (188, 156, 122))
_HAIR: tuple[Colour, ...] = ((38, 34, 34), (92, 90, 90), (172, 170, 168))
_STEEL: Colour = (176, 182, 188)
_PLASTIC: Colour = (226, 228, 226)


def draw(scene: Scene, rng: random.Random, size: tuple[int, int]) -> tuple[Image.Image, tuple[float, float]]:
    """Return the picture in even light, and where its window is as shares of width and height."""
    lens = Lens(rng, size, eye=(0.15, 1.6, -2.1), pitch=13, mirrored=rng.random() < 0.5)
    drawing = Drawing(lens, (225, 226, 222))
    neighbour, wood = rng.random() < 0.75, rng.choice(_WOODS)
    _room(drawing, rng, beds=(0.0, 2.05) if neighbour else (0.0,))
    _window(drawing, rng)
    _wall_rail(drawing, rng, scene.label)
    if neighbour:
        _bed(drawing, rng, x=2.05, wood=wood, occupied=rng.random() < 0.5)
        _footboard(drawing, x=2.05, wood=wood)
    if rng.random() < 0.7:
        _curtain(drawing, rng, x=1.32)
    _cabinet(drawing, rng)
    stand = _drip_stand(drawing, rng, occupied=scene.occupied)
    _bed(drawing, rng, x=0.0, wood=wood, occupied=scene.occupied)
    if scene.occupied:
        _drip_tube(drawing, stand)
    _footboard(drawing, x=0.0, wood=wood)
    _foot_plates(drawing, rng, scene)
    lamp = lens.project([(-1.7, 1.7, 1.0)])
    x, y = lamp[0] if lamp else (0.0, 0.0)
    return drawing.image, (x / size[0], y / size[1])


def _room(drawing: Drawing, rng: random.Random, *, beds: tuple[float, ...]) -> None:
    upper, lower, floor = rng.choice(WALLS), rng.choice(_WAINSCOTS), rng.choice(FLOORS)
    left, right, back, front, top = -1.75, 3.4, 2.3, -3.0, 2.9
    split = rng.uniform(0.95, 1.25)
    drawing.face(
        [(left, top, front), (right, top, front), (right, top, back), (left, top, back)], shaded(upper, 1.03)
    )
    drawing.panel((left, right), (split, top), back, shaded(upper, 0.94))
    drawing.panel((left, right), (0, split), back, shaded(lower, 0.94))
    for x, light in ((left, 0.82), (right, 1.0)):
        for y0, y1, colour in ((split, top, upper), (0.0, split, lower)):
            drawing.face(
                [(x, y0, front), (x, y1, front), (x, y1, back), (x, y0, back)], shaded(colour, light)
            )
    drawing.face([(left, 0, front), (right, 0, front), (right, 0, back), (left, 0, back)], floor)
    seam = shaded(floor, 0.86)
    for step in range(10):
        drawing.rod([(left + 0.6 * step, 0, -1.6), (left + 0.6 * step, 0, back)], 0.007, seam)
        drawing.rod([(left, 0, back - 0.6 * step), (right, 0, back - 0.6 * step)], 0.007, seam)
    drawing.panel((left, right), (0, 0.1), back, shaded(lower, 0.6))
    drawing.face(
        [(left, 0, front), (left, 0.1, front), (left, 0.1, back), (left, 0, back)], shaded(lower, 0.55)
    )
    slant = rng.uniform(0.2, 0.7)
    drawing.shine(
        [
            [
                (-1.2 + part, 0, -0.6 + slant),
                (-0.75 + part, 0, -0.6 + slant),
                (-0.3 + part, 0, 0.9),
                (-0.8 + part, 0, 0.9),
            ]
            for part in (-0.25, 0.4)
        ],
        soft=0.09,
        strength=rng.uniform(0.1, 0.4),
    )
    under = [[(x - 0.5, 0, 0), (x + 0.65, 0, 0), (x + 0.65, 0, 2.2), (x - 0.5, 0, 2.2)] for x in beds]
    drawing.shadow(under, soft=0.14, strength=0.66)


def _window(drawing: Drawing, rng: random.Random) -> None:
    x, y0, y1, z0, z1 = -1.74, 0.95, 2.35, 0.1, 1.75
    sky: Colour = rng.choice(((236, 244, 252), (250, 250, 244), (214, 228, 244)))
    drawing.face([(x, y0, z0), (x, y1, z0), (x, y1, z1), (x, y0, z1)], sky)
    for _ in range(14):
        z, wide, high = rng.uniform(z0, z1 - 0.2), rng.uniform(0.1, 0.3), rng.uniform(0.1, 0.45)
        green = shaded((196, 216, 196), rng.uniform(0.92, 1.1))
        drawing.face(
            [(x, y0, z), (x, y0 + high, z), (x, y0 + high, min(z1, z + wide)), (x, y0, min(z1, z + wide))],
            green,
        )
    for z in (z0, (z0 + z1) / 2, z1):
        drawing.rod([(x, y0, z), (x, y1, z)], 0.05, (206, 210, 212))
    for y in (y0, y0 + 0.45, y1):
        drawing.rod([(x, y, z0), (x, y, z1)], 0.05, (214, 216, 216))
    colour, drawn = rng.choice(_CURTAINS), rng.uniform(0.25, 0.6)

    def folds(u: float, v: float) -> Point:
        return -1.68 + 0.05 * math.sin(v * 40), 0.5 + 2.0 * u, z1 + 0.35 - drawn * (1 - v)

    drawing.cloth(folds, lambda _u, v: shaded(colour, 0.95 + 0.16 * math.sin(v * 40 + 1)), 1, 44)


def _wall_rail(drawing: Drawing, rng: random.Random, label: str) -> None:
    drawing.shadow(
        [[(-1.6, 1.2, 2.29), (3.2, 1.2, 2.29), (3.2, 1.36, 2.29), (-1.6, 1.36, 2.29)]],
        soft=0.05,
        strength=0.35,
    )
    drawing.box((-1.6, 3.2), (1.34, 1.5), (2.22, 2.3), (222, 224, 226))
    drawing.panel((-1.6, 3.2), (1.4, 1.415), 2.218, (96, 150, 190))
    for x in (-0.75, -0.5, 0.62, 0.86, 1.7, 2.5):
        drawing.panel((x, x + 0.1), (1.425, 1.485), 2.215, (244, 244, 242))
        drawing.panel((x + 0.035, x + 0.065), (1.44, 1.47), 2.213, (70, 74, 78))
    for x, colour in ((-0.2, (60, 140, 90)), (0.02, (190, 170, 60)), (0.24, (60, 140, 90))):
        drawing.ball((x, 1.44, 2.2), 0.032, colour)
        drawing.ball((x, 1.44, 2.19), 0.016, (40, 44, 46))
    top = rng.uniform(1.92, 2.02)
    corners = [(-0.19, top, 2.28), (0.19, top, 2.28), (0.19, top - 0.2, 2.28), (-0.19, top - 0.2, 2.28)]
    drawing.shadow([[(x + 0.01, y - 0.02, z) for x, y, z in corners]], soft=0.02, strength=0.5)
    drawing.sign(
        corners,
        label,
        ink=(30, 60, 96),
        paper=(246, 247, 246),
        stripe=rng.choice(((56, 122, 168), (72, 150, 120))),
    )


def _curtain(drawing: Drawing, rng: random.Random, x: float) -> None:
    colour, length, waves = rng.choice(_CURTAINS), rng.uniform(0.4, 0.9), rng.uniform(26, 40)

    def folds(u: float, v: float) -> Point:
        return x + 0.05 * math.sin(v * waves), 0.35 + 1.95 * u, 2.25 - length * (1 - v)

    drawing.rod([(x, 2.32, -1.0), (x, 2.32, 2.3)], 0.025, _STEEL)
    drawing.cloth(folds, lambda _u, v: shaded(colour, 0.98 + 0.2 * math.sin(v * waves + 1)), 1, 48)


def _cabinet(drawing: Drawing, rng: random.Random) -> None:
    wood = rng.choice(_WOODS)
    x, z = 0.68, 1.72
    drawing.shadow(
        [[(x, 0, z - 0.05), (x + 0.6, 0, z), (x + 0.6, 0, 2.25), (x, 0, 2.25)]], soft=0.08, strength=0.5
    )
    drawing.box((x, x + 0.46), (0.05, 0.76), (z, 2.2), wood)
    for y in (0.5, 0.28):
        drawing.panel((x + 0.02, x + 0.44), (y, y + 0.012), z - 0.002, shaded(wood, 0.5))
        drawing.panel((x + 0.18, x + 0.28), (y + 0.12, y + 0.14), z - 0.01, _STEEL)
    flask: Colour = rng.choice(((180, 50, 54), (60, 110, 160), (220, 222, 220), (60, 130, 100)))
    for part, light in ((0.0, 0.75), (0.25, 1.0), (0.5, 1.15), (0.75, 0.8)):
        drawing.panel(
            (x + 0.05 + 0.12 * part, x + 0.08 + 0.12 * part), (0.76, 1.04), z + 0.2, shaded(flask, light)
        )
    drawing.ball((x + 0.11, 1.05, z + 0.2), 0.05, (60, 62, 64), flat=0.5)
    drawing.box(
        (x + 0.25, x + 0.25 + rng.uniform(0.06, 0.16)),
        (0.76, 0.85),
        (z + 0.1, z + 0.22),
        rng.choice(PACKETS),
    )
    drawing.ball((x + 0.38, 0.81, z + 0.06), 0.036, (240, 240, 236), flat=1.2)
    if rng.random() < 0.6:
        drawing.ball(
            (x + 0.3, 0.8, z + 0.02), 0.034, rng.choice(((206, 70, 50), (232, 150, 60), (140, 170, 70)))
        )


def _bed(drawing: Drawing, rng: random.Random, *, x: float, wood: Colour, occupied: bool) -> None:
    for z in (1.9, 0.15):
        drawing.rod([(x - 0.4, 0.2, z), (x + 0.4, 0.2, z)], 0.03, (120, 124, 128))
        for side in (-0.4, 0.4):
            drawing.rod([(x + side, 0.4, z), (x + side, 0.06, z)], 0.045, _STEEL)
            drawing.ball((x + side, 0.045, z), 0.042, (52, 54, 58))
    drawing.box((x - 0.48, x + 0.48), (0.42, 1.06), (2.06, 2.12), _PLASTIC)
    drawing.panel((x - 0.36, x + 0.36), (0.6, 1.0), 2.055, wood)
    drawing.box((x - 0.46, x + 0.46), (0.34, 0.42), (0.02, 2.06), (198, 202, 204))
    drawing.box((x - 0.45, x + 0.45), (0.42, 0.56), (0.03, 2.05), (236, 238, 238))
    _pillow(drawing, rng, x)
    if occupied:
        _sleeper(drawing, rng, x)
    _blanket(drawing, rng, x, occupied=occupied)
    for y in (0.5, 0.58, 0.66):
        drawing.rod([(x - 0.5, y, 0.75), (x - 0.5, y, 1.5)], 0.018, (214, 218, 220))
        drawing.rod([(x + 0.5, y, 0.75), (x + 0.5, y, 1.5)], 0.018, (200, 204, 206))


def _footboard(drawing: Drawing, *, x: float, wood: Colour) -> None:
    drawing.box((x - 0.48, x + 0.48), (0.38, 0.8), (-0.05, 0.0), _PLASTIC)
    drawing.panel((x - 0.4, x + 0.4), (0.44, 0.76), -0.052, wood)
    for y, light in ((0.752, 1.18), (0.44, 0.75)):
        drawing.panel((x - 0.4, x + 0.4), (y, y + 0.008), -0.053, shaded(wood, light))


def _pillow(drawing: Drawing, rng: random.Random, x: float) -> None:
    turn, white = rng.uniform(-0.06, 0.06), rng.choice(((244, 245, 246), (226, 234, 242), (240, 236, 228)))

    def shape(u: float, v: float) -> Point:
        puff = (math.sin(math.pi * u) * math.sin(math.pi * v)) ** 0.45 if 0 < u < 1 and 0 < v < 1 else 0.0
        return x + (u - 0.5) * 0.62 + turn * v, 0.57 + 0.13 * puff, 1.58 + 0.42 * v

    drawing.cloth(shape, lambda _u, _v: white, 16, 12)


def _sleeper(drawing: Drawing, rng: random.Random, x: float) -> None:
    """Draw a head on the pillow, masked: nobody's face."""
    turned = rng.uniform(-0.035, 0.035)
    skin = shaded((222, 184, 156), rng.uniform(0.86, 1.04))
    drawing.ball((x + turned, 0.80, 1.80), 0.112, rng.choice(_HAIR), flat=0.95)
    drawing.ball((x + turned * 1.3, 0.805, 1.72), 0.092, skin, flat=1.0)
    drawing.ball(
        (x + turned * 1.4, 0.775, 1.67), 0.07, rng.choice(((196, 220, 232), (236, 240, 242))), flat=0.72
    )
    drawing.box((x - 0.19, x + 0.19), (0.58, 0.68), (1.36, 1.6), (150, 176, 206))


def _blanket(drawing: Drawing, rng: random.Random, x: float, *, occupied: bool) -> None:
    plain, stripe = rng.choice(_BLANKETS)
    stripes, reach = rng.choice((0, 7, 9, 12)), rng.uniform(1.36, 1.46) if occupied else rng.uniform(0.5, 0.7)
    creases = [
        (rng.uniform(3, 26), rng.uniform(3, 26), rng.uniform(0, 6.3), rng.uniform(0.002, 0.007))
        for _ in range(9)
    ]
    lying = rng.uniform(-0.06, 0.06)

    def shape(u: float, v: float) -> Point:
        across, z = (u - 0.5) * 2.9, 0.06 + reach * v
        crease = sum(high * math.sin(a * across + b * z + c) for a, b, c, high in creases)
        if abs(across) > 1:
            hang = min(0.3, (abs(across) - 1) * 0.5)
            return x + math.copysign(0.475 + crease * 1.6 + hang * 0.08, across), 0.58 - hang + crease, z
        body = 0.0
        if occupied:
            outline = (
                0.07
                + 0.08 * math.exp(-(((z - 0.3) / 0.13) ** 2))
                + 0.08 * math.exp(-(((z - 1.1) / 0.38) ** 2))
            )
            body = outline * math.exp(-(((across - lying) / (0.42 + 0.1 * z)) ** 4))
        return x + across * 0.475, 0.585 + body + crease, z

    def pattern(u: float, v: float) -> Colour:
        if occupied and v > 0.93:
            return 240, 242, 244
        return stripe if stripes and int(u * stripes * 2) % 2 else plain

    drawing.cloth(shape, pattern, 48, 30)
    if not occupied:
        drawing.box((x - 0.24, x + 0.24), (0.585, 0.74), (1.1, 1.4), plain)
        drawing.panel((x - 0.24, x + 0.24), (0.66, 0.668), 1.098, shaded(plain, 0.7))


def _drip_stand(drawing: Drawing, rng: random.Random, *, occupied: bool) -> Point:
    """Draw the stand and its bag; return the end from which the tube hangs."""
    x, z, top = -0.78 + rng.uniform(-0.12, 0.05), rng.uniform(1.2, 1.7), rng.uniform(1.85, 2.05)
    for turn in range(5):
        angle = turn * 1.257 + 0.4
        drawing.rod(
            [(x, 0.1, z), (x + 0.26 * math.cos(angle), 0.04, z + 0.26 * math.sin(angle))],
            0.03,
            (120, 126, 132),
        )
    drawing.rod([(x, 0.08, z), (x, top, z)], 0.024, _STEEL)
    drawing.rod([(x - 0.13, top + 0.02, z), (x, top - 0.02, z), (x + 0.13, top + 0.02, z)], 0.014, _STEEL)
    if not occupied:
        return x, top, z
    liquid: Colour = rng.choice(((214, 226, 230), (226, 214, 160), (210, 228, 214)))
    bag = x + rng.choice((-0.12, 0.12))
    drawing.rod([(bag, top + 0.02, z), (bag, top - 0.08, z)], 0.008, _STEEL)
    drawing.panel((bag - 0.065, bag + 0.065), (top - 0.34, top - 0.06), z - 0.02, shaded(liquid, 1.05))
    drawing.panel((bag - 0.055, bag + 0.055), (top - 0.33, top - rng.uniform(0.14, 0.24)), z - 0.021, liquid)
    drawing.panel((bag - 0.04, bag + 0.04), (top - 0.24, top - 0.14), z - 0.022, (246, 246, 244))
    for line in range(4):
        drawing.panel(
            (bag - 0.03, bag + 0.02),
            (top - 0.165 - 0.02 * line, top - 0.16 - 0.02 * line),
            z - 0.023,
            (90, 110, 150),
        )
    drawing.rod([(bag, top - 0.34, z), (bag, top - 0.5, z)], 0.007, (226, 232, 234))
    drawing.rod([(bag, top - 0.42, z), (bag, top - 0.5, z)], 0.022, (220, 228, 230))
    return bag, top - 0.5, z


def _drip_tube(drawing: Drawing, start: Point) -> None:
    """Draw the tube from the bag to a hand under the blanket."""
    hand: Point = (-0.3, 0.68, 1.1)
    low: Point = (start[0] * 0.8, 0.5, start[2] - 0.2)
    curve = [_between(_between(start, low, t / 18), _between(low, hand, t / 18), t / 18) for t in range(19)]
    drawing.rod(curve, 0.007, (226, 232, 234))


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, a[2] + (b[2] - a[2]) * share


def _foot_plates(drawing: Drawing, rng: random.Random, scene: Scene) -> None:
    x, y = rng.uniform(-0.3, -0.12), 0.74
    corners = [(x, y, -0.06), (x + 0.25, y, -0.06), (x + 0.25, y - 0.14, -0.06), (x, y - 0.14, -0.06)]
    drawing.sign(corners, scene.label, ink=(24, 30, 40), paper=(248, 248, 244))
    if scene.challenge:
        x = rng.uniform(0.1, 0.16)
        card = [
            (x, 0.92, -0.07),
            (x + 0.27, 0.925, -0.07),
            (x + 0.272, 0.785, -0.08),
            (x + 0.002, 0.78, -0.08),
        ]
        drawing.shadow([[(cx + 0.015, cy - 0.02, cz) for cx, cy, cz in card]], soft=0.03, strength=0.5)
        drawing.sign(card, scene.challenge, ink=INK, paper=PAPER)
