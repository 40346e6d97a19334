"""Is the process alive, and can it do its work?"""

from __future__ import annotations

from flask import Blueprint, Response, jsonify
from sqlalchemy.exc import SQLAlchemyError

from server.current import services
from server.storage import ledger_store, schema
from sync.errors import Refusal

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
def healthz() -> Response:
    """Answer as long as the process serves."""
    return jsonify(status="ok")


@blueprint.get("/readyz")
def readyz() -> tuple[Response, int]:
    """Answer 200 when database, migrations, keys, files and the ledger's head are all there, else 503."""
    checks: dict[str, str] = {}
    here = services()
    try:
        with here.database.reading() as connection:
            checks["database"] = "ok"
            checks["migrations"] = (
                "ok" if schema.is_current(connection) else "behind: run `wardledger upgrade`"
            )
            before = ledger_store.head(connection, here.ledger.id).checkpoint(here.ledger.origin)
        # The signer's record first, then the head: in a healthy ledger the head is not behind it.
        known = here.signer.last(before.name)
        with here.database.reading() as connection:
            size = ledger_store.head(connection, here.ledger.id).size
        behind = known is not None and known[0] > size
        checks["ledger"] = "behind its signer's record: run `wardledger doctor`" if behind else "ok"
        here.files.has("0" * 64)
        checks["files"] = "ok"
    except Refusal as refusal:
        checks[refusal.code] = refusal.detail
    except (SQLAlchemyError, OSError) as error:
        checks["outage"] = type(error).__name__
    ready = all(word == "ok" for word in checks.values())
    return jsonify(status="ok" if ready else "not ready", checks=checks), 200 if ready else 503
