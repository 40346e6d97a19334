"""What the demo writes on everything that it shows: that it is demo data (演示数据), in the project's own font."""

from __future__ import annotations

from functools import cache

from PIL import Image, ImageDraw, ImageFont

from server.evidence.watermark import FONT

MARK = "演示数据"
NOTICE = f"{MARK}  生成的画面, 并非真实病人"
PLATE, INK = (196, 30, 30), (255, 255, 255)
SIZE_MIN = 8


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Return the project's font at a size in pixels."""
    return ImageFont.truetype(str(FONT), size)


def stamp(image: Image.Image) -> None:
    """Write the notice on a red plate into the upper left corner; where it does not fit, the mark alone."""
    size = max(SIZE_MIN, max(image.size) // 48)
    letters = font(size)
    words = NOTICE if letters.getlength(NOTICE) < image.width - 2 * size else MARK
    pen = ImageDraw.Draw(image)
    width = round(letters.getlength(words)) + size
    pen.rectangle((0, 0, width, round(size * 1.6)), fill=PLATE)
    pen.text((size // 2, size // 8), words, font=letters, fill=INK)
