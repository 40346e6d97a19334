"""The ledger: its head, its entries, and the proof of each."""

from __future__ import annotations

import json

from flask import Response, request

from server.console.desk import blueprint, looking, show
from server.queries import entries as entry_queries
from server.queries import ledger as queries
from server.queries.records import index_of, place_of


@blueprint.get("/ledger")
def ledger() -> str:
    """Show the head and how anybody can check it."""
    with looking() as look:
        return show(queries.ledger_page(look), look)


@blueprint.get("/entries")
def entries() -> str:
    """List entries, newest first, or from a place downwards."""
    start = index_of(request.args.get("from", "").strip(), "from")
    kind, of_type = request.args.get("kind", ""), request.args.get("type", "")
    with looking() as look:
        return show(entry_queries.entries_page(look, kind=kind, of_type=of_type, start=start), look)


@blueprint.get("/entries/<index>")
def entry(index: str) -> str:
    """Show one entry with its proof recomputed now."""
    with looking() as look:
        return show(entry_queries.entry_page(look, place_of(index)), look)


@blueprint.get("/entries/<index>/proof")
def entry_proof(index: str) -> Response:
    """Send the proof of one entry as a file that anybody can check."""
    with looking() as look:
        found = entry_queries.proof_file(look, place_of(index))
    answer = Response(json.dumps(found, ensure_ascii=False, indent=2) + "\n", mimetype="application/json")
    answer.headers["Content-Disposition"] = f'attachment; filename="entry-{found["index"]}.proof.json"'
    return answer
