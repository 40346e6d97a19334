"""A pinhole lens over a drawing: solids in metres become shaded polygons in pixels.

x runs to the right, y up, z away from the photographer. Whoever draws begins with
what is farthest; there is no depth buffer. Enough for a room seen by a phone.
"""

import math
import random
from collections.abc import Callable, Sequence

from PIL import Image, ImageDraw, ImageFilter, ImageFont

Point = tuple[float, float, float]
Pixel = tuple[float, float]
Colour = tuple[int, int, int]

NEAR_METRES = 0.08
SMALLER = 8
"""A soft mask holds no detail: an eighth of the size costs a sixty-fourth of the time."""
_LIGHT = (-0.55, 0.75, -0.36)


class Lens:
    """Where the photographer stands and looks; turns points of the room into pixels."""

    def __init__(
        self, rng: random.Random, size: tuple[int, int], *, eye: Point, pitch: float, mirrored: bool
    ):
        self.size = size
        x, y, z = eye
        self.eye = (x + rng.uniform(-0.45, 0.45), y + rng.uniform(-0.2, 0.2), z + rng.uniform(-0.4, 0.3))
        self.focal = 0.7 * max(size)
        self.mirror = -1 if mirrored else 1
        self._turn = _rotation(
            yaw=rng.uniform(-9, 9), pitch=pitch + rng.uniform(-4, 4), roll=rng.uniform(-2.2, 2.2)
        )

    def depth(self, point: Point) -> float:
        """Return how far in front of the lens a point lies, in metres."""
        return max(NEAR_METRES, self.turned(point)[2])

    def project(self, points: Sequence[Point]) -> list[Pixel]:
        """Return a face's pixels; what lies behind the photographer is cut off."""
        return self.pixels([self.turned(point) for point in points])

    def pixels(self, turned: Sequence[Point]) -> list[Pixel]:
        """Return the pixels of points that are turned already."""
        width, height, focal = self.size[0] / 2, self.size[1] / 2, self.focal
        return [(width + focal * x / z, height - focal * y / z) for x, y, z in _clipped(turned)]

    def turned(self, point: Point) -> Point:
        """Return a point as seen from the eye: right, up, ahead."""
        x, y, z = (point[0] - self.eye[0]) * self.mirror, point[1] - self.eye[1], point[2] - self.eye[2]
        right, up, ahead = self._turn
        return (
            right[0] * x + right[1] * y + right[2] * z,
            up[0] * x + up[1] * y + up[2] * z,
            ahead[0] * x + ahead[1] * y + ahead[2] * z,
        )


