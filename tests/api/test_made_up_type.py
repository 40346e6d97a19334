"""A type declared in one file has its lists, items, history, description, form and register, with no other line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from typing import Any

import pytest

from tests.house.rooms import ROOT

pytestmark = pytest.mark.slow

DECLARATION = '''"""A check of the canteen (食堂核查): a type that there is not."""

from schemas.declare import NAME, UNION, Edge, RecordType, Stage, allow, choice, code, fen, ref, text

DESK = allow("supervisor")
MEALS = {"lunch": ("午餐", "Lunch"), "supper": ("晚餐", "Supper")}

TYPE = RecordType(
    name="canteen_check",
    zh="食堂核查",
    en="Canteen check",
    create=DESK,
    edit=DESK,
    scope="institution",
    fields=(
        ref("institution", "机构", "Institution", "institution", required=True, waits=True),
        choice("meal", "餐次", "Meal", MEALS, required=True),
        fen("cost_fen", "餐费", "Cost"),
        text("cook", "厨师", "Cook", chars_max=60, masked=NAME),
        code("dishes", "菜品", "Dishes", merge=UNION),
    ),
    stages=(Stage("noted", "已记录", "Noted"), Stage("checked", "已核查", "Checked")),
    edges=(Edge("noted", "checked", DESK),),
)
'''


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a house with one file more shows of a record of that type."""
    folder = tmp_path_factory.mktemp("house")
    for room in ("sync", "schemas", "server"):
        shutil.copytree(
            ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__", "node_modules")
        )
    (folder / "schemas" / "records" / "canteen_check.py").write_text(DECLARATION, "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "tests.api.made_up_house", str(folder / "home")],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout[done.stdout.index('{"house"') :])
    assert found["house"] == str(folder), "the copy was not the one that ran"
    return found


def test_it_has_a_list_an_item_and_a_history(told: dict[str, Any]):
    assert told["known"]
    assert told["listed"] == [True]
    assert told["ops"] == ["create", "edit"]
    fields = told["item"]["fields"]
    assert (fields["meal"], fields["cost_fen"], fields["cook"]) == ("lunch", 123_400, "测****7")
    assert (fields["dishes"], fields["stage"]) == (["rice", "soup"], "checked")


def test_it_is_described_and_its_answers_are_as_described(told: dict[str, Any]):
    assert told["component"] == ["cook", "cost_fen", "dishes", "institution", "meal", "stage"]
    assert told["enum"]
    assert told["faults"] == []
    assert "canteen_check 食堂核查" in told["guide"]


def test_it_has_a_register_and_a_page_of_its_own_at_the_desk(told: dict[str, Any]):
    assert "食堂核查 1" in told["registers"]
    for word in ("食堂核查", "餐次", "餐费", "午餐", "已核查", "1,234.00 元", "测试市第001医院"):
        assert word in told["table"], word
    for word in ("午餐", "测****7", "rice", "soup", "已核查", "测试甲001"):
        assert word in told["page"], word


def test_another_county_sees_nothing_of_it(told: dict[str, Any]):
    assert told["neighbour"] == [[], 404, 404]
