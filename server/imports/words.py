"""What validation says of a value, in Chinese: marshmallow's words and ours, by pattern."""

from __future__ import annotations

import re

from sync.errors import BadCode

PATTERNS = (
    (re.compile(r"not a code of at most 64 letters, digits.*"), "应为不超过64位的代码：字母、数字及 _ . - /"),
    (re.compile(r"not a date like .*"), "不是有效日期（应如 2026-11-21）"),
    (re.compile(r"not in its normal form"), "不是规范写法"),
    (re.compile(r"Longer than maximum length ([0-9]+)\."), r"超过\1个字符"),
    (re.compile(r"Shorter than minimum length ([0-9]+)\."), r"少于\1个字符"),
    (
        re.compile(r"Must be greater than or equal to (-?[0-9]+) and less than or equal to (-?[0-9]+)\."),
        r"应在\1到\2之间",
    ),
    (re.compile(r"Must be one of: (.*)\."), r"应为下列之一：\1"),
    (re.compile(r"(\w+) is required"), r"缺少\1"),
)


def chinese(code: str, detail: str) -> str:
    """Return a validation's words in Chinese; of words that nobody foresaw, what their code means."""
    for pattern, words in PATTERNS:
        if found := pattern.fullmatch(detail):
            return found.expand(words)
    return "代码有误" if code == BadCode.code else "内容不符合要求"
