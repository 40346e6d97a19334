"""What phones of some version are told: go on, upgrade when all is sent, or record no more; all they have gets in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from mobile_stub.phone import Phone
from mobile_stub.trouble import OutdatedApp
from schemas import upcasts
from server.keys import apps
from sync.errors import LedgerStopped
from tests.server.builders import Installation
from tests.server.phones import Visit, enrol, visit


@pytest.fixture
def away(installation: Installation, tmp_path: Path) -> tuple[Visit, Phone]:
    """A visit under way, and the phone of its lead."""
    found = visit(installation.services)
    phone = enrol(installation, tmp_path / "lead", found.lead)
    assert phone.sync().clean
    return found, phone


def say(installation: Installation, **words: list[str]) -> None:
    """Write the operator's file."""
    (installation.services.config.home / apps.FILE).write_text(json.dumps(words), "utf-8")


def hear(phone: Phone) -> str:
    """Let a phone fetch the key list, and return what it says of the app."""
    phone.kit.journal.drop("keys")
    phone.sync()
    return str(phone.status()["app"])


def test_a_version_that_nobody_speaks_of_goes_on(installation, away):
    found, phone = away
    assert phone.status()["app"] in ("ok", None)
    phone.step(found.inspection, "on_site")
    assert hear(phone) == "ok"


def test_a_version_that_is_to_be_upgraded_goes_on_recording_until_then(installation, away):
    found, phone = away
    say(installation, upgrade_after_upload=[phone.kit.identity.app])
    phone.step(found.inspection, "on_site")
    assert hear(phone) == "upgrade_after_upload"
    phone.edit(found.inspection, {"note": "演示数据"})
    assert phone.sync().pushed.verdicts == {"applied": 1}


def test_a_version_that_spoils_what_it_records_records_no_more_and_what_it_has_gets_in(installation, away):
    found, phone = away
    phone.step(found.inspection, "on_site")
    say(installation, read_only=[f"{phone.kit.identity.app[:3]}*"])
    phone.kit.journal.drop("keys")
    assert phone.sync().pushed.verdicts == {"applied": 1}
    assert phone.status()["app"] == "read_only"
    with pytest.raises(OutdatedApp):
        phone.edit(found.inspection, {"note": "演示数据"})
    assert phone.status()["outbox"] == 0
    say(installation)
    phone.kit.journal.drop("keys")
    phone.edit(found.inspection, {"note": "演示数据"})
    assert phone.sync().pushed.verdicts == {"applied": 1}


def test_an_older_schema_is_asked_to_upgrade(installation: Installation, monkeypatch: pytest.MonkeyPatch):
    config = installation.services.config
    assert apps.word(config, "phone-1", 1) == "ok"
    monkeypatch.setattr(upcasts, "SCHEMA_VERSION", 2)
    assert apps.word(config, "phone-1", 1) == "upgrade_after_upload"
    assert apps.word(config, "phone-1", 2) == "ok"
    assert apps.word(config, "phone-1", None) == "ok", "who does not say is not told"


@pytest.mark.parametrize("text", ["{", "[]", '{"read_only": "x"}', '{"read_only": ["a b"]}', '{"other": []}'])
def test_a_file_that_cannot_be_read_is_named(installation: Installation, text: str):
    config = installation.services.config
    (config.home / apps.FILE).write_text(text, "utf-8")
    with pytest.raises(LedgerStopped, match=r"apps\.json"):
        apps.word(config, "phone-1", 1)


def test_a_star_stands_for_all_that_begin_so_and_nothing_else_does(installation: Installation):
    say(installation, read_only=["phone-1.*"], upgrade_after_upload=["phone-2.0"])
    config = installation.services.config
    told = {app: apps.word(config, app, 1) for app in ("phone-1.2", "phone-1", "phone-2.0", "phone-2.0.1")}
    assert told == {
        "phone-1.2": "read_only",
        "phone-1": "ok",
        "phone-2.0": "upgrade_after_upload",
        "phone-2.0.1": "ok",
    }
