"""One page of the feed: the records in a phone's scope that changed, with what proves them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from marshmallow import fields, validate

from schemas.values import DIGEST
from schemas.wire.answer import PROOF_NODES_MAX, Answer, node, note
from schemas.wire.parts import epoch, instant, load, matching, token, uuid, whole
from sync import signing
from sync.errors import BadProof
from sync.merge import DISPUTED, LIVE, VOIDED

ITEMS_MAX = 1_000
CURSOR_CHARS_MAX = 500


@dataclass(frozen=True, slots=True)
class FeedItem:
    """One record as the ledger has it now.

    fields: public values; digests: private fields as digests of their lines; private: those lines' texts
    members: private set-fields' values, in the order of their digests, None for an erased one
    erased: digests of every private line of the record that was erased
    contested: of each field with an open conflict, what stands against each other: change, index, by, at, value
    entry: index of the entry that led to it, None for what has none of its own
    """

    id: str
    type: str
    version: int
    life: str
    root: str
    region: str
    created_by: str
    fields: Mapping[str, Any]
    digests: Mapping[str, Any]
    private: tuple[str, ...]
    entry: int | None
    members: Mapping[str, Any] = field(default_factory=dict)
    erased: tuple[str, ...] = ()
    contested: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FeedPage:
    """A verified page: upserts ordered by version, roots that left the scope, and the head they belong to.

    outcomes: {change id of this device: the entry that judged it again} for what was held or late before
    sums: {scope root: its checksum} on a last page for which they were asked, see sync.scope_sum; else None
    """

    cursor: str
    more: bool
    time: int
    epoch: str
    head: int
    checkpoint: str
    proof: tuple[bytes, ...]
    items: tuple[FeedItem, ...]
    entries: Mapping[int, bytes]
    evict: tuple[str, ...]
    outcomes: Mapping[str, int] = field(default_factory=dict)
    sums: Mapping[str, str] | None = None


class OutcomeSchema(Answer):
    """A change of this device that was judged again, and by which entry."""

    change = uuid(required=True)
    index = whole(required=True)


class SideSchema(Answer):
    """One of the values that stand against each other in an open conflict."""

    change = uuid(required=True)
    index = whole(required=True)
    by = fields.String(required=True)
    at = instant(required=True)
    value = fields.Raw(required=True)


class ItemSchema(Answer):
    """One record of a page."""

    id = uuid(required=True)
    type = token(required=True)
    version = whole(required=True)
    life = fields.String(required=True, validate=validate.OneOf([LIVE, VOIDED, DISPUTED]))
    root = uuid(required=True)
    region = fields.String(required=True, validate=validate.Length(max=12))
    created_by = fields.String(load_default="")
    fields_ = fields.Dict(keys=token(), values=fields.Raw(), data_key="fields", required=True)
    digests = fields.Dict(keys=token(), values=fields.Raw(), load_default=dict)
    private = fields.List(fields.String(), load_default=list)
    members = fields.Dict(keys=token(), values=fields.List(fields.Raw(allow_none=True)), load_default=dict)
    erased = fields.List(matching(DIGEST), load_default=list)
    contested = fields.Dict(keys=token(), values=fields.List(fields.Nested(SideSchema)), load_default=dict)
    entry = whole(load_default=None, allow_none=True)


class FeedSchema(Answer):
    """The payload of a wl-feed JWS."""

    v = whole(1, 1, required=True)
    device = uuid(required=True)
    after = fields.String(load_default="", allow_none=True)
    cursor = fields.String(required=True, validate=validate.Length(min=1, max=CURSOR_CHARS_MAX))
    more = fields.Boolean(required=True, truthy={True}, falsy={False})
    time = instant(required=True)
    epoch = epoch(required=True)
    head = whole(-1, required=True)
    checkpoint = note(required=True)
    proof = fields.List(node(), required=True, validate=validate.Length(max=PROOF_NODES_MAX))
    items = fields.List(fields.Nested(ItemSchema), required=True, validate=validate.Length(max=ITEMS_MAX))
    entries = fields.Dict(keys=fields.String(), values=fields.String(), load_default=dict)
    evict = fields.List(uuid(), load_default=list)
    outcomes = fields.List(fields.Nested(OutcomeSchema), load_default=list)
    sums = fields.Dict(keys=uuid(), values=matching(DIGEST), load_default=None, allow_none=True)


class ConsistencySchema(Answer):
    """The answer of GET /ledger/proof?from=&to=."""

    from_ = whole(data_key="from", required=True)
    to = whole(required=True)
    proof = fields.List(node(), required=True, validate=validate.Length(max=PROOF_NODES_MAX))


class SelfSchema(Answer):
    """The answer of GET /v1/devices/self: where the device's chain stands at the server."""

    stage = token(required=True)
    seq = whole(required=True)
    digest = matching(DIGEST, load_default=None, allow_none=True)
    statement = fields.String(load_default=None, allow_none=True)


FEED, CONSISTENCY, SELF = FeedSchema(), ConsistencySchema(), SelfSchema()


def read_feed(jws: str, key: Ed25519PublicKey, *, device: str, after: str) -> FeedPage:
    """Return the page for this device and cursor that the ledger key signed; raises BadSignature, BadProof, Malformed.

    after: the cursor of the request, empty for the first page; a page for another is a replay
    """
    body = load(FEED, signing.verify(jws, signing.FEED, key))
    if body["device"] != device or (body["after"] or "") != after:
        raise BadProof("the feed page answers another request")
    return FeedPage(
        cursor=body["cursor"],
        more=body["more"],
        time=body["time"],
        epoch=body["epoch"],
        head=body["head"],
        checkpoint=body["checkpoint"],
        proof=tuple(body["proof"]),
        items=tuple(_item(item) for item in body["items"]),
        entries={int(index): line.encode() for index, line in body["entries"].items() if index.isdecimal()},
        evict=tuple(body["evict"]),
        outcomes={one["change"]: one["index"] for one in body["outcomes"]},
        sums=body["sums"],
    )


def _item(body: dict[str, Any]) -> FeedItem:
    rest = {name: value for name, value in body.items() if name not in ("fields_", "private", "erased")}
    private, gone = tuple(body["private"]), tuple(body["erased"])
    return FeedItem(fields=body["fields_"], private=private, erased=gone, **rest)


def read_consistency(body: Any, *, old: int, new: int) -> list[bytes]:
    """Return the nodes of a consistency proof between two sizes; raises Malformed, BadProof."""
    found = load(CONSISTENCY, body)
    if (found["from_"], found["to"]) != (old, new):
        raise BadProof("the consistency proof is between other sizes")
    nodes: list[bytes] = found["proof"]
    return nodes


@dataclass(frozen=True, slots=True)
class ChainHead:
    """How far the server has this device's chain: the last seq (0 for none) and its manifest's digest.

    statement: what the ledger says of a device that is shut out, its signature not yet verified
    """

    stage: str
    seq: int
    digest: str | None
    statement: str | None = None


def read_self(body: Any) -> ChainHead:
    """Return the chain's head at the server; raises Malformed."""
    found = load(SELF, body)
    return ChainHead(found["stage"], found["seq"], found["digest"], found["statement"])
