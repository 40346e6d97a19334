"""A draw as a file: all that a stranger needs to draw again, and nobody's name.

It holds the entries that ordered, drew and called, each with its proof; the import's entry with the row
of the census; the roll as (ward, id); and that the seed's and the challenge's roots are earlier trees of
the same signed ledger.
"""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from typing import Any

from marshmallow import fields
from sqlalchemy import Connection

from schemas.wire.parts import Strict, digest, load, uuid, whole
from server.keys.vault import VaultSession
from server.ledger import proofs
from server.ledger.proofs import Proven, verify_package
from server.rounds import verifying
from server.rounds.verdict import Verdict
from server.rounds.verifying import Claim
from server.storage import ledger_store
from server.wiring import Services
from sync import lines
from sync.checkpoint import Checkpoint
from sync.draw import POPULATION_MAX
from sync.entries import entry_outcome
from sync.errors import BadProof, Malformed
from sync.merkle import verify_consistency

FORMAT = "wardledger/1 draw"
BYTES_MAX = 16 * 1024 * 1024
ENTRIES_MAX = 1_000


class RootSchema(Strict):
    """That a root is the tree's at an earlier size."""

    size = whole(1, required=True)
    root = digest(required=True)
    proof = fields.List(fields.String(), required=True)


class DrawSchema(Strict):
    """The file of `wardledger draw export`."""

    format = fields.String(required=True)
    ward_round = uuid(required=True)
    entries = fields.List(fields.Raw(), required=True)
    census = fields.Raw(required=True)
    roll = fields.List(fields.List(fields.String()), required=True)
    seed = fields.Nested(RootSchema, required=True)
    challenge = fields.Nested(RootSchema)
    key = fields.String(required=True)


DRAW = DrawSchema()


def export(services: Services, ward_round: str) -> dict[str, Any]:
    """Return a round's draw as a file; raises NotFound, BadTransition where the server drew nothing."""
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        found = verifying.load_drawn(connection, vault, ward_round)
        claim = verifying.claim_of(connection, vault, found)
        packages = [_package(services, connection, index) for index in verifying.acts_of(found)]
        index, row = _census_place(connection, vault, claim)
        body = {
            "format": FORMAT,
            "ward_round": ward_round,
            "entries": packages,
            "census": _package(services, connection, index, row),
            "roll": [list(one) for one in claim.roll],
            "seed": _root(services, connection, claim.census_index + 1, claim.root),
            "key": packages[0]["key"],
        }
        if claim.challenge_root is not None:
            size = int(claim.round_values["challenge_size"])
            body["challenge"] = _root(services, connection, size, claim.challenge_root)
    return body


def _package(
    services: Services, connection: Connection, index: int, row: int | None = None
) -> dict[str, Any]:
    return proofs.package(connection, services.ledger, index, services.keyring.ledger_public, row=row)


def _census_place(connection: Connection, vault: VaultSession, claim: Claim) -> tuple[int, int]:
    rows = ledger_store.bodies(connection, vault.ledger, claim.census_index)
    for body in rows:
        if body.n > 0 and lines.decode(body.line)["record"] == claim.census_id:
            return claim.census_index, body.n
    raise BadProof("the import holds no row of its census", item=claim.census_id)


def _root(services: Services, connection: Connection, size: int, root: bytes) -> dict[str, Any]:
    head = ledger_store.head(connection, services.ledger.id)
    path = proofs.consistency(connection, services.ledger, size, head.size)
    return {"size": size, "root": root.hex(), "proof": [b64encode(node).decode() for node in path]}


# -- read by a stranger ----------------------------------------------------------------------------------


def verify(raw: bytes, key: str | None = None) -> Verdict:
    """Return what is wrong with the draw in a file; needs no server and no database.

    key: the verifier key that the bureau publishes; None: the one in the file, which shows only that the
    file is of one piece. Raises Malformed, BadProof or BadSignature for a file that proves nothing.
    """
    body = _read(raw)
    trusted = key or body["key"]
    acts = [_proven(one, trusted) for one in body["entries"]]
    census = _proven(body["census"], trusted)
    return verifying.judge(body["ward_round"], _claim(body, acts, census))


def _read(raw: bytes) -> dict[str, Any]:
    if len(raw) > BYTES_MAX:
        raise Malformed(f"a draw's file has at most {BYTES_MAX} bytes")
    try:
        read = json.loads(raw)
    except (ValueError, RecursionError) as error:
        raise Malformed("the file is not JSON") from error
    body = load(DRAW, read)
    if body["format"] != FORMAT:
        raise Malformed(f"the file is not of the format {FORMAT}", field="format")
    if len(body["entries"]) > ENTRIES_MAX or len(body["roll"]) > POPULATION_MAX:
        raise Malformed("the file holds more than a draw can have")
    if any(len(one) != 2 for one in body["roll"]):
        raise Malformed("each of the roll is a ward and an id", field="roll")
    return body


Line = tuple[Proven, dict[str, Any]]


def _proven(package: Any, key: str) -> Line:
    """Return a package's entry with its change line, both proven."""
    proven = verify_package(json.dumps(package).encode(), key)
    if not proven.change_shown:
        raise BadProof("an entry is shown without its change line")
    return proven, lines.decode(package["change"].encode())


def _claim(body: dict[str, Any], acts: list[Line], census: Line) -> Claim:
    ordered = sorted(acts, key=lambda act: act[0].index)
    for proven, change in ordered:
        if change["record"] != body["ward_round"] or change["type"] != "ward_round":
            raise BadProof("an entry is about another record than the round", item=str(proven.index))
        if not entry_outcome(proven.entry).in_force:
            raise BadProof("an entry never came into force", item=str(proven.index))
    drawn = next((act for act in ordered if "seed" in act[1].get("set", {})), None)
    if drawn is None:
        raise BadProof("no entry draws a sample")
    proven, _ = census
    if proven.row is None:
        raise BadProof("the import is shown without the row of its census")
    row = lines.decode(proven.row.encode())
    if row["type"] != "census" or row["op"] != "create":
        raise BadProof("the import's row is no census")
    seed, challenge = body["seed"], body.get("challenge")
    if seed["size"] != proven.index + 1:
        raise BadProof("the seed's tree does not end with the census import's entry")
    values = verifying.fold(change for _, change in ordered)
    if challenge is not None and challenge["size"] != values.get("challenge_size"):
        raise BadProof("the challenge's tree is of another size than the call names")
    return Claim(
        round_values=values,
        drawn_by=drawn[0].entry.by,
        drawn_index=drawn[0].index,
        census=row["set"],
        census_id=row["record"],
        census_index=proven.index,
        census_change=proven.entry.change,
        roll=sorted((str(ward), str(one)) for ward, one in body["roll"]),
        root=_earlier(seed, proven.head),
        challenge_root=_earlier(challenge, proven.head) if challenge is not None else None,
    )


def _earlier(stated: dict[str, Any], head: Checkpoint) -> bytes:
    """Return a root that proved to be an earlier tree of the signed one."""
    try:
        path = [b64decode(node, validate=True) for node in stated["proof"]]
    except ValueError as error:
        raise Malformed("a proof is hashes in base64", field="proof") from error
    root = bytes.fromhex(stated["root"])
    verify_consistency(stated["size"], root, head.size, head.root, path)
    return root
