"""The ledger's public face: C2SP tlog-tiles, the signed head, and proofs. Salted leaves tell nothing."""

from __future__ import annotations

import re

from flask import Blueprint, Response, jsonify, request

from server.current import services
from server.ledger import proofs
from server.outside.witnesses import with_lines
from server.storage import ledger_scan, ledger_store, witness_store
from sync.errors import Malformed, NotAllowed, NotFound
from sync.lines import b64u
from sync.merkle import HASH_BYTES
from sync.tiles import HEIGHT, LEVEL_MAX, WIDTH, bundle, parse_path

TEXT = "text/plain; charset=utf-8"
BYTES = "application/octet-stream"
FOR_EVER = "public, max-age=31536000, immutable"
FRESH = "no-cache"
NUMBER = re.compile(r"0|[1-9][0-9]{0,15}")
blueprint = Blueprint("ledger", __name__, url_prefix="/ledger")


def may_read_entries() -> bool:
    """Return whether the caller may read entry lines in bulk; nobody may, until auditors can say who they are."""
    return False


@blueprint.get("/checkpoint")
def head() -> Response:
    """Answer the signed head, with what witnesses signed over it if any did."""
    here = services()
    with here.database.reading() as connection:
        present = ledger_store.head(connection, here.ledger.id)
        lines = witness_store.lines_on(connection, here.ledger.id, present.epoch, present.size)
    return _answer(with_lines(present.note, lines), TEXT, FRESH)


@blueprint.get("/cosigned")
def cosigned() -> Response:
    """Answer the largest head of this epoch that a witness signed; the present one mostly has grown since."""
    here = services()
    with here.database.reading() as connection:
        epoch = ledger_store.head(connection, here.ledger.id).epoch
        size = witness_store.newest_size(connection, here.ledger.id, epoch)
        kept = ledger_scan.checkpoint(connection, here.ledger.id, epoch, size) if size is not None else None
        if size is None or kept is None:
            raise NotFound("no witness signed a head of this ledger yet")
        lines = witness_store.lines_on(connection, here.ledger.id, epoch, size)
    return _answer(with_lines(kept.note, lines), TEXT, FRESH)


@blueprint.get("/tile/<level>/<path:number>")
def tile(level: str, number: str) -> Response:
    """Answer a tile of hashes, whole or the part that the address asks for."""
    if not NUMBER.fullmatch(level) or int(level) > LEVEL_MAX:
        raise NotFound("no such tile")
    place, width = parse_path(number)
    here = services()
    with here.database.reading() as connection:
        size = ledger_store.head(connection, here.ledger.id).size
        if place * WIDTH + width > size >> (HEIGHT * int(level)):
            raise NotFound("the ledger has not grown so far")
        hashes = ledger_store.tile_reader(connection, here.ledger.id)(int(level), place)
    return _answer(hashes[: width * HASH_BYTES], BYTES, _age(width))


@blueprint.get("/tile/entries/<path:number>")
def entries(number: str) -> Response:
    """Answer a bundle of entry lines, for auditors and witnesses."""
    if not may_read_entries():
        raise NotAllowed("entry bundles are for auditors and witnesses")
    place, width = parse_path(number)
    here = services()
    with here.database.reading() as connection:
        size = ledger_store.head(connection, here.ledger.id).size
        if place * WIDTH + width > size:
            raise NotFound("the ledger has not grown so far")
        lines = ledger_store.entry_lines(connection, here.ledger.id, place * WIDTH, width)
    return _answer(bundle(lines), BYTES, "private, no-store")


@blueprint.get("/proof")
def proof() -> Response:
    """Answer the proof of one entry (`index`), or that the tree at `from` is a prefix of that at `to`."""
    asked = set(request.args)
    if asked == {"index"}:
        return _inclusion(_number("index"))
    if asked == {"from", "to"}:
        return _consistency(_number("from"), _number("to"))
    raise Malformed("ask by index=, or by from= and to=")


def _inclusion(index: int) -> Response:
    here = services()
    with here.database.reading() as connection:
        return _answer(proofs.inclusion(connection, here.ledger, index), TEXT, FRESH)


def _consistency(old: int, new: int) -> Response:
    here = services()
    with here.database.reading() as connection:
        path = proofs.consistency(connection, here.ledger, old, new)
    answer = jsonify({"from": old, "to": new, "proof": [b64u(node) for node in path]})
    answer.headers["Cache-Control"] = FOR_EVER
    return answer


def _number(name: str) -> int:
    """Return a number of the query in its one spelling; raises Malformed for any other, or if it is there twice."""
    found = request.args.getlist(name)
    if len(found) != 1 or not NUMBER.fullmatch(found[0]):
        raise Malformed("not a whole number", field=name)
    return int(found[0])


def _age(width: int) -> str:
    return FOR_EVER if width == WIDTH else FRESH


def _answer(body: str | bytes, content_type: str, cache: str) -> Response:
    return Response(body, content_type=content_type, headers={"Cache-Control": cache})
