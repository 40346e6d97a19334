"""Files that people hand in: lists as text and as spreadsheets, codes in their cells, pictures."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from PIL import Image

from schemas import amounts, codes, item_codes, times
from schemas.catalogues import shipped
from server.evidence import picture
from server.imports.catalogues import import_catalogue
from server.imports.census import import_census
from server.imports.institutions import import_institutions
from server.storage import ledger_store
from server.wiring import Services
from sync.errors import BadCode, Refusal
from tests.fuzz.mutations import Spoiler, one_of, spoilt_bytes, spoilt_json
from tests.fuzz.runs import Check, Target
from tests.fuzz.targets.wire import plain
from tests.server.builders import install
from tests.server.pushing import found_city

INSTITUTIONS = (
    "fixmedins_code,name,kind,level,beds,region,contact_name,lat_e7,lon_e7,agreement_from\r\n"
    "H34150290011,测试第011医院,hospital,3,120,341502,测试甲031,317500000,1165000000,2026-01-01\r\n"
    "H34150290012,测试第012医院,医院,二级,80,341502,,,,\r\n"
).encode()
CENSUS = (
    "mdtrt_id,name,ward,bed,admitted_on,diag_code,person_no\r\n"
    "M00001,测试患者001,W11,1101,2026-11-10,I10.x00x002,11010519491231002X\r\n"
    "M00002,测试患者002,W11,1102,2026-11-11,,\r\n"
).encode()
HOSPITAL = "H34150290001"
"""The one hospital of the city that the files are imported into."""


# -- lists ----------------------------------------------------------------------------------------------


@cache
def workbook() -> bytes:
    """Return the list of institutions as a spreadsheet."""
    from openpyxl import Workbook

    book = Workbook()
    sheet = book.active
    assert sheet is not None
    for line in INSTITUTIONS.decode().splitlines():
        sheet.append(line.split(","))
    made = io.BytesIO()
    book.save(made)
    return made.getvalue()


def spoilt_workbook(random: Random) -> bytes:
    """Return the spreadsheet with one of its parts spoilt, left out or doubled, packed properly again."""
    with zipfile.ZipFile(io.BytesIO(workbook())) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    name = random.choice(sorted(parts))
    if random.random() < 0.1:
        del parts[name]
    else:
        parts[name] = spoilt_bytes([parts[name], *XML_TRAPS])(random)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for each, content in parts.items():
            target.writestr(each, content)
    return made.getvalue()


XML_TRAPS = (
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>',
    b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
)


def imported(bring: Callable[[Services, Path], object], suffix: str) -> Callable[[Path], Iterator[Check]]:
    """Return what imports any bytes as a file: all of its rows come in, or it is refused and nothing did."""

    def make(folder: Path) -> Iterator[Check]:
        installation = install(folder / "home", f"sqlite:///{folder / 'ledger.db'}")
        found_city(installation)
        path = folder / f"list{suffix}"

        def check(raw: bytes) -> None:
            path.write_bytes(raw)
            before = size(installation.services)
            try:
                bring(installation.services, path)
            except Refusal:
                assert size(installation.services) == before, "a refused file left something"
                raise

        yield check
        installation.services.engine.dispose()

    return make


def size(services: Services) -> int:
    """Return how many entries the ledger has."""
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).size


# -- codes, pictures ------------------------------------------------------------------------------------------


READERS: tuple[Callable[[str], str], ...] = (
    codes.fixmedins_code, codes.region_code, codes.social_credit_code, codes.resident_number,
    item_codes.diagnosis_code, item_codes.service_code, item_codes.drug_code, item_codes.approval_number,
    item_codes.trace_code, item_codes.violation_code,
)  # fmt: skip
CODES = (
    b"H34150290001", b"341502", b"341502001002", b"91350100M000100Y43", b"11010519491231002X", b"I10.x00x002",
    b"81234567890123456789", b"bed_hanging", "国药准字Z20260001".encode(), b"1,234.50", b"2026-11-17 10:00",
)  # fmt: skip


def a_code(raw: bytes) -> None:
    """Any text in place of a code has a normal form that stays as it is, or is refused."""
    text = raw.decode("utf-8", "replace")
    for read in READERS:
        try:
            normal = read(text)
        except BadCode:
            continue
        assert read(normal) == normal
    for other in (amounts.read_yuan, times.read_day):
        try:
            other(text)
        except Refusal:
            continue


@cache
def pictures() -> tuple[bytes, ...]:
    """Return a small picture in each format, one of them with a camera's notes."""
    made = []
    for kind in ("JPEG", "PNG", "WEBP"):
        kept = io.BytesIO()
        exif = Image.Exif()
        exif[0x0112], exif[0x010F] = 6, "Demo Phone"
        Image.new("RGB", (60, 40), (200, 20, 20)).save(kept, kind, exif=exif)
        made.append(kept.getvalue())
    return tuple(made)


def a_picture(raw: bytes) -> None:
    """Any bytes in place of a picture shrink to a small JPEG, or are corrupt or too large."""
    for decoder in ("JPEG", "PNG", "WEBP"):
        # Pillow warns of notes of a camera that it cannot read, and of many pixels, which are refused afterwards.
        with warnings.catch_warnings(action="ignore"):
            try:
                small = picture.shrink(raw, decoder, 32, item="x")
            except Refusal:
                continue
        assert small.startswith(b"\xff\xd8")


def spoilt_picture(random: Random) -> bytes:
    """Return one of the pictures spoilt."""
    return spoilt_bytes(pictures())(random)


CSV: Spoiler = spoilt_bytes([INSTITUTIONS, INSTITUTIONS.decode().encode("gb18030")])
SHEETS: Spoiler = one_of(spoilt_workbook, spoilt_workbook, spoilt_bytes([workbook()]))


def catalogues() -> list[Any]:
    """Return what is shipped, each with its first rows alone and under a version of its own."""
    every = [
        found.header | {"rows": list(found.rows[:3]), "version": "9"} for found in shipped.every().values()
    ]
    return [json.loads(json.dumps(body)) for body in every]


TARGETS = (
    Target("institutions, text", CSV, contextmanager(imported(import_institutions, ".csv"))),
    Target("institutions, spreadsheet", SHEETS, contextmanager(imported(import_institutions, ".xlsx")), 2.0),
    Target("census, text", spoilt_bytes([CENSUS]),
           contextmanager(imported(lambda here, path: import_census(here, path, HOSPITAL), ".csv"))),
    Target("catalogue", spoilt_json(catalogues()),
           contextmanager(imported(lambda here, path: import_catalogue(here, path, {}), ".json"))),
    Target("codes", spoilt_bytes(CODES), plain(a_code), 0.5),
    Target("pictures", spoilt_picture, plain(a_picture)),
)  # fmt: skip
