"""A catalogue as bytes: a header line, then a row a line, each canonical JSON, so that a digest names the content.

UTF-8, every line ended by LF; rows in the order of (code, valid_from). What phones carry is bounded
tightly; the large lists of codes stay on the server and are never held in memory row by row at once
except while they are imported.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from schemas.catalogues.kinds import HEADER, KINDS
from schemas.wire.parts import first_fault
from sync import lines
from sync.errors import BadCode, BadValue, Malformed, NotCanonical, TooLarge

MEDIA_TYPE = "application/vnd.wardledger.catalogue"
VERSION = 1
ROW_BYTES_MAX = 16 * 1024
ROWS_MAX = 300_000
TEXT_BYTES_MAX = 64 * 1024 * 1024
CARRIED_ROWS_MAX = 2_000
CARRIED_BYTES_MAX = 1024 * 1024
CHECKLIST_ALONE = ("on_request", "inspection_kinds", "institution_kinds")

Values = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Catalogue:
    """A catalogue whose bytes were made or checked here; digest: SHA-256 of `text` in hex."""

    header: Values
    rows: tuple[Values, ...]
    text: bytes
    digest: str

    @property
    def kind(self) -> str:
        """One of KINDS."""
        return str(self.header["kind"])

    @property
    def lines(self) -> list[bytes]:
        """The header's line and the rows', without their LF."""
        return self.text[:-1].split(b"\n")

    def row(self, code: str, day: str | None = None) -> Values | None:
        """Return the row of a code: the one of a day where given, else the last one; None where there is none."""
        found = [row for row in self.rows if row["code"] == code]
        if day is not None:
            found = [row for row in found if holds_on(row, day)]
        return found[-1] if found else None


@dataclass(frozen=True, slots=True)
class ContentFault:
    """What is wrong with a row: its place from 0 (None for the header), the member, a Refusal's code, words."""

    place: int | None
    member: str
    code: str
    detail: str


def holds_on(dated: Values, day: str) -> bool:
    """Return whether a header or a row holds on a day (YYYY-MM-DD); both ends are included, open where absent."""
    return bool(dated.get("valid_from", day) <= day <= dated.get("valid_until", day))


def faults(header: Values, rows: Sequence[Values]) -> list[ContentFault]:
    """Return everything that is wrong with a catalogue-to-be, the header first, then row by row.

    header: without `v` and `rows`, which are set here
    """
    found = _header_faults({**header, "v": VERSION, "rows": len(rows)})
    kind = KINDS.get(str(header.get("kind")))
    if kind is None:
        return [ContentFault(None, "kind", BadValue.code, f"none of {', '.join(KINDS)}")]
    for place, row in enumerate(rows):
        wrong = kind.row.validate(dict(row))
        for member in wrong:
            path, words = first_fault({member: wrong[member]})
            code = BadCode.code if member == "code" and "code" in row else BadValue.code
            found.append(ContentFault(place, path, code, words))
        if not wrong and row.get("valid_until", "9") < row.get("valid_from", "0"):
            found.append(ContentFault(place, "valid_until", BadValue.code, "lies before valid_from"))
    return found or _overlaps(rows)


def _header_faults(header: Values) -> list[ContentFault]:
    wrong = HEADER.validate(dict(header))
    found = []
    for member in wrong:
        path, words = first_fault({member: wrong[member]})
        found.append(ContentFault(None, path, BadValue.code, words))
    if not wrong and header.get("valid_until", "9") < header["valid_from"]:
        found.append(ContentFault(None, "valid_until", BadValue.code, "lies before valid_from"))
    if header.get("kind") != "checklist":
        found += [
            ContentFault(None, member, BadValue.code, "belongs to checklists alone")
            for member in CHECKLIST_ALONE
            if member in header
        ]
    return found


def _overlaps(rows: Sequence[Values]) -> list[ContentFault]:
    """Return the rows whose code has another row that holds on one of their days."""
    found = []
    ordered = sorted(range(len(rows)), key=lambda place: _order(rows[place]))
    for before, after in pairwise(ordered):
        one, two = rows[before], rows[after]
        if one["code"] == two["code"] and one.get("valid_until", "9") >= two.get("valid_from", "0"):
            found.append(
                ContentFault(after, "code", BadValue.code, "has another row that holds on the same day")
            )
    return found


def _order(row: Values) -> tuple[str, str]:
    return str(row.get("code", "")), str(row.get("valid_from", ""))


def write(header: Values, rows: Iterable[Values]) -> Catalogue:
    """Return the catalogue of these rows; the same header and rows give the same bytes in whatever order.

    header: without `v` and `rows`; raises Malformed naming the first fault, TooLarge.
    """
    ordered = sorted(rows, key=_order)
    wrong = faults(header, ordered)
    if wrong:
        raise _refusal(wrong[0])
    whole = {**header, "v": VERSION, "rows": len(ordered)}
    text = b"".join(lines.encode(line) + b"\n" for line in (whole, *ordered))
    _bounded(str(header["kind"]), len(ordered), len(text))
    return Catalogue(whole, tuple(ordered), text, hashlib.sha256(text).hexdigest())


def read(text: bytes, digest: str | None = None) -> Catalogue:
    """Return the catalogue that these bytes are; digest: what they must hash to, where somebody named it.

    Raises Malformed, NotCanonical, TooLarge; what comes back is in every respect what `write` would make.
    """
    if len(text) > TEXT_BYTES_MAX:
        raise TooLarge(f"a catalogue has at most {TEXT_BYTES_MAX} bytes")
    known = hashlib.sha256(text).hexdigest()
    if digest is not None and known != digest:
        raise Malformed("the bytes are not those that the digest names")
    if not text.endswith(b"\n"):
        raise Malformed("a catalogue is lines ended by LF")
    first, *rest = (lines.decode(line, bytes_max=ROW_BYTES_MAX) for line in text[:-1].split(b"\n"))
    header = {name: value for name, value in first.items() if name not in ("v", "rows")}
    if (first.get("v"), first.get("rows")) != (VERSION, len(rest)):
        raise Malformed("the header names another version or number of rows")
    made = write(header, rest)
    if made.text != text:
        raise NotCanonical("the rows are not in their order")
    return made


def _refusal(fault: ContentFault) -> Malformed:
    where = "header" if fault.place is None else f"row {fault.place + 1}"
    return Malformed(f"{where}, {fault.member}: {fault.detail}", field=fault.member)


def _bounded(kind: str, rows: int, size: int) -> None:
    carried = KINDS[kind].carried
    rows_max = CARRIED_ROWS_MAX if carried else ROWS_MAX
    bytes_max = CARRIED_BYTES_MAX if carried else TEXT_BYTES_MAX
    if rows > rows_max or size > bytes_max:
        raise TooLarge(f"a catalogue of kind {kind} has at most {rows_max} rows and {bytes_max} bytes")
