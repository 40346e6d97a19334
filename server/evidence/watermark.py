"""What a copy for showing says of itself: when, where, by which device and by whom it was captured.

Only ever drawn on derivatives. The font is the project's own, so that it looks alike on every machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from PIL import Image, ImageDraw, ImageFont

from sync.merge import Record

FONT = Path(__file__).parents[1] / "static" / "fonts" / "NotoSansSC-Regular.ttf"
CHARACTERS_A_LINE = 44
"""As many Chinese characters as fill a line from edge to edge: what the size of the letters follows."""
SIZE_MIN, SIZE_MAX = 12, 28
SHADE = (0, 0, 0, 150)
INK = (255, 255, 255, 255)
DEGREES = 10_000_000
TEXT_MAX = 40
"""Of a name; longer ones are cut, so that a line stays a line."""


def words(item: Record, officers: Sequence[str], zone: ZoneInfo) -> tuple[str, ...]:
    """Return the lines for an evidence item; officers: the names of who captured it and who stood by."""
    values = item.values
    names = "、".join(name[:TEXT_MAX] for name in officers)
    return (
        f"采集时间 {_interval(values.get('captured_from'), values.get('captured_until'), zone)}",
        f"位置 {_place(values.get('position'))}",
        f"检查员 {names or '未记录'}  设备 {(item.created_device or '无')[-12:]}",
        f"证据 {item.id}  SHA-256 {str(values['digest'])[:16]}",
    )


def _interval(earliest: int | None, latest: int | None, zone: ZoneInfo) -> str:
    if earliest is None or latest is None:
        return "未记录"
    first, last = (datetime.fromtimestamp(at / 1000, UTC).astimezone(zone) for at in (earliest, latest))
    if first.date() == last.date():
        return f"{first:%Y-%m-%d %H:%M:%S} – {last:%H:%M:%S}"
    # Without an anchor only the later end is known.
    return (
        f"{first:%Y-%m-%d %H:%M} – {last:%Y-%m-%d %H:%M}" if earliest else f"不晚于 {last:%Y-%m-%d %H:%M:%S}"
    )


def _place(position: dict[str, Any] | None) -> str:
    if position is None:
        return "未记录"
    lat, lon = position["lat_e7"] / DEGREES, position["lon_e7"] / DEGREES
    mocked = "（模拟定位）" if position.get("mock") else ""
    return f"{lat:.5f}, {lon:.5f} ±{position['accuracy_m']} m{mocked}"


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(FONT), size)


def draw(image: Image.Image, lines: Sequence[str]) -> Image.Image:
    """Return an RGB picture with the lines on a dark band along its lower edge."""
    size = max(SIZE_MIN, min(SIZE_MAX, image.width // CHARACTERS_A_LINE))
    font, step, margin = _font(size), round(size * 1.4), size // 2
    folded = [part for line in lines for part in _folded(line, font, image.width - 2 * margin)]
    height = step * len(folded) + margin
    layer = Image.new("RGBA", image.size, (0, 0, 0, 0))
    pen = ImageDraw.Draw(layer)
    top = max(0, image.height - height)
    pen.rectangle((0, top, image.width, image.height), fill=SHADE)
    for number, line in enumerate(folded):
        pen.text((margin, top + margin // 2 + number * step), line, font=font, fill=INK)
    return Image.alpha_composite(image.convert("RGBA"), layer).convert("RGB")


def _folded(line: str, font: ImageFont.FreeTypeFont, width: int) -> list[str]:
    """Return a line as parts that fit the width; a letter alone always does."""
    parts, held = [], ""
    for letter in line:
        if held and font.getlength(held + letter) > width:
            parts.append(held)
            held = ""
        held += letter
    return [*parts, held]
