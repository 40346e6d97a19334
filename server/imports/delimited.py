"""Lines of text files: CSV by comma, semicolon or tab, in UTF-8 or GB18030, as spreadsheets save them."""

from __future__ import annotations

import codecs
import csv
import io
from collections.abc import Iterator

from server.imports.table import BadFile, Headings, Line

ENCODINGS = ("utf-8-sig", "gb18030")
"""Tried in this order: what is no UTF-8 is taken as GB18030, which holds GBK and GB 2312 too."""
UTF_16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
DELIMITERS = (",", "\t", ";")
SNIFFED_CHARS = 20_000


def lines(raw: bytes, headings: Headings) -> Iterator[Line]:
    """Yield the lines of a text file; raises BadFile."""
    text = _decode(raw)
    if "\0" in text:
        raise BadFile("the file is no text: it holds NUL characters")
    return _lines(text, _delimiter(text[:SNIFFED_CHARS], headings))


def _decode(raw: bytes) -> str:
    for encoding in ("utf-16",) if raw.startswith(UTF_16) else ENCODINGS:
        try:
            return raw.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise BadFile("the file is not text in UTF-8 or GB18030")


def _delimiter(text: str, headings: Headings) -> str:
    """Return the delimiter by which most headings are recognised; the comma where none is better."""
    known = set(headings.names.values())

    def recognised(delimiter: str) -> int:
        top = text.splitlines()[:10]
        return max((len(known & set(headings.read(line.split(delimiter)))) for line in top), default=0)

    return max(DELIMITERS, key=recognised)


def _lines(text: str, delimiter: str) -> Iterator[Line]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            # A quoted cell may hold line feeds: a row is named by the line that it begins on.
            began, line = line, reader.line_num + 1
            yield began, cells
    except csv.Error as error:
        raise BadFile(f"line {reader.line_num}: {error}") from error
