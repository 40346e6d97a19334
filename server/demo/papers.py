"""Papers of a hospital, drawn: an itemised bill and a sheet of orders, flat or as a scanner leaves them in a PDF."""

from __future__ import annotations

import io
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from server.demo import names
from server.demo.marking import MARK, font

PAGE = (1240, 1754)
"""A4 at 150 dots an inch, as an office's scanner makes it."""
DPI = 150
PAPER, BLACK, GREY, RED = (250, 249, 244), (34, 34, 40), (120, 120, 126), (186, 34, 40)
ROWS = 26
TURN_DEGREES = 0.9
QUALITY = 72
ITEMS = (
    ("住院诊查费", "日"), ("二级护理", "日"), ("普通床位费", "床日"), ("静脉输液", "组"),
    ("血常规检验", "次"), ("肝功能检验", "次"), ("心电图检查", "次"), ("胸部正位摄影", "次"),
    ("彩色多普勒超声检查", "部位"), ("中频脉冲电治疗", "次"), ("红外线治疗", "区"), ("针刺治疗", "次"),
    ("低流量吸氧", "小时"), ("注射用头孢曲松钠", "支"), ("氯化钠注射液", "瓶"), ("阿司匹林肠溶片", "盒"),
    ("丹参注射液", "支"), ("雾化吸入", "次"),
)  # fmt: skip
ORDERS = (
    "内科护理常规", "二级护理", "低盐低脂饮食", "测血压 每日两次", "氯化钠注射液 静脉滴注 每日一次",
    "注射用头孢曲松钠 静脉滴注 每日一次", "阿司匹林肠溶片 口服 每晚一次", "中频脉冲电治疗 每日一次",
    "低流量吸氧 必要时", "心电图检查", "血常规检验 明晨空腹",
)  # fmt: skip
BILL, SHEET = "住院费用清单", "长期医嘱单"
BILL_HEADS = ("日期", "项目名称", "单位", "数量", "单价", "金额(元)")
SHEET_HEADS = ("开始时间", "医嘱内容", "医师", "护士")
FOOT, SUM, SEAL = f"{MARK}: 全部内容为生成, 不涉及任何真实病人", "本页小计", "演示专用章"
WORDS = (BILL, SHEET, *BILL_HEADS, *SHEET_HEADS, FOOT, SUM, SEAL, "病区: 床号: 姓名: 第页共")
"""Everything that the pages say besides items, orders and whose they are."""


@dataclass(frozen=True)
class Admission:
    """Whose papers these are; printed at the head of every page."""

    hospital: str
    ward: str
    bed: str
    patient: str


def pages(
    rng: random.Random, about: Admission, count: int, *, size: tuple[int, int] = PAGE
) -> list[Image.Image]:
    """Return clean pages: bills, and a sheet of orders at the end where there is more than one page."""
    made = [_bill(rng, about, number, count) for number in range(1, count)]
    last = _orders(rng, about, count) if count > 1 else _bill(rng, about, 1, 1)
    return [page if size == PAGE else page.resize(size) for page in (*made, last)]


def scan(
    rng: random.Random, about: Admission, count: int, *, size: tuple[int, int] = PAGE, made_at: int
) -> bytes:
    """Return a PDF of `count` pages, each a picture: slightly turned, unevenly lit, with a sensor's noise.

    made_at: Unix seconds, what the scanner writes as the time
    """
    scanned = [_scanned(page, rng) for page in pages(rng, about, count, size=size)]
    when = time.gmtime(made_at)
    file = io.BytesIO()
    scanned[0].save(
        file, "PDF", save_all=True, append_images=scanned[1:], resolution=DPI * size[0] / PAGE[0], quality=QUALITY,
        title=f"{MARK} 扫描件", producer="wardledger demo", creationDate=when, modDate=when,
    )  # fmt: skip
    return file.getvalue()


def _head(pen: ImageDraw.ImageDraw, about: Admission, title: str, number: int, count: int) -> None:
    width = PAGE[0]
    pen.text((width / 2, 96), about.hospital, font=font(34), fill=BLACK, anchor="mm")
    pen.text((width / 2, 158), title, font=font(46), fill=BLACK, anchor="mm")
    line = f"病区: {about.ward}    床号: {about.bed}    姓名: {about.patient}    第 {number} 页 共 {count} 页"
    pen.text((96, 214), line, font=font(26), fill=BLACK)
    pen.text((96, PAGE[1] - 86), FOOT, font=font(26), fill=RED)


