"""The challenge follows from root, round and bed; what a ward writes by hand is still recognised."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sync.challenge import ALPHABET, CHARACTERS, LIKENESS, agrees, challenge, normal

ROOT = bytes(range(32))
ROUND, BED = "00000000-0000-7000-8000-000000000000", "00000000-0000-7000-8000-000000000001"
# printf 'wardledger/1 challenge\n%s\n%s\n' $ROUND '' | openssl dgst -sha256 -mac HMAC -macopt hexkey:$ROOT
BY_OPENSSL = 0xEA6DAEC09BCDB2E930C769724BCB8A0B9BD668C6A84BC8D8AD6F610DAA8839BA


def test_the_challenges_are_the_golden_ones():
    assert challenge(ROOT, ROUND) == "359M"
    assert challenge(ROOT, ROUND, BED) == "R828"


def test_the_golden_one_is_what_openssl_computes():
    digits = [BY_OPENSSL // 25**place % 25 for place in (3, 2, 1, 0)]
    assert "".join(ALPHABET[digit] for digit in digits) == challenge(ROOT, ROUND)


@pytest.mark.parametrize(
    "other", [(bytes(32), ROUND, ""), (ROOT, BED, ""), (ROOT, ROUND, BED)], ids=["root", "round", "bed"]
)
def test_another_root_round_or_bed_has_another_challenge(other):
    assert challenge(*other) != challenge(ROOT, ROUND)


def test_challenges_spread_over_the_alphabet():
    made = [challenge(ROOT, str(n)) for n in range(10_000)]
    assert all(len(one) == CHARACTERS and set(one) <= set(ALPHABET) for one in made)
    for place in range(CHARACTERS):
        seen = Counter(one[place] for one in made)
        assert len(seen) == len(ALPHABET)
        assert max(abs(count - 400) for count in seen.values()) < 100
    # 390,625 challenges: of 10,000 some 127 pairs meet by chance.
    assert len(set(made)) > 9_700


def test_no_two_signs_of_the_alphabet_look_alike():
    alike = ("0OQD", "1ILJ", "2Z", "5S", "6G", "8B", "UV")
    assert len(ALPHABET) == len(set(ALPHABET)) == 25
    assert all(len(set(group) & set(ALPHABET)) == 1 for group in alike)


@given(st.text(ALPHABET, min_size=CHARACTERS, max_size=CHARACTERS), st.data())
def test_a_challenge_written_with_look_alikes_agrees(expected, data):
    back: dict[str, list[str]] = {sign: [sign] for sign in ALPHABET}
    for source, target in LIKENESS.items():
        back[chr(target)].append(chr(source))
    written = "".join(data.draw(st.sampled_from(back[sign])) for sign in expected)
    assert agrees(written, expected)
    assert agrees(f" {written[:2].lower()} {written[2:].lower()} ", expected)


def test_full_width_signs_of_a_chinese_keyboard_agree():
    assert normal("３５９ｍ") == "359M"


@pytest.mark.parametrize("typed", ["", "359", "359N", "359MM", "M953"])
def test_other_characters_do_not_agree(typed):
    assert not agrees(typed, "359M")
