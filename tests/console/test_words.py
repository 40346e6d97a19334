"""Every word that people read has its Chinese, once, with the same holes; English stands in the code."""

from __future__ import annotations

import re
from functools import cache

from babel.messages import Catalog, extract, frontend

from server.translations.__main__ import COMPILED, HERE, compiled, joined
from tests.console.sample_desk import SERVER, sample_desk


@cache
def words_used() -> Catalog:
    """Return the catalogue of all words that code and templates ask for now."""
    with (HERE / "babel.cfg").open() as mapping:
        methods, options = frontend.parse_mapping_cfg(mapping)
    keywords = {**extract.DEFAULT_KEYWORDS, **frontend.parse_keywords(["_l", "lazy_gettext"])}
    catalog = Catalog()
    found = extract.extract_from_dir(SERVER, methods, options, keywords, strip_comment_tags=False)
    for _file, _line, message, _comments, context in found:
        catalog.add(message, context=context)
    return catalog


def forms(value: str | tuple[str, ...] | list[str]) -> tuple[str, ...]:
    """Return all forms of a message, singular and plural."""
    return (value,) if isinstance(value, str) else tuple(value)


def test_every_word_in_use_is_translated_and_no_other():
    asked = {message.id for message in words_used() if message.id}
    catalog = joined()
    held = {message.id for message in catalog if message.id}
    assert asked - held == set(), "write their Chinese in server/translations/zh/<room>.po"
    assert held - asked == set(), "nobody asks for these any more: take them out of server/translations/zh"
    for message in catalog:
        if message.id:
            assert all(forms(message.string)), f"there is no Chinese for {message.id!r}"
            assert not message.fuzzy, f"the Chinese of {message.id!r} is marked as unsure"


def test_translations_keep_their_placeholders():
    for message in joined():
        if message.id:
            holes = {hole for form in forms(message.id) for hole in re.findall(r"%\(\w+\)s", form)}
            for form in forms(message.string):
                assert set(re.findall(r"%\(\w+\)s", form)) == holes, message.id


def test_the_compiled_words_are_those_that_people_edit():
    assert COMPILED.read_bytes() == compiled(), "run python -m server.translations"


def test_a_chinese_page_has_no_english_words_left_and_an_english_one_has_them():
    chinese, english = (
        sample_desk(locale).test_client().get("/").get_data(as_text=True) for locale in ("zh_CN", "en")
    )
    assert "待审核证据" in chinese
    assert "Evidence to review" not in chinese
    assert "Evidence to review" in english


def test_counted_words_have_both_forms_in_english():
    app = sample_desk("en")
    with app.test_request_context("/"):
        from flask_babel import ngettext

        one, two = "Approved %(num)s item of evidence", "Approved %(num)s items of evidence"
        assert ngettext(one, two, 1) == "Approved 1 item of evidence"
        assert ngettext(one, two, 2) == "Approved 2 items of evidence"
