"""What holds for every address of the API, those that come later too."""

from __future__ import annotations

from typing import Any

import pytest

from server.api.repeats import HEADER
from tests.server.desk_client import Desk
from tests.server.world import World

WHOLE = {"/api/types"}
"""Lists that are always whole: what the program declares, which does not grow."""
TOLD_ONCE = {
    "/api/files",
    "/api/institutions/{record}/users",
    "/api/institutions/{record}/users/{user}/invite",
    "/api/users",
    "/api/users/{record}/invite",
    "/api/users/{record}/reset",
}
"""Acts whose answer holds a code that is told this once: it is kept nowhere, so they take no key."""
NOTHING_ACTED = {
    "/api/working-calendars/preview": "reads a file and writes nothing",
    "/api/censuses/preview": "reads a file and writes nothing",
    "/api/bundles/{kind}/{record}": "takes an archive away",
    "/api/acknowledgements/look": "reads what a link is about; its words have no place in an address",
}
"""POSTs that change nothing, so that they take no key; what they are asked by has no place in an address."""
FILES = {
    "/api/outboxes": "takes a file whose parts name themselves: brought again it does nothing more",
}
"""POSTs of files, which are no JSON to keep a digest of, and why each needs no key."""
BY_NUMBER = {
    "/api/users": "pages by number, by name",
    "/api/deputations": "who is away, always whole",
    "/api/institutions/{record}/users": "the few who sign in for one institution, always whole",
    "/api/inspections/officers": "who could go, for one institution",
}
"""Lists without a cursor, and what they have."""
NO_VERSION = {
    "/api/portal/cases/{record}/extension": "asked for once, which the door and the case itself keep",
    "/api/portal/sanctions/{record}/appeal": "refused once the sanction has moved to where the way is not open",
    "/api/institutions/{record}/users": "makes an account; of the institution nothing is changed",
    "/api/users/{record}/link": "ties a person to a subject of the provider, which is his whatever else he is",
    "/api/conflicts/{record}/resolve": "names the very changes that it goes over",
    "/api/inspections/{record}/handover": "names who gives and who takes, and is refused once somebody else has it",
    "/api/round-schedules/{record}": "names a step, which is refused where the schedule has taken it already",
}
"""Acts on one record that name no version, and why."""


@pytest.fixture
def paths(world: World) -> dict[str, Any]:
    """The addresses as they are described."""
    found: dict[str, Any] = Desk(world).get("/api/openapi.json").json["paths"]
    return found


def words(told: dict[str, Any], place: str) -> set[str]:
    """Return the names of an operation's parameters in one place."""
    return {each["name"] for each in told["parameters"] if each["in"] == place}


def is_list(told: dict[str, Any]) -> bool:
    """Return whether an operation answers a list."""
    schema = told["responses"].get("200", {}).get("content", {}).get("application/json", {}).get("schema", {})
    return {"items", "next"} <= schema.get("properties", {}).keys() or schema.get("type") == "array"


def test_every_list_comes_a_page_at_a_time_behind_a_cursor(paths: dict[str, Any]):
    lists = {path: each["get"] for path, each in paths.items() if "get" in each and is_list(each["get"])}
    assert len(lists) > 5
    short = [path for path, told in lists.items() if not {"after", "limit"} <= words(told, "query")]
    assert set(short) == WHOLE
    assert all("next" in told["responses"]["200"]["content"]["application/json"]["schema"]["properties"]
               for told in lists.values())  # fmt: skip


def test_every_post_of_somebody_signed_in_can_be_sent_again_under_a_key(paths: dict[str, Any]):
    posts = {path: each["post"] for path, each in paths.items() if "post" in each}
    without = {path for path, told in posts.items() if HEADER not in words(told, "header")}
    assert without == {path for path, told in posts.items() if told["tags"] == ["session"]} | TOLD_ONCE | set(
        {**NOTHING_ACTED, **FILES}
    )


def test_every_answer_of_json_can_be_asked_for_by_its_tag(paths: dict[str, Any]):
    for path, each in paths.items():
        told = each.get("get", {"responses": {}, "parameters": []})
        plain = "application/json" in told["responses"].get("200", {}).get("content", {})
        expected = plain and told["tags"] != ["session"]
        assert ("If-None-Match" in words(told, "header")) == ("304" in told["responses"]) == expected, path


def test_every_act_on_a_record_names_the_version_that_it_was_decided_on(world: World, paths: dict[str, Any]):
    shapes = Desk(world).get("/api/openapi.json").json["components"]["schemas"]
    for path, each in paths.items():
        sent = each.get("post", {}).get("requestBody")
        if sent is None or "{record}" not in path or path in NO_VERSION:
            continue
        name = sent["content"]["application/json"]["schema"]["$ref"].rpartition("/")[2]
        assert "version" in shapes[name]["required"], f"{path}: {name}"


def test_a_list_without_a_cursor_is_named_with_its_reason(world: World, paths: dict[str, Any]):
    shapes = Desk(world).get("/api/openapi.json").json["components"]["schemas"]
    found = set()
    for path, each in paths.items():
        schema = each.get("get", {}).get("responses", {}).get("200", {}).get("content", {})
        name = schema.get("application/json", {}).get("schema", {}).get("$ref", "").rpartition("/")[2]
        members = shapes.get(name, {}).get("properties", {})
        if "items" in members and "next" not in members:
            found.add(path)
    assert found == set(BY_NUMBER)


def asking(paths: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what can be asked for by words and wants a session, with its address."""
    return {
        path: each["get"]
        for path, each in paths.items()
        if "get" in each and words(each["get"], "query") and each["get"].get("security") != []
    }


def test_whoever_is_not_signed_in_is_told_that_and_nothing_of_his_words(world: World, paths: dict[str, Any]):
    client = world.installation.app.test_client()
    asked = {path: told for path, told in asking(paths).items() if "{" not in path}
    assert len(asked) > 10
    told = {
        path: client.get(path, query_string=dict.fromkeys(words(each, "query"), "é~6")).status_code
        for path, each in asked.items()
    }
    assert {path: status for path, status in told.items() if status != 401} == {}


def test_a_word_that_cannot_be_is_refused_by_a_code_that_stands_in_the_description(
    world: World, paths: dict[str, Any]
):
    desk = Desk(world)
    checked = 0
    for path, told in asking(paths).items():
        if "{" in path:
            continue
        for name in sorted(words(told, "query")):
            answer = desk.get(path, **{name: "é~6"})
            if answer.status_code == 200:
                continue
            described = told["responses"][str(answer.status_code)]["content"]["application/problem+json"][
                "schema"
            ]
            assert answer.json["code"] in str(described), f"{path}?{name}: {answer.json['code']}"
            checked += 1
    assert checked > 10
