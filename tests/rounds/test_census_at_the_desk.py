"""A census at the desk: looked at without a trace, imported as one entry by whoever saw it, in his region alone."""

from __future__ import annotations

import base64
import hashlib
import io
import logging
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from server.queries import census as queries
from tests.imports import files
from tests.imports.files import HOSPITAL, OTHER
from tests.rounds.town import Town, desk
from tests.server.desk_client import Desk, words

CODE = HOSPITAL.fixmedins_code


@pytest.fixture
def chief(town: Town) -> Desk:
    """The city's supervisor, signed in."""
    return desk(town, "chief", "supervisor", "341500")


def content(town: Town, change: Any = bool) -> bytes:
    """Return the hospital's list as a file, after `change` had its way with the rows."""
    path = files.census(town.folder / "shown.csv")
    rows = files.rows_of(path.read_text("utf-8-sig"))
    change(rows)
    return files.write(Path(path), rows).read_bytes()


def send(who: Desk, raw: bytes, **form: Any) -> TestResponse:
    """Send a file with the form, to look at it unless told otherwise."""
    given = {"institution": CODE, **form}
    return who.post("/rounds/census", file=(io.BytesIO(raw), "名单.csv"), **given)


def bring(who: Desk, raw: bytes, **form: Any) -> TestResponse:
    """Confirm a file that was looked at."""
    return send(who, raw, **{"import": "1", "seen": hashlib.sha256(raw).hexdigest(), **form})


def test_a_list_is_looked_at_with_its_counts_and_nothing_is_written(town: Town, chief: Desk):
    raw, before = content(town, lambda rows: rows.pop()), town.size()
    answer = send(chief, raw)
    said = words(answer)
    rows = len(town.patients()) - 1
    assert answer.status_code == 200
    assert "名单可以导入" in said
    assert f"行数 {rows}" in said
    assert "不再在册 1" in said
    assert f'name="seen" value="{hashlib.sha256(raw).hexdigest()}"' in answer.text
    assert town.size() == before


def test_the_preview_shows_nobody_by_name_or_number(town: Town, chief: Desk, caplog: Any):
    caplog.set_level(logging.DEBUG)
    raw = content(town)
    (first, *_) = files.rows_of(raw.decode("utf-8-sig"))
    answer = send(chief, raw)
    assert first["name"] not in answer.text
    assert first["person_no"] not in answer.text
    assert first["name"] not in caplog.text
    assert "第一行" not in caplog.text
    assert answer.headers["Cache-Control"] == "no-store"


def test_what_was_seen_is_imported_as_one_entry_with_who_brought_it(town: Town, chief: Desk):
    raw, before = content(town, lambda rows: rows.pop()), town.size()
    answer = bring(chief, raw)
    assert (answer.status_code, answer.location) == (303, "/rounds/call")
    assert town.size() == before + 1
    newest = max(town.of_type("census"), key=lambda one: one.acts[0].index)
    assert newest.values["brought_by"] == town.users["chief"]
    assert newest.values["count"] == len(town.patients()) - 1
    assert "已导入为台账" in words(chief.get("/rounds/call"))


def test_another_file_than_the_one_that_was_seen_is_not_imported(town: Town, chief: Desk):
    seen, other = content(town), content(town, lambda rows: rows.pop())
    before = town.size()
    for form in ({"seen": hashlib.sha256(seen).hexdigest()}, {"seen": ""}, {"seen": "é"}):
        answer = bring(chief, other, **form)
        assert answer.status_code == 422
        assert "这不是刚才预览的文件" in words(answer)
    assert town.size() == before


def test_every_bad_row_is_named_and_none_is_imported(town: Town, chief: Desk):
    def spoil(rows: list[dict[str, str]]) -> None:
        rows[1]["admitted_on"] = "gestern"
        rows[3]["bed"] = ""

    raw, before = content(town, spoil), town.size()
    said = words(send(chief, raw))
    assert "名单有误，全部不能导入" in said
    assert "错误 2" in said
    assert "3 入院日期 admitted_on" in said
    assert "5 床号 bed 为空" in said
    assert "gestern" not in said
    answer = bring(chief, raw)
    assert answer.status_code == 422
    assert "有错误的行，未导入任何内容" in words(answer)
    assert town.size() == before


