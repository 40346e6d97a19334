"""The dossier of one institution as PDF/A-2b with Chinese text; made twice from one head it is the same to the byte."""

from __future__ import annotations

import json
import tempfile
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import typst
from flask_babel import gettext

from schemas.records import TYPES
from server.console import dossier_marks, formats, register_marks
from server.console.pages.institutions import DossierEvent, DossierItem, DossierPart
from server.console.pages.registers import Named
from server.evidence import picture
from server.queries.dossier import Dossier, gather, parts
from server.queries.institution import may_download, timeline
from server.queries.reading import Reading, moment
from server.queries.record_page import lines_of
from server.storage import ledger_store
from sync.errors import FileCorrupt, FileUnverified, NotAllowed

TEMPLATE = Path(__file__).with_name("dossier.typ")
FONTS = Path(__file__).parent.parent / "static" / "fonts"
PICTURES_MAX = 60
"""Pictures in one dossier; further evidence is listed with its digest."""
THUMBNAIL_WIDTH = 320
STANDARD: Literal["a-2b"] = "a-2b"


def dossier_pdf(reading: Reading, institution: str) -> bytes:
    """Return the dossier as far as the reader may see it; raises NotFound outside his scope, NotAllowed by his role."""
    dossier = gather(reading, institution)
    if not may_download(reading, dossier.institution):
        raise NotAllowed("your role does not take dossiers away", item=institution)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        told = _told(reading, dossier, folder)
        (folder / "data.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        (folder / "main.typ").write_bytes(TEMPLATE.read_bytes())
        return bytes(
            typst.compile(
                str(folder / "main.typ"),
                root=str(folder),
                font_paths=[str(FONTS)],
                ignore_system_fonts=True,
                pdf_standards=[STANDARD],
                timestamp=int(_head(reading).at // 1000),
            )
        )


def _head(reading: Reading) -> ledger_store.Head:
    return ledger_store.head(reading.connection, reading.services.ledger.id)


def _told(reading: Reading, dossier: Dossier, folder: Path) -> dict[str, Any]:
    """Return everything that the template shows, in the reader's language; pictures go into the folder."""
    head, record = _head(reading), dossier.institution
    made = parts(reading, dossier)
    at = formats.moment(moment(head.at), reading.services.config.timezone, reading.locale, seconds=True)
    return {
        "lang": "zh" if reading.locale == "zh_CN" else "en",
        "origin": reading.services.ledger.origin,
        "title": str(record.values.get("name") or record.values["fixmedins_code"]),
        "subtitle": gettext("Dossier of one institution, as the ledger stood at %(at)s", at=at),
        "foot": gettext(
            "Ledger %(origin)s, %(size)s entries", origin=reading.services.ledger.origin, size=head.size
        ),
        "facts": [
            [gettext("Code"), str(record.values["fixmedins_code"])],
            [gettext("In order"), f"{sum(part.state != 'missing' for part in made)} / {len(made)}"],
        ],
        "heads": [gettext("Document"), gettext("Stage"), gettext("Entered"), gettext("Entry")],
        "nothing": gettext("Nothing stands here yet."),
        "parts": [_part(reading, dossier, part, folder) for part in made],
        "timeline_title": gettext("What happened"),
        "timeline_heads": [gettext("Entered"), gettext("Event"), gettext("By"), gettext("Entry")],
        "timeline": [_happened(reading, each) for each in timeline(reading, dossier)],
        "proof_title": gettext("How to check this"),
        "proof_words": gettext(
            "Every line above names the entry of the ledger that wrote it. A bundle of the same institution holds "
            "these entries with their proofs and can be checked without Wardledger. The signed head of the ledger:"
        ),
        "head": head.note,
    }


def _part(reading: Reading, dossier: Dossier, part: DossierPart, folder: Path) -> dict[str, Any]:
    basic = part.name == "basic"
    return {
        "title": str(dossier_marks.DOSSIER_PARTS[part.name].word),
        "state": str(dossier_marks.PART_STATES[part.state].word),
        "lacks": [f"{dossier_marks.LACKS[lack.code].word} {lack.about}".strip() for lack in part.lacks],
        "facts": _facts(reading, dossier) if basic else [],
        "items": [] if basic else [_item(reading, item) for item in part.items],
        "more": gettext("%(number)s more", number=part.more) if part.more else "",
        "pictures": _pictures(reading, dossier, part, folder) if part.name == "evidence" else [],
    }


def _facts(reading: Reading, dossier: Dossier) -> list[list[str]]:
    told = []
    for line in lines_of(reading, TYPES["institution"], dossier.institution):
        words = ", ".join(_words(reading, value) for value in line.cell.values)
        told.append([line.label, words or gettext("erased")])
    return told


def _words(reading: Reading, value: Any) -> str:
    if isinstance(value, Named):
        return value.words
    if isinstance(value, datetime):
        return _at(reading, value)
    if isinstance(value, dict) and "lat_e7" in value:
        return f"{value['lat_e7'] / 1e7:.5f}, {value['lon_e7'] / 1e7:.5f}"
    if isinstance(value, tuple):
        return "; ".join(f"{part.label} {', '.join(map(str, part.cell.values))}" for part in value)
    return str(value)


def _at(reading: Reading, at: datetime) -> str:
    return formats.moment(at, reading.services.config.timezone, reading.locale)


def _item(reading: Reading, item: DossierItem) -> dict[str, Any]:
    stage = str(register_marks.named_stage(item.kind, item.stage).word) if item.stage else ""
    return {
        "title": item.title,
        "stage": stage,
        "at": _at(reading, item.at) if item.at else "",
        "index": item.index if item.index is not None else "",
        "digest": item.digest,
    }


def _happened(reading: Reading, each: DossierEvent) -> list[str]:
    stage = register_marks.named_stage(each.kind, each.stage).word
    return [_at(reading, each.at), f"{each.title} · {stage}", each.by, str(each.index)]


def _pictures(reading: Reading, dossier: Dossier, part: DossierPart, folder: Path) -> list[dict[str, str]]:
    """Write small pictures of the evidence; one that cannot be opened is left out, its line stays."""
    records = {each.id: each for each in dossier.of("evidence")}
    found: list[dict[str, str]] = []
    for item in part.items:
        if not item.picture or len(found) == PICTURES_MAX:
            continue
        try:
            shown = picture.derivative(reading.services, records[item.id], THUMBNAIL_WIDTH)
            (folder / f"{len(found)}.jpg").write_bytes(b"".join(shown.parts))
        except (FileUnverified, FileCorrupt):
            continue
        words = gettext("Entry %(index)s, SHA-256 %(digest)s", index=item.index, digest=item.digest)
        found.append({"file": f"{len(found)}.jpg", "words": words})
    return found
