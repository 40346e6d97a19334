"""A code is looked up by place and day: the nearest catalogue that knows it decides, and the words say why not."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.catalogues import holding, lookup
from server.catalogues.lookup import ELSEWHEN, HOLDS, UNKNOWN, Found
from tests.catalogues.bureau import Bureau

NATION = {
    "kind": "diagnosis", "code": "ICD10-CN", "version": "1", "zh": "全国诊断目录", "valid_from": "2026-01-01",
    "rows": [
        {"code": "I10", "zh": "高血压", "en": "Hypertension"},
        {"code": "J18.900", "zh": "肺炎", "valid_until": "2026-06-30"},
        {"code": "K29.500", "zh": "慢性胃炎"},
    ],
}  # fmt: skip
CITY = {
    **NATION, "code": "ICD10-LUAN", "zh": "六安诊断目录", "region": "341500",
    "rows": [
        {"code": "I10", "zh": "本地高血压"},
        {"code": "K29.500", "zh": "慢性胃炎", "valid_until": "2026-03-31"},
    ],
}  # fmt: skip


@pytest.fixture
def city(bureau: Bureau, tmp_path: Path) -> Bureau:
    """A bureau with the nation's catalogue and a local one."""
    bureau.bring(tmp_path, NATION)
    bureau.bring(tmp_path, CITY)
    return bureau


def found(bureau: Bureau, code: str, *, region: str = "341502", day: str = "2026-11-17") -> Found:
    services = bureau.services
    with services.database.reading() as connection:
        candidates = holding.listed(connection, services.vault.session(connection, services.ledger.id))
        layers = lookup.layers(candidates, "diagnosis", region=region, day=day)
        return lookup.look_up(connection, services.ledger.id, layers, [code], kind="diagnosis", day=day)[code]


def test_the_local_row_wins_where_the_local_catalogue_holds_and_nowhere_else(city: Bureau):
    assert found(city, "I10").words("zh_CN") == "本地高血压"
    assert found(city, "I10", region="340102").words("zh_CN") == "高血压"
    assert found(city, "I10", region="340102").words("en") == "Hypertension"


def test_what_the_local_catalogue_does_not_know_is_looked_up_in_the_nation_s(city: Bureau):
    here = found(city, "J18.900", day="2026-06-30")
    assert (here.state, here.catalogue.code) == (HOLDS, "ICD10-CN")


def test_a_code_out_of_its_time_says_when_it_held(city: Bureau):
    late = found(city, "J18.900", day="2026-07-01")
    assert late.state == ELSEWHEN
    assert late.words("en") == "not valid on 2026-07-01: the catalogue has it from … to 2026-06-30"
    assert late.words("zh") == "2026-07-01 不在有效期内（… 至 2026-06-30）"


def test_a_local_catalogue_may_end_a_code_that_the_nation_still_has(city: Bureau):
    assert found(city, "K29.500").state == ELSEWHEN
    assert found(city, "K29.500", region="340102").state == HOLDS


def test_a_code_in_no_catalogue_of_the_day_says_so(city: Bureau):
    unknown = found(city, "A41.9")
    assert (unknown.state, unknown.row) == (UNKNOWN, None)
    assert unknown.words("en") == "not in the catalogue valid on 2026-11-17"
    assert unknown.words("zh") == "不在 2026-11-17 有效的疾病诊断目录中"


def test_before_the_first_catalogue_no_code_is_known(city: Bureau):
    assert found(city, "I10", day="2025-12-31").state == UNKNOWN
