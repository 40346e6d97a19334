"""What an enrolled phone sent and could not be taken is kept, encrypted, and found again by the operator."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.storage import device_store
from tests.bad_input import sets
from tests.bad_input.scene import Scene
from tests.server.builders import Installation
from tests.server.commands import CommandLine, command_line
from tests.server.pushing import found_city


@pytest.fixture
def cli(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CommandLine:
    """The command line over an installation of its own."""
    made = command_line(tmp_path, capsys, monkeypatch)
    made.init()
    return made


@pytest.fixture
def scene(cli: CommandLine) -> Scene:
    """A phone of that installation."""
    from server.app import create_app
    from server.config import load
    from tests.bad_input.scene import open_scene
    from tests.server.builders import Clock

    clock = Clock()
    return open_scene(found_city(Installation(create_app(load(), now_ms=clock), clock)))


def test_what_was_kept_is_listed_and_measured_without_its_words(cli: CommandLine, scene: Scene):
    sets.framed(lambda text: text[:-1])(scene)
    (row,) = cli("quarantine", "list", "--json").json
    assert (row["device"], row["seq"], row["code"]) == (scene.phone.id, 1, "malformed")
    shown = cli("quarantine", "show", row["id"], "--json")
    assert shown.json["size_bytes"] == len(scene.text)
    assert shown.json["lines"] == scene.text.count(b"\n")
    assert "演示数据" not in shown.out


def test_what_is_kept_is_not_readable_in_the_database(cli: CommandLine, scene: Scene):
    sets.framed(lambda text: text[:-1])(scene)
    services = scene.installation.services
    with services.database.reading() as connection:
        (kept,) = device_store.quarantined(connection, services.ledger.id)
    assert "演示数据".encode() not in kept.sealed
    assert scene.phone.id.encode() not in kept.sealed
    assert [text for _, text in scene.kept()] == [scene.text]


def test_the_same_bytes_are_kept_once_however_often_they_come(cli: CommandLine, scene: Scene):
    sets.stated(origin="ledger.test/other")(scene)
    for _ in range(3):
        scene.put(scene.text)
    assert scene.kept() == [("wrong_ledger", scene.text)]


def test_nothing_is_kept_of_what_is_sound(cli: CommandLine, scene: Scene):
    assert scene.put_drafts(scene.city.finding()).status_code == 201
    assert cli("quarantine", "list", "--json").json == []
    assert cli("quarantine", "show", "0" * 36).status == 1


def test_a_set_is_let_in_by_command_and_by_a_named_supervisor(cli: CommandLine, scene: Scene):
    sets.revoked("revoked")(scene)
    (row,) = cli("quarantine", "list", "--json").json
    assert row["readmitted"] is False
    words = ("quarantine", "readmit", row["id"], "--reason", "演示数据")
    assert cli(*words).status == 2, "nobody is no supervisor"
    done = cli(*words, "--by", "sup", "--json")
    assert done.err.startswith("not_found: "), "the city's people have no login at the desk"
    cli("user", "add", "chief", "--name", "测试甲009", "--role", "supervisor", "--region", "341500")
    done = cli(*words, "--by", "chief", "--json").json
    assert (done["again"], done["branch"], done["verdicts"]) == (False, None, {"applied": 1})
    assert "before" in cli(*words, "--by", "chief").out
    assert [one["readmitted"] for one in cli("quarantine", "list", "--json").json] == [True]
    assert cli("quarantine", "list").out.splitlines()[1].endswith("  yes")
    assert cli("quarantine", "readmit", "0" * 36, "--by", "chief", "--reason", "x").status == 1
