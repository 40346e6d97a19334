"""What the API gives to check evidence by oneself: all of it, and to whoever may see the item alone."""

from __future__ import annotations

import hashlib
import json

from server.ledger.proofs import parse_verifier_key
from sync.checkpoint import verify_proof_text
from sync.merkle import leaf_hash
from tests.server.desk_client import Desk
from tests.server.world import World


def test_what_is_given_proves_the_item_without_this_server(world: World):
    item = world.record(world.evidence[0])
    facts = Desk(world, "supervisor").get(f"/api/evidence/{item.id}/proof").json
    assert (facts["verdict"], facts["why"]) == ("ok", "")
    assert [each["index"] for each in facts["entries"]] == [item.acts[0].index, item.version]
    keys = [parse_verifier_key(key)[1] for key in facts["keys"]]
    for each in facts["entries"]:
        index, head = verify_proof_text(each["proof"], leaf_hash(each["entry"].encode()), keys)
        assert (index, head.origin) == (each["index"], world.services.ledger.origin)
        assert hashlib.sha256(each["change"].encode()).hexdigest() == json.loads(each["entry"])["change"]
    captured = json.loads(facts["entries"][0]["change"])
    assert captured["set"]["digest"] == facts["digest"] == item.values["digest"]
    assert facts["witnesses"] == []


def test_no_private_word_is_in_it(world: World):
    text = Desk(world, "supervisor").get(f"/api/evidence/{world.evidence[0]}/proof").text
    assert "file_key" not in text
    assert "测试照片" not in text


def test_whoever_does_not_see_the_item_gets_nothing(world: World):
    assert Desk(world, "neighbour").get(f"/api/evidence/{world.evidence[0]}/proof").status_code == 404