def _sheet(title: str, about: Admission, number: int, count: int) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    page = Image.new("RGB", PAGE, PAPER)
    pen = ImageDraw.Draw(page)
    _head(pen, about, title, number, count)
    return page, pen


def _grid(pen: ImageDraw.ImageDraw, columns: Sequence[int], top: int, step: int, rows: int) -> None:
    bottom = top + step * rows
    for row in range(rows + 1):
        pen.line((columns[0], top + row * step, columns[-1], top + row * step), fill=GREY, width=2)
    for x in columns:
        pen.line((x, top, x, bottom), fill=GREY, width=2)


def _bill(rng: random.Random, about: Admission, number: int, count: int) -> Image.Image:
    page, pen = _sheet(BILL, about, number, count)
    columns, top, step = (96, 190, 620, 720, 830, 980, 1144), 270, 48
    _grid(pen, columns, top, step, ROWS + 2)
    for x, word in zip(columns, BILL_HEADS, strict=False):
        pen.text((x + 12, top + 8), word, font=font(26), fill=BLACK)
    total = 0
    for row in range(1, ROWS + 1):
        name, unit = rng.choice(ITEMS)
        amount, price = rng.randint(1, 6), rng.randint(150, 18_000)
        total += amount * price
        cells = (f"11-{1 + row // 3:02d}", name, unit, str(amount), _yuan(price), _yuan(amount * price))
        for x, word in zip(columns, cells, strict=False):
            pen.text((x + 12, top + row * step + 10), word, font=font(24), fill=BLACK)
    pen.text((columns[1] + 12, top + (ROWS + 1) * step + 9), SUM, font=font(26), fill=BLACK)
    pen.text((columns[5] + 12, top + (ROWS + 1) * step + 9), _yuan(total), font=font(26), fill=BLACK)
    _seal(page, rng)
    return page


def _orders(rng: random.Random, about: Admission, number: int) -> Image.Image:
    page, pen = _sheet(SHEET, about, number, number)
    columns, top, step = (96, 260, 840, 992, 1144), 270, 64
    rows = 18
    _grid(pen, columns, top, step, rows + 1)
    for x, word in zip(columns, SHEET_HEADS, strict=False):
        pen.text((x + 12, top + 14), word, font=font(28), fill=BLACK)
    for row in range(1, rows + 1):
        cells = (f"11-{row:02d} {rng.randint(8, 11):02d}:{rng.randint(0, 59):02d}", rng.choice(ORDERS))
        signed = (names.person_name(rng)[2:], names.person_name(rng)[2:])
        for x, word in zip(columns, (*cells, *signed), strict=False):
            pen.text((x + 12, top + row * step + 15), word, font=font(26), fill=BLACK)
    _seal(page, rng)
    return page


def _yuan(fen: int) -> str:
    return f"{fen // 100:,}.{fen % 100:02d}"


def _seal(page: Image.Image, rng: random.Random) -> None:
    """Put a round red seal near the foot, as pressed by hand; it says that it is a demo's."""
    seal = Image.new("RGBA", (260, 260), (0, 0, 0, 0))
    pen = ImageDraw.Draw(seal)
    pen.ellipse((6, 6, 254, 254), outline=(*RED, 170), width=7)
    pen.text((130, 108), SEAL, font=font(40), fill=(*RED, 170), anchor="mm")
    pen.text((130, 168), MARK, font=font(28), fill=(*RED, 170), anchor="mm")
    turned = seal.rotate(rng.uniform(-25, 25), Image.Resampling.BICUBIC)
    page.paste(turned, (rng.randint(760, 860), rng.randint(1370, 1430)), turned)


def _scanned(page: Image.Image, rng: random.Random) -> Image.Image:
    turned = page.rotate(
        rng.uniform(-TURN_DEGREES, TURN_DEGREES), Image.Resampling.BICUBIC, fillcolor=(226, 226, 222)
    )
    soft = turned.filter(ImageFilter.BoxBlur(0.5))
    shade = Image.linear_gradient("L").rotate(90 * rng.randrange(4)).resize(page.size)
    lit = ImageChops.multiply(
        soft, Image.merge("RGB", [shade.point([244 + i // 24 for i in range(256)])] * 3)
    )
    grain = Image.frombytes("L", page.size, rng.randbytes(page.width * page.height))
    weak = grain.point([round(128 + (level - 128) * 0.09) for level in range(256)])
    return ImageChops.add(lit, Image.merge("RGB", [weak] * 3), offset=-128)
