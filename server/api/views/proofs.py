"""What a program checks evidence with by itself."""

from __future__ import annotations

from flask import Response, jsonify

from server.api.answers import plain
from server.api.blueprint import blueprint, looking
from server.api.operations import ITEMS, Operation, described
from server.console.pages import ProofFacts
from server.queries.proof_facts import proof_facts


@blueprint.get("/evidence/<record>/proof")
@described(
    Operation(
        ITEMS,
        "一件证据的存证条目、变更行、包含证明与台账公钥，供自行核验",
        "An item's entries, change lines, inclusion proofs and the ledger's keys, to check them by oneself",
        ProofFacts,
    )
)
def proof(record: str) -> Response:
    """Give what the item is proven with, as it is stored now."""
    with looking() as look:
        return jsonify(plain(proof_facts(look, record)))
