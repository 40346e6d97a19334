"""`wardledger device`: an invite lets one phone in, once; the list shows it; a revoked one is shut out."""

from __future__ import annotations

import stat
import time
from pathlib import Path

import httpx
import pytest
from PIL import Image

from mobile_stub.fleet import HARDNESS, PIN
from mobile_stub.phone import Phone
from schemas.wire.enrol import read_invite
from server.accounts.invites import INVITE_MS
from server.app import create_app
from server.cli.device import drawn
from server.config import load
from server.operations.installation import services
from server.storage import device_store
from sync import signing
from tests.server.builders import URL
from tests.server.commands import CommandLine, command_line

ADD = ("user", "add", "inspector-01", "--name", "测试甲001", "--role", "inspector", "--region", "341502")
wardledger = pytest.fixture(command_line)


class SystemClock:
    """A phone's clocks, as right as this machine's."""

    session = "test-session"

    def wall_ms(self) -> int:
        """Return Unix ms."""
        return time.time_ns() // 1_000_000

    def mono_ms(self) -> int:
        """Return ms."""
        return time.monotonic_ns() // 1_000_000


def enrolled(wardledger: CommandLine, tmp_path: Path) -> str:
    """Let a phone in by an invite of the command line and return its id."""
    ticket = read_invite(wardledger("device", "invite", "inspector-01").out.strip())
    app = create_app(load())
    with httpx.Client(transport=httpx.WSGITransport(app=app)) as client:
        Phone.enrol(tmp_path / "phone", ticket, PIN, clock=SystemClock(), client=client, hardness=HARDNESS)
    services(app).engine.dispose()
    (row,) = wardledger("device", "list", "--json").json
    return str(row["id"])


def test_an_invite_names_the_address_and_both_pinned_keys_and_only_its_digest_is_kept(
    wardledger: CommandLine,
):
    wardledger.init()
    user = wardledger(*ADD).word("user")
    ended = wardledger("device", "invite", "inspector-01")
    ticket = read_invite(ended.out.strip())
    here = wardledger.services()
    recovery = signing.key_digest(here.keyring.recovery)
    assert (ticket.url, ticket.ledger, ticket.recovery) == (URL, here.keyring.ledger_digest, recovery)
    with here.database.reading() as connection:
        kept = device_store.find_invite(connection, here.ledger.id, ticket.code_digest)
        assert device_store.find_invite(connection, here.ledger.id, ticket.code) is None
    assert kept is not None
    assert kept.user == user
    assert 0 < kept.expires_at - here.now_ms() <= INVITE_MS
    here.engine.dispose()
    assert wardledger.size() == 1


def test_an_invite_comes_as_json_and_as_a_picture_for_its_owner_alone(
    wardledger: CommandLine, tmp_path: Path
):
    wardledger.init()
    wardledger(*ADD)
    path = tmp_path / "invite.png"
    printed = wardledger("device", "invite", "inspector-01", "--json", "--qr", path).json
    assert read_invite(printed["invite"]).code == printed["code"]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    with Image.open(path) as picture:
        assert picture.format == "PNG"
        assert picture.width == picture.height > 200


def test_a_terminal_gets_a_code_that_is_square():
    rows = drawn("wardledger:http://127.0.0.1:8480#code").splitlines()
    assert 2 * len(rows) - len(rows[0]) in (0, 1)


def test_nobody_and_a_disabled_user_get_no_invite(wardledger: CommandLine):
    wardledger.init()
    wardledger(*ADD)
    assert wardledger("device", "invite", "somebody").err.startswith("not_found: ")
    wardledger("user", "disable", "inspector-01")
    ended = wardledger("device", "invite", "inspector-01")
    assert (ended.status, ended.out) == (1, "")
    assert ended.err.startswith("not_allowed: ")


def test_a_phone_that_was_let_in_is_listed(wardledger: CommandLine, tmp_path: Path):
    wardledger.init()
    wardledger(*ADD)
    device = enrolled(wardledger, tmp_path)
    (row,) = wardledger("device", "list", "--json").json
    assert (row["login"], row["stage"], row["seq"]) == ("inspector-01", "enrolled", 0)
    assert device in wardledger("device", "list").out


def test_a_revoked_phone_is_shut_out_by_a_ledger_entry(wardledger: CommandLine, tmp_path: Path):
    wardledger.init()
    wardledger(*ADD)
    device = enrolled(wardledger, tmp_path)
    before = wardledger.size()
    assert wardledger("device", "revoke", device).word("revoked") == device
    assert wardledger("device", "list", "--json").json[0]["stage"] == "revoked"
    assert wardledger.size() == before + 1


def test_a_phone_that_is_unknown_or_revoked_already_is_not_revoked(wardledger: CommandLine, tmp_path: Path):
    wardledger.init()
    wardledger(*ADD)
    assert wardledger("device", "revoke", "01900000-0000-7000-8000-000000000000").err.startswith("not_found")
    device = enrolled(wardledger, tmp_path)
    wardledger("device", "revoke", device)
    again = wardledger("device", "revoke", device)
    assert (again.status, again.err.split(":")[0]) == (1, "bad_transition")


def test_a_lost_phone_is_shut_out_and_what_was_on_it_is_printed(wardledger: CommandLine, tmp_path: Path):
    wardledger.init()
    wardledger(*ADD)
    device = enrolled(wardledger, tmp_path)
    before = wardledger.size()
    said = wardledger("device", "lost", device)
    assert (said.status, said.word("lost")) == (0, device)
    assert "inspector-01" in said.out
    assert "测试甲001" not in said.out
    told = wardledger("device", "lost", device, "--wipe-now", "--json").json
    assert (told["stage"], told["wipe"], told["login"]) == ("lost", "now", "inspector-01")
    assert (told["records"], told["roots"]) == ({}, [])
    assert wardledger("device", "list", "--json").json[0]["stage"] == "lost"
    assert wardledger.size() == before + 2


def test_a_phone_that_is_unknown_is_not_lost(wardledger: CommandLine):
    wardledger.init()
    said = wardledger("device", "lost", "01900000-0000-7000-8000-000000000000", "--json")
    assert (said.status, said.json["code"]) == (1, "not_found")


def test_an_invite_that_replaces_a_phone_is_made_once(wardledger: CommandLine, tmp_path: Path):
    wardledger.init()
    wardledger(*ADD)
    device = enrolled(wardledger, tmp_path)
    ticket = read_invite(wardledger("device", "invite", "inspector-01", "--supersedes", device).out.strip())
    app = create_app(load())
    with httpx.Client(transport=httpx.WSGITransport(app=app)) as client:
        Phone.enrol(tmp_path / "phone", ticket, PIN, clock=SystemClock(), client=client, hardness=HARDNESS)
    services(app).engine.dispose()
    stages = {row["id"]: row["stage"] for row in wardledger("device", "list", "--json").json}
    assert sorted(stages.values()) == ["enrolled", "superseded"]
    assert stages[device] == "superseded"
    again = wardledger("device", "invite", "inspector-01", "--supersedes", device)
    assert (again.status, again.out, again.err.split(":")[0]) == (1, "", "already_superseded")