@pytest.mark.parametrize(
    ("raw", "form", "word"),
    [
        (b"", {}, "请选择文件"),
        (b"a,b\n1,2\n", {}, "无法将该文件读作名单"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", {}, "无法将该文件读作名单"),
        (None, {"institution": "H34150299999"}, "没有这一编码的机构"),
        (None, {"institution": "x"}, "没有这一编码的机构"),
        (None, {"institution": OTHER.fixmedins_code}, "登记在另一家医院"),
        (None, {"day": "2027-01-01"}, "名单日期须为今天或更早"),
        (None, {"day": "soon"}, "名单日期须为今天或更早"),
    ],
)
def test_what_does_not_fit_is_named(
    town: Town, chief: Desk, raw: bytes | None, form: dict[str, str], word: str
):
    before = town.size()

    def unnamed(rows: list[dict[str, str]]) -> None:
        for row in rows:
            row.pop("fixmedins_code", None)

    answer = send(chief, content(town, unnamed) if raw is None else raw, **form)
    assert answer.status_code == 422
    assert word in words(answer)
    assert town.size() == before


def test_a_file_beyond_the_limit_is_refused_and_the_limit_named(
    town: Town, chief: Desk, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(queries, "FILE_BYTES_MAX", 100)
    answer = send(chief, content(town))
    assert answer.status_code == 422
    assert "请改用命令行导入" in words(answer)
    body = {"content": base64.b64encode(content(town)).decode(), "institution": CODE}
    refused = chief.send("/api/censuses/preview", body)
    assert (refused.status_code, refused.json["code"]) == (413, "too_large")


def test_programs_look_and_bring_the_same(town: Town, chief: Desk):
    raw, before = content(town, lambda rows: rows.pop()), town.size()
    body = {"content": base64.b64encode(raw).decode(), "institution": CODE}
    seen = chief.send("/api/censuses/preview", body)
    assert seen.status_code == 200, seen.text
    assert (seen.json["rows"], seen.json["left"], seen.json["fault_count"]) == (
        len(town.patients()) - 1,
        1,
        0,
    )
    assert town.size() == before
    done = chief.send("/api/censuses", body)
    assert (done.status_code, done.json["entry"], done.json["left"]) == (201, before, 1)
    wrong = chief.send("/api/censuses", {**body, "content": "不"})
    assert (wrong.status_code, wrong.json["field"]) == (400, "content")
    bad = base64.b64encode(content(town, lambda rows: rows[0].update(bed=""))).decode()
    refused = chief.send("/api/censuses", {**body, "content": bad})
    assert (refused.status_code, refused.json["code"]) == (400, "bad_rows")
    assert refused.json["rows"][0]["column"] == "bed"


@pytest.mark.parametrize(("role", "region"), [("auditor", "341500"), ("supervisor", "341599")])
def test_who_may_not_neither_looks_at_a_census_nor_brings_one(town: Town, role: str, region: str):
    reader = desk(town, "reader", role, region)
    before = town.size()
    raw = content(town)
    body = {"content": base64.b64encode(raw).decode(), "institution": CODE}
    status = 403 if role == "auditor" else 422
    assert [send(reader, raw).status_code, bring(reader, raw).status_code] == [status, status]
    status = 403 if role == "auditor" else 404
    for path in ("/api/censuses", "/api/censuses/preview"):
        assert reader.send(path, body).status_code == status
    assert town.size() == before


def test_rows_of_a_hospital_of_another_region_are_unknown(town: Town):
    county = desk(town, "county", "supervisor", "341599")
    path = files.city_census(town.folder / "both.csv", [HOSPITAL, OTHER])
    before = town.size()
    answer = send(county, path.read_bytes(), institution="")
    assert "名单有误" in words(answer)
    assert "台账中没有这家机构" in words(answer)
    assert bring(county, path.read_bytes(), institution="").status_code == 422
    assert town.size() == before
