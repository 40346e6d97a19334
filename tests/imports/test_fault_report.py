"""Whoever must mend a file reads what is wrong in his own language, listed and counted."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from server.imports import fault_report
from server.imports.table import RowFault
from server.imports.words import chinese

FAULTS = [
    RowFault(line, "beds", "bad_value", "not a whole number", "不是整数")
    for line in range(2, fault_report.SHOWN + 4)
]


def told(faults: list[RowFault], *, in_chinese: bool) -> str:
    console = Console(file=io.StringIO(), width=100)
    fault_report.tell(console, faults, chinese=in_chinese)
    return console.file.getvalue()  # type: ignore[attr-defined]


def test_a_terminal_shows_a_table_in_either_language():
    assert "不是整数" in told(FAULTS[:1], in_chinese=True)
    assert "not a whole number" in told(FAULTS[:1], in_chinese=False)
    assert "×" not in told(FAULTS[:1], in_chinese=True)


def test_of_many_faults_each_kind_is_counted():
    assert f"{len(FAULTS)} × beds: 不是整数" in told(FAULTS, in_chinese=True)


def test_text_names_each_fault_and_how_many_more_there_are():
    lines = fault_report.plain(FAULTS, chinese=False)
    assert lines[0] == "line 2, beds: bad_value: not a whole number"
    assert lines[-1] == "and 2 more; --report names all of them"
    assert len(lines) == fault_report.SHOWN + 1


@pytest.mark.parametrize(
    ("code", "detail", "words"),
    [
        ("bad_code", "not a code of at most 64 letters, digits, _ . - /", "应为不超过64位的代码"),
        ("bad_value", "not a date like 2026-11-21", "不是有效日期"),
        ("bad_value", "Longer than maximum length 60.", "超过60个字符"),
        ("bad_value", "Shorter than minimum length 1.", "少于1个字符"),
        (
            "bad_value",
            "Must be greater than or equal to 0 and less than or equal to 20000.",
            "应在0到20000之间",
        ),
        ("bad_value", "Must be one of: A, B.", "应为下列之一：A, B"),
        ("bad_value", "name is required", "缺少name"),
        ("bad_code", "words that nobody foresaw", "代码有误"),
        ("bad_value", "words that nobody foresaw", "内容不符合要求"),
    ],
)
def test_what_validation_says_is_said_in_chinese(code: str, detail: str, words: str):
    assert chinese(code, detail).startswith(words)
