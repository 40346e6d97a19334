"""A page of a guest network in the place of any answer: no contradiction, no alarm, and the next sync goes on."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mobile_stub.transport import Answer
from server.ledger.audit import audit
from tests.server.phones import enrol, visit

PAGE = b"<html>Please sign in to use the network.</html>"
PATHS = ("/v1/keys", "/v1/devices/self", "/v1/change-sets", "/v1/feed", "/ledger/proof")


@pytest.mark.parametrize("path", PATHS)
def test_a_guest_networks_page_is_no_alarm(installation, tmp_path: Path, path: str):
    found = visit(installation.services)
    phone = enrol(installation, tmp_path / "lead", found.lead)
    assert phone.sync().clean
    phone.step(found.inspection, "on_site")
    phone.kit.journal.drop("keys")
    phone.kit.journal.drop("checked")
    real = phone.kit.transport.ask

    def ask(method: str, asked: str, **more: Any) -> Answer:
        if asked.startswith(path):
            return Answer(200, {"content-type": "text/html"}, PAGE, 1)
        return real(method, asked, **more)

    phone.kit.transport.ask = ask  # type: ignore[method-assign]
    report = phone.sync()
    assert report.alarm is None, report.errors
    assert not report.clean
    phone.kit.transport.ask = real  # type: ignore[method-assign]
    assert phone.sync().clean
    assert phone.show(found.inspection).stage == "on_site"
    assert audit(installation.services).ok
