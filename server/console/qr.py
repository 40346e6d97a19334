"""A QR code as one path of an inline SVG: the page's policy allows neither styles nor data addresses."""

from __future__ import annotations

import qrcode
from qrcode.constants import ERROR_CORRECT_M

BORDER = 4
"""Modules of quiet around it, as the standard wants."""


def path_of(text: str) -> tuple[str, int]:
    """Return (the path of the dark modules, how many modules the code is wide with its border)."""
    code = qrcode.QRCode(error_correction=ERROR_CORRECT_M, border=0)
    code.add_data(text)
    rows = code.get_matrix()
    parts = []
    for y, row in enumerate(rows):
        x = 0
        while x < len(row):
            run = 0
            while x + run < len(row) and row[x + run]:
                run += 1
            if run:
                parts.append(f"M{x + BORDER} {y + BORDER}h{run}v1h-{run}z")
            x += run or 1
    return "".join(parts), len(rows) + 2 * BORDER
