"""Two at the same notice in the same moment, odd words in a link, and a clock that was set back."""

from __future__ import annotations

import threading

import pytest

from server.ledger.audit import audit
from tests.portal.scene import Scene
from tests.portal.test_acknowledging import served, stages, token
from tests.server.desk_client import Desk


def test_a_link_that_is_pressed_by_four_at_once_acknowledges_once(scene: Scene):
    case, notice = served(scene)
    given = token(scene, notice)
    start, answers = threading.Barrier(4), []

    def press(anybody: Desk) -> None:
        start.wait(10)
        answers.append(anybody.send("/api/acknowledgements", {"token": given}))

    threads = [threading.Thread(target=press, args=(Desk(scene.world),)) for _ in range(4)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(60)
    assert len(answers) == 4
    told = sorted(answer.status_code for answer in answers)
    assert told[0] in (200, 201)
    assert set(told) <= {200, 201, 409}, [answer.text for answer in answers]
    assert stages(scene, notice, case) == ["acknowledged", "rectifying"]
    assert len(scene.world.record(notice).writes["acknowledged_at"]) == 1
    assert audit(scene.world.services).ok


@pytest.mark.parametrize("given", ["\x00", "A" * 200_000, "\ud800", 7, None, [], {"token": 1}, "Ａ" * 59])
def test_odd_words_in_place_of_a_link_are_refused(scene: Scene, given: object):
    anybody = Desk(scene.world)
    for path in ("/api/acknowledgements", "/api/acknowledgements/look"):
        answer = anybody.send(path, {"token": given})
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.json["code"]


def test_a_clock_that_was_set_back_keeps_a_link_good_and_the_case_on_its_way(scene: Scene):
    case, notice = served(scene)
    given = token(scene, notice)
    scene.world.installation.clock.advance(days=-2)
    try:
        assert Desk(scene.world).send("/api/acknowledgements", {"token": given}).status_code < 300
    finally:
        scene.world.installation.clock.advance(days=2)
    assert stages(scene, notice, case) == ["acknowledged", "rectifying"]
    assert audit(scene.world.services).ok
