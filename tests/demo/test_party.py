"""The demo's institution takes its case to the end over HTTP, and what cannot be is told."""

from __future__ import annotations

from email.message import EmailMessage

import httpx
import pytest

from server.demo import party
from server.demo.party import Party
from server.portal import links
from tests.portal.conftest import scene as shared_scene
from tests.portal.scene import Scene

scene = shared_scene


@pytest.fixture(autouse=True)
def browser(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the demo's browser talk to the world's application, without a socket."""

    def at(url: str) -> Party:
        transport = httpx.WSGITransport(app=scene.world.installation.app)
        return Party(httpx.Client(base_url=url, transport=transport))

    monkeypatch.setattr(party, "browser", at)


def letter(words: str) -> EmailMessage:
    """Return a message with some words in it."""
    made = EmailMessage()
    made.set_content(words)
    return made


def test_it_acknowledges_reports_and_its_case_is_closed_by_another(scene: Scene):
    services, users = scene.world.services, scene.world.users
    case = scene.case()
    notice = scene.notice(case)
    url = services.config.url
    mail = letter(f"请签收：{links.url(services, notice, 1, 'contact@hospital.example')}")
    assert party.acknowledge(url, [letter("别的邮件"), mail]) == "done"
    login = party.admit(services, scene.world.record(case))
    report = party.report(services, url, login, case)
    assert scene.world.record(report).values["files"][0]["media_type"] == "image/jpeg"
    assert scene.world.record(case).stage == "report_submitted"
    assert party.settle(services, users["supervisor"], users["city"], case) == "closed"


def test_a_letter_without_a_link_acknowledges_nothing(scene: Scene):
    case = scene.case()
    notice = scene.notice(case)
    assert party.acknowledge(scene.world.services.config.url, [letter("没有链接")]) == "no link"
    assert scene.world.record(notice).stage == "served"


def test_a_user_of_another_institution_reports_nothing(scene: Scene):
    services = scene.world.services
    login = party.admit(services, scene.world.record(scene.case(here=False)))
    with pytest.raises(httpx.HTTPStatusError):
        party.report(services, services.config.url, login, scene.case())
