"""A server that lies, though the ledger key signs what it says: the phone in JavaScript finds it out and stops."""

from __future__ import annotations

import base64
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from schemas.drafting import Draft
from schemas.vectors.fixed import sign_key
from server.commit.acts import act, new_id
from sync import checkpoint, lines, signing
from sync.checkpoint import Checkpoint
from tests.interop.line import Alter, Exchange, cut, once, said
from tests.interop.node_phone import NodePhone, NodeRefused
from tests.interop.town import FINDING, Town

pytestmark = pytest.mark.slow
SETS, FEED = "/v1/change-sets", "/v1/feed"
Payload = dict[str, Any]
Change = Callable[[Payload], object]
ZERO = lines.b64u(bytes(32))


@pytest.fixture(scope="module")
def sealed_home(whole_town: Town) -> Path:
    """The folder of a phone that has sealed a set and not sent it, while the ledger went on."""
    with whole_town.node(whole_town.found.lead) as phone:
        whole_town.write(phone)
        phone.do("seal")
    values = {**FINDING, "inspection": whole_town.found.inspection}
    services = whole_town.installation.services
    act(services, [Draft("create", "finding", new_id(services), values)], user=whole_town.found.lead)
    return phone.home


@pytest.fixture
def phone(here: Town, sealed_home: Path) -> Iterator[NodePhone]:
    """A copy of that phone, for one test alone; to the server its set is the same one every time."""
    folder = here.home()
    shutil.copytree(sealed_home, folder)
    with NodePhone(folder) as made:
        yield made


def alarmed(phone: NodePhone, part: str) -> None:
    """Assert that a sync ends in an alarm, after which the phone records but neither seals nor syncs."""
    assert (part, "alarmed") in phone.failures()
    assert phone.do("status")["alarm"]
    with pytest.raises(NodeRefused, match="alarmed"):
        phone.do("seal")
    assert phone.failures() == [("push", "alarmed")]


# -- receipts --------------------------------------------------------------------------------------------


def resigned(here: Town, typ: str, change: Change) -> Alter:
    """Return what alters a signed answer and signs it anew with the ledger's own key."""

    def alter(exchange: Exchange) -> None:
        _, payload = signing.peek(exchange.answer.decode(), typ)
        change(payload)
        exchange.answer = here.signed(typ, payload).encode()

    return alter


def another_verdict(payload: Payload) -> None:
    payload["entries"] = [payload["entries"][0].replace("applied", "merged")]


RECEIPTS: dict[str, Change] = {
    "an entry says another verdict": another_verdict,
    "an entry is missing": lambda payload: payload.update(entries=[], last=payload["first"] - 1),
    "it is for another set": lambda payload: payload.update(set="0" * 64),
    "its way to the checkpoint is another": lambda payload: payload.update(to_checkpoint=[ZERO]),
    "its range is another tree's": lambda payload: payload.update(range=[ZERO for _ in payload["range"]]),
}


@pytest.mark.parametrize("name", RECEIPTS)
def test_a_receipt_that_does_not_hold_is_an_alarm(here: Town, phone: NodePhone, name: str) -> None:
    here.line.after = once(SETS, resigned(here, signing.RECEIPT, RECEIPTS[name]))
    alarmed(phone, "push")
    assert phone.do("status")["unacknowledged"] == 1


def test_the_receipt_that_holds_is_taken_by_the_same_phone(phone: NodePhone) -> None:
    assert phone.sync()["pushed"]["verdicts"] == {"applied": 1}


def test_a_receipt_that_was_altered_on_its_way_is_an_alarm(here: Town, phone: NodePhone) -> None:
    def other(body: bytes) -> bytes:
        head, _, mark = body.decode().split(".")
        _, payload = signing.peek(body.decode(), signing.RECEIPT)
        altered = lines.b64u(lines.encode({**payload, "seq": payload["seq"] + 1}))
        return f"{head}.{altered}.{mark}".encode()

    here.line.after = once(SETS, said(other))
    alarmed(phone, "push")


def test_a_sign_in_page_in_between_is_no_alarm(here: Town, phone: NodePhone) -> None:
    here.line.after = once(SETS, said(lambda body: b"<html>sign in</html>"))
    assert phone.failures() == [("push", "not_the_server")]
    assert phone.sync()["pushed"]["changes"] == 1


# -- the feed ----------------------------------------------------------------------------------------------


