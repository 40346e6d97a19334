"""One range of a file is read from a request; everything else is answered with the whole."""

from __future__ import annotations

import pytest

from server.evidence.ranges import wanted
from sync.errors import RangeUnsatisfiable

ETAG = '"abc"'


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("bytes=0-0", (0, 1)),
        ("bytes=0-", (0, 100)),
        ("bytes=10-19", (10, 20)),
        ("bytes=99-", (99, 100)),
        ("bytes=90-1000", (90, 100)),
        ("bytes=-1", (99, 100)),
        ("bytes=-100", (0, 100)),
        ("bytes=-1000", (0, 100)),
        (" bytes=5-6 ", (5, 7)),
    ],
)
def test_one_range_is_what_it_says(header: str, part: tuple[int, int]):
    assert wanted(header, None, etag=ETAG, size=100) == part


@pytest.mark.parametrize(
    "header",
    [None, "", "bytes=-", "bytes=5-4", "bytes=0-1,5-6", "lines=0-1", "bytes=a-b", "bytes 0-1", "bytes=1"],
)
def test_what_is_not_one_range_is_answered_with_the_whole(header: str | None):
    assert wanted(header, None, etag=ETAG, size=100) is None


@pytest.mark.parametrize("header", ["bytes=100-", "bytes=100-200", "bytes=999999999999999999-", "bytes=-0"])
def test_a_range_outside_the_file_is_refused_with_its_size(header: str):
    with pytest.raises(RangeUnsatisfiable) as refused:
        wanted(header, None, etag=ETAG, size=100)
    assert refused.value.facts["size"] == 100


def test_a_range_of_an_empty_file_is_refused():
    with pytest.raises(RangeUnsatisfiable):
        wanted("bytes=0-", None, etag=ETAG, size=0)


@pytest.mark.parametrize(
    ("if_range", "part"),
    [(ETAG, (0, 10)), ('"other"', None), ('W/"abc"', None), ("Sun, 22 Nov 2026 00:00:00 GMT", None)],
)
def test_a_range_of_another_version_is_answered_with_the_whole(if_range: str, part: tuple[int, int] | None):
    assert wanted("bytes=0-9", if_range, etag=ETAG, size=100) == part
