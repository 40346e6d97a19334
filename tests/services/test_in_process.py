"""What the in-process server sends is closed before it is sent, whatever the browser does meanwhile."""

from __future__ import annotations

import pytest

from tests.services.in_process import whole


class Answer:
    """An answer that knows whether it was closed."""

    def __init__(self, *parts: bytes, torn: bool = False):
        self.parts, self.torn, self.is_closed = parts, torn, False

    def __iter__(self):
        yield from self.parts
        if self.torn:
            raise OSError("injected")

    def close(self) -> None:
        """Note it."""
        self.is_closed = True


def test_an_answer_is_read_whole_and_closed():
    answer = Answer(b"a", b"b")
    assert whole(lambda *_: answer)({}, None) == [b"ab"]
    assert answer.is_closed


def test_an_answer_that_breaks_off_is_closed_too():
    answer = Answer(b"a", torn=True)
    with pytest.raises(OSError, match="injected"):
        whole(lambda *_: answer)({}, None)
    assert answer.is_closed