PAGES: dict[str, Change] = {
    "a value is another": lambda page: page["items"][-1]["fields"].update(amount_fen=1),
    "a value is missing": lambda page: page["items"][-1]["fields"].pop("amount_fen"),
    "an entry is not shown": lambda page: page.update(entries={}),
    "it answers another cursor": lambda page: page.update(after="AA"),
    "its way from the known head is another": lambda page: page.update(proof=[ZERO]),
    "its checkpoint is no note": lambda page: page.update(checkpoint="note"),
}


def altered_page(here: Town, phone: NodePhone, change: Change) -> Alter:
    """Return what alters a page, signs and seals it anew; a finding stands last on it."""

    def alter(exchange: Exchange) -> None:
        page = here.opened(phone, exchange.answer)
        page["items"].sort(key=lambda item: item["type"] == "finding")
        change(page)
        exchange.answer = here.sealed(phone, here.signed(signing.FEED, page))

    return alter


@pytest.mark.parametrize("name", PAGES)
def test_a_feed_page_that_does_not_hold_is_an_alarm(here: Town, phone: NodePhone, name: str) -> None:
    # No set goes through, so the page leads to a head that the phone does not know yet.
    here.line.before = lambda exchange: cut(exchange) if exchange.place == SETS else None
    here.line.after = once(FEED, altered_page(here, phone, PAGES[name]))
    alarmed(phone, "pull")
    assert [shown["pending"] for shown in phone.do("list", type="finding")] == [1]


def test_a_page_that_is_signed_and_sealed_anew_without_a_change_is_taken(
    here: Town, phone: NodePhone
) -> None:
    here.line.after = once(FEED, altered_page(here, phone, lambda page: None))
    assert phone.sync()["pulled"]["items"] > 0


def test_a_page_that_is_sealed_to_somebody_else_is_not_taken(here: Town, phone: NodePhone) -> None:
    with here.node(here.found.lead) as other:
        page = here.sealed(other, here.signed(signing.FEED, {}))
    here.line.after = once(FEED, said(lambda body: page))
    assert ("pull", "unopenable") in phone.failures()


# -- heads and places --------------------------------------------------------------------------------------


@pytest.fixture
def quiet(phone: NodePhone) -> NodePhone:
    """A phone for which nothing is new."""
    phone.sync()
    phone.sync()
    return phone


def note(here: Town, known: Payload, label: str = "", **changed: Any) -> str:
    """Return a note over another history than the phone knows, by the ledger key or by a label's."""
    services = here.installation.services
    stated = {
        "origin": services.ledger.origin,
        "epoch": known["epoch"],
        "size": known["size"],
        "root": bytes(32),
    }
    key = sign_key(label) if label else services.keyring.ledger
    return checkpoint.sign(Checkpoint(**{**stated, **changed}), key).note


def told_note(text: str) -> Alter:
    """Return what tells the phone another checkpoint."""

    def alter(exchange: Exchange) -> None:
        names = {name.lower(): name for name in exchange.told}
        exchange.told[names["wardledger-checkpoint"]] = base64.b64encode(text.encode()).decode()

    return alter


@pytest.mark.parametrize(
    "changed", [{}, {"epoch": "ab" * 16}, {"origin": "ledger.invalid/luan"}, {"size": 1}]
)
def test_a_checkpoint_of_another_history_is_an_alarm(here: Town, quiet: NodePhone, changed: Payload) -> None:
    known = quiet.do("status")["head"]
    here.line.after = once(FEED, told_note(note(here, known, **changed)))
    alarmed(quiet, "pull")
    assert quiet.do("status")["head"] == known


def test_a_checkpoint_that_nobody_pinned_signed_is_an_alarm(here: Town, quiet: NodePhone) -> None:
    known = quiet.do("status")["head"]
    text = note(here, known, "somebody else", root=bytes.fromhex(known["root"]))
    here.line.after = once(FEED, told_note(text))
    alarmed(quiet, "pull")


def test_a_place_in_the_tree_that_is_not_proven_is_an_alarm(here: Town, phone: NodePhone) -> None:
    def other_path(body: bytes) -> bytes:
        rows = body.decode().split("\n")
        return "\n".join([*rows[:2], base64.b64encode(bytes(32)).decode(), *rows[3:]]).encode()

    def alter(exchange: Exchange) -> None:
        if "index=" in exchange.path:
            said(other_path)(exchange)

    here.line.after = alter
    alarmed(phone, "check")
