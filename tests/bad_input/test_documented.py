"""docs/protocol.md prints the cases of bad input as they are tested, and no other answer."""

from __future__ import annotations

import re

from sync.errors import every_refusal
from sync.outcomes import GRAVEST_FIRST
from tests.bad_input.table import BEGIN, CASES, END, table
from tests.house.rooms import ROOT


def test_the_protocols_table_of_bad_input_is_the_one_that_is_tested():
    text = (ROOT / "docs" / "protocol.md").read_text("utf-8")
    assert BEGIN in text
    printed = text[text.index(BEGIN) : text.index(END) + len(END)]
    assert printed == table(), "print it anew: python -m tests.bad_input"


def test_every_code_and_verdict_of_a_case_is_one_that_the_protocol_names():
    codes, verdicts = set(every_refusal()), set(GRAVEST_FIRST)
    for case in CASES:
        _, _, code = case.answer.partition(" ")
        assert not code or code in codes, case.sent
        for entry in case.entries:
            verdict, code = re.fullmatch(r"(\w+) ?(\w*)(?: \(\w+\))?", entry).groups()
            assert verdict in verdicts, case.sent
            assert not code or code in codes, case.sent