class Drawing:
    """A picture seen through a lens, drawn from the back to the front."""

    def __init__(self, lens: Lens, background: Colour):
        self.lens = lens
        self.image = Image.new("RGB", lens.size, background)
        self._pen = ImageDraw.Draw(self.image)

    def face(self, points: Sequence[Point], colour: Colour) -> None:
        """Fill a flat face in exactly this colour."""
        pixels = self.lens.project(points)
        if len(pixels) >= 3:
            self._pen.polygon(pixels, fill=colour)

    def panel(self, x: tuple[float, float], y: tuple[float, float], z: float, colour: Colour) -> None:
        """Fill an upright rectangle that faces the photographer."""
        self.face([(x[0], y[0], z), (x[1], y[0], z), (x[1], y[1], z), (x[0], y[1], z)], colour)

    def box(
        self, x: tuple[float, float], y: tuple[float, float], z: tuple[float, float], colour: Colour
    ) -> None:
        """Draw the sides of a box that can be seen from where the photographer stands."""
        (x0, x1), (y0, y1), (z0, z1) = x, y, z
        if self.lens.eye[1] > y1:
            self.face([(x0, y1, z0), (x1, y1, z0), (x1, y1, z1), (x0, y1, z1)], shaded(colour, 1.06))
        if self.lens.eye[0] < x0:
            self.face([(x0, y0, z0), (x0, y1, z0), (x0, y1, z1), (x0, y0, z1)], shaded(colour, 0.95))
        if self.lens.eye[0] > x1:
            self.face([(x1, y0, z0), (x1, y1, z0), (x1, y1, z1), (x1, y0, z1)], shaded(colour, 0.7))
        self.panel(x, y, z0, shaded(colour, 0.86))

    def rod(self, points: Sequence[Point], thick: float, colour: Colour) -> None:
        """Draw a bent tube of a thickness in metres, with a lighter line along it."""
        pixels = self.lens.project(points)
        if len(pixels) < 2:
            return
        width = self.lens.focal * thick / self.lens.depth(points[len(points) // 2])
        self._pen.line(pixels, fill=colour, width=max(1, round(width)), joint="curve")
        if width > 4:
            self._pen.line(
                [(x - width * 0.18, y) for x, y in pixels],
                fill=shaded(colour, 1.35),
                width=max(1, round(width * 0.28)),
            )

    def ball(self, centre: Point, radius: float, colour: Colour, *, flat: float = 1.0) -> None:
        """Draw a ball, or one pressed flat to a share of its height."""
        pixels = self.lens.project([centre])
        if pixels:
            (x, y), size = pixels[0], self.lens.focal * radius / self.lens.depth(centre)
            self._pen.ellipse((x - size, y - size * flat, x + size, y + size * flat), fill=colour)

    def cloth(
        self,
        shape: Callable[[float, float], Point],
        colour: Callable[[float, float], Colour],
        across: int,
        along: int,
    ) -> None:
        """Draw a bent surface over u (across) and v (along) from 0 to 1, v = 1 being the farthest."""
        rows = range(along + 1)
        grid = [[shape(u / across, v / along) for u in range(across + 1)] for v in rows]
        seen = [[self.lens.turned(point) for point in row] for row in grid]
        for v in range(along - 1, -1, -1):
            for u in range(across):
                light = _light_on(grid[v][u], grid[v][u + 1], grid[v + 1][u], self.lens.eye)
                fill = shaded(colour((u + 0.5) / across, (v + 0.5) / along), light)
                corners = (seen[v][u], seen[v][u + 1], seen[v + 1][u + 1], seen[v + 1][u])
                pixels = self.lens.pixels(corners)
                if len(pixels) >= 3:
                    self._pen.polygon(pixels, fill=fill)

    def sign(
        self, corners: Sequence[Point], text: str, *, ink: Colour, paper: Colour, stripe: Colour | None = None
    ) -> None:
        """Draw a plate with one line of text; corners run from the upper left clockwise, as one reads."""
        pixels = self.lens.project(corners)
        if len(pixels) != 4:
            return
        if self.lens.mirror < 0:
            pixels = [pixels[1], pixels[0], pixels[3], pixels[2]]
        plate = _plate(text, ink, paper, stripe)
        left, top = (math.floor(min(pixel[axis] for pixel in pixels)) for axis in (0, 1))
        right, bottom = (math.ceil(max(pixel[axis] for pixel in pixels)) for axis in (0, 1))
        inside = [(x - left, y - top) for x, y in pixels]
        how = perspective(inside, plate.size)
        warped = plate.transform(
            (right - left, bottom - top), Image.Transform.PERSPECTIVE, how, Image.Resampling.BICUBIC
        )
        self.image.paste(warped, (left, top), warped)

    def shadow(self, faces: Sequence[Sequence[Point]], *, soft: float, strength: float) -> None:
        """Darken soft-edged faces; soft is the blur in metres at the middle of the room."""
        self._softly(faces, (24, 26, 32), soft, strength)

    def shine(self, faces: Sequence[Sequence[Point]], *, soft: float, strength: float) -> None:
        """Brighten soft-edged faces, as where the sun falls."""
        self._softly(faces, (255, 246, 226), soft, strength)

    def _softly(self, faces: Sequence[Sequence[Point]], colour: Colour, soft: float, strength: float) -> None:
        shapes = [pixels for pixels in map(self.lens.project, faces) if len(pixels) >= 3]
        if not shapes:
            return
        radius = self.lens.focal * soft / 3.5
        left, top = (max(0, math.floor(min(p[i] for s in shapes for p in s) - 3 * radius)) for i in (0, 1))
        right, bottom = (
            min(self.lens.size[i], math.ceil(max(p[i] for s in shapes for p in s) + 3 * radius))
            for i in (0, 1)
        )
        if right - left < SMALLER or bottom - top < SMALLER:
            return
        mask = Image.new("L", ((right - left) // SMALLER, (bottom - top) // SMALLER))
        pen = ImageDraw.Draw(mask)
        for pixels in shapes:
            pen.polygon(
                [((x - left) / SMALLER, (y - top) / SMALLER) for x, y in pixels], fill=round(255 * strength)
            )
        mask = mask.filter(ImageFilter.GaussianBlur(radius / SMALLER))
        mask = mask.resize((right - left, bottom - top), Image.Resampling.BILINEAR)
        self.image.paste(colour, (left, top, right, bottom), mask)


def shaded(colour: Colour, share: float) -> Colour:
    """Return a colour at a share of its brightness."""
    red, green, blue = (min(255, max(0, round(part * share))) for part in colour)
    return red, green, blue


def _rotation(*, yaw: float, pitch: float, roll: float) -> tuple[Point, Point, Point]:
    """Return the directions right, up and ahead of a lens turned by these degrees."""
    (cy, sy), (cp, sp), (cr, sr) = (
        (math.cos(math.radians(angle)), math.sin(math.radians(angle))) for angle in (yaw, pitch, roll)
    )
    level, raised = (cy, 0.0, -sy), (sp * sy, cp, sp * cy)
    right, up = (
        tuple(c * a + s * b for a, b in zip(level, raised, strict=True)) for c, s in ((cr, -sr), (sr, cr))
    )
    return (right[0], right[1], right[2]), (up[0], up[1], up[2]), (cp * sy, -sp, cp * cy)


def _light_on(a: Point, b: Point, c: Point, eye: Point) -> float:
    """Return the share of light on a small face through three points, on the side that the eye sees."""
    px, py, pz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    qx, qy, qz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    x, y, z = py * qz - pz * qy, pz * qx - px * qz, px * qy - py * qx
    turned = (x * _LIGHT[0] + y * _LIGHT[1] + z * _LIGHT[2]) / (math.sqrt(x * x + y * y + z * z) or 1.0)
    if x * (eye[0] - a[0]) + y * (eye[1] - a[1]) + z * (eye[2] - a[2]) < 0:
        turned = -turned
    return 0.74 + 0.34 * turned


def _clipped(turned: Sequence[Point]) -> Sequence[Point]:
    if all(point[2] > NEAR_METRES for point in turned):
        return turned
    kept: list[Point] = []
    for place, here in enumerate(turned):
        before = turned[place - 1]
        if (here[2] > NEAR_METRES) != (before[2] > NEAR_METRES):
            share = (NEAR_METRES - before[2]) / (here[2] - before[2])
            kept.append(
                (
                    before[0] + share * (here[0] - before[0]),
                    before[1] + share * (here[1] - before[1]),
                    NEAR_METRES,
                )
            )
        if here[2] > NEAR_METRES:
            kept.append(here)
    return kept


def _plate(text: str, ink: Colour, paper: Colour, stripe: Colour | None) -> Image.Image:
    plate = Image.new("RGBA", (440, 220), (*paper, 255))
    pen = ImageDraw.Draw(plate)
    if stripe is not None:
        pen.rectangle((0, 0, 440, 44), fill=stripe)
        for y, width in ((176, 300), (194, 210)):
            pen.rectangle((40, y, 40 + width, y + 6), fill=shaded(paper, 0.7))
    pen.rectangle((0, 0, 439, 219), outline=shaded(paper, 0.6), width=5)
    font = ImageFont.load_default(size=min(150, 620 // max(1, len(text))))
    pen.text((220, 112), text, fill=ink, font=font, anchor="mm", stroke_width=3, stroke_fill=ink)
    return plate


def perspective(corners: Sequence[Pixel], size: tuple[int, int]) -> list[float]:
    """Return the eight coefficients that carry the corners back onto a rectangle of the size."""
    width, height = size
    rows: list[list[float]] = []
    for (x, y), (u, v) in zip(corners, ((0, 0), (width, 0), (width, height), (0, height)), strict=True):
        rows.append([x, y, 1, 0, 0, 0, -u * x, -u * y, u])
        rows.append([0, 0, 0, x, y, 1, -v * x, -v * y, v])
    for column in range(8):
        pivot = max(range(column, 8), key=lambda row: abs(rows[row][column]))
        rows[column], rows[pivot] = rows[pivot], rows[column]
        head = rows[column]
        for row in range(8):
            if row != column and rows[row][column]:
                share = rows[row][column] / head[column]
                rows[row] = [one - share * other for one, other in zip(rows[row], head, strict=True)]
    return [rows[place][8] / rows[place][place] for place in range(8)]
