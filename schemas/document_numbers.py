"""Numbers of documents, such as 六医保改〔2026〕12号; another office's number may be any token."""

from __future__ import annotations

import re

from sync.errors import BadCode

_NUMBER = re.compile(r"[\u4e00-\u9fff]{2,20}〔[0-9]{4}〕[1-9][0-9]{0,8}号|[A-Za-z0-9][A-Za-z0-9_.\-/]{0,63}")


def document_number(value: str) -> str:
    """Return a number of a document as it is; raises BadCode for what is none."""
    if not _NUMBER.fullmatch(value):
        raise BadCode("not a document number such as 六医保改〔2026〕12号, nor a token")
    return value
