"""What anybody who holds a copy of a written record is told: whether its original stands in the ledger."""

from __future__ import annotations

from flask import Response, make_response

from schemas.records.evidence import FORMS
from server.accounts import cookie
from server.console.desk import blueprint, framed, language, shell
from server.console.pages import VerifyPage
from server.current import services
from server.queries import record_paper


@blueprint.get("/verify/<record>/<digest>")
def verify(record: str, digest: str) -> Response:
    """Tell whether the ledger holds a record of this id and digest, and nothing of what it says."""
    here = services()
    found = record_paper.vouch(here, record, digest)
    page = VerifyPage(record=record[:36], digest=digest[:64], origin=here.ledger.origin)
    if found is not None:
        page = VerifyPage(
            record=record,
            digest=found.digest,
            origin=found.origin,
            state=found.state,
            form=FORMS[found.form][1 if language() == "en" else 0],
            entry=found.entry,
            received=found.received,
            size=found.size,
            root=found.root,
        )
    answer = make_response(framed(page, shell(cookie.reader())), 200 if found else 404)
    # A copy's address proves who holds it: no search engine lists it, no other site is told.
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer
