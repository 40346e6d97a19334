"""Papers as PDF/A-2b with Chinese text: made twice from one content they are the same to the byte."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import typst

FOLDER = Path(__file__).parent
FONTS = FOLDER.parent / "static" / "fonts"
STANDARD: Literal["a-2b"] = "a-2b"


def pdf(template: str, told: Mapping[str, Any], *, at: int) -> bytes:
    """Return what a template of this folder shows of a content. at: the paper's own time, in Unix seconds

    Pure: no clock, no font of the machine, nothing but the arguments and the files that lie beside this one.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "data.json").write_text(json.dumps(told, ensure_ascii=False), "utf-8")
        (folder / "main.typ").write_bytes((FOLDER / template).read_bytes())
        return bytes(
            typst.compile(
                str(folder / "main.typ"),
                root=str(folder),
                font_paths=[str(FONTS)],
                ignore_system_fonts=True,
                pdf_standards=[STANDARD],
                timestamp=at,
            )
        )
