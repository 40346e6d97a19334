"""The phone in JavaScript over a rotation of the ledger key, against a server process that is not restarted."""

from __future__ import annotations

import pytest

from server.keys import ledger_rotation
from sync import signing
from tests.interop.node_phone import NodePhone, NodeRefused
from tests.interop.town import Town

pytestmark = pytest.mark.slow
SETS, KEYS = "/v1/change-sets", "/v1/keys"


def test_a_phone_that_was_away_follows_the_chain_and_after_a_compromise_scans_an_invite(here: Town) -> None:
    """One story, since a ledger's keys cannot be put back: two rotations, then the newest key is stolen."""
    services = here.installation.services
    with here.node(here.found.lead) as phone:
        pin = phone.secrets()["ledger_pin"]
        here.write(phone)
        sealed = phone.do("seal")
        manifest = phone.do("set", seq=sealed)["manifest"]
        ledger_rotation.rotate(services, days=0)
        ledger_rotation.rotate(services)
        here.line.seen.clear()
        here.write(phone)
        assert phone.sync()["pushed"]["verdicts"] == {"applied": 2}
        assert here.line.statuses("POST", SETS) == [201, 201]
        assert here.line.statuses("GET", KEYS) == [200]
        assert phone.do("set", seq=sealed)["manifest"] == manifest
        assert phone.secrets()["ledger_pin"] == pin
        with here.python(here.found.member) as colleague:
            assert colleague.kit.identity.ledger_pin == services.keyring.ledger_digest != pin
        _after_a_compromise(here, phone)


def _after_a_compromise(here: Town, phone: NodePhone) -> None:
    services = here.installation.services
    new = ledger_rotation.rotate(services, compromised=True)
    here.write(phone)
    assert {code for _, code in phone.failures()} == {"key_compromised"}
    here.line.seen.clear()
    assert {code for _, code in phone.failures()} == {"key_compromised"}
    assert not here.line.seen
    assert phone.do("status")["alarm"] is None
    ticket = here.ticket(here.found.lead)
    with pytest.raises(NodeRefused) as refused:
        phone.do("repin", invite=ticket.text().replace(ticket.recovery, "0" * 64))
    assert refused.value.code == "pin_mismatch"
    phone.do("repin", invite=ticket.text())
    assert phone.secrets()["ledger_pin"] == new.digest
    assert phone.sync()["pushed"]["verdicts"] == {"applied": 1}
    status = phone.do("status")
    assert (status["outbox"], status["unacknowledged"]) == (0, 0)
    last = phone.do("set", seq=3)
    assert signing.peek(last["receipt"], signing.RECEIPT)[0] == new.kid
