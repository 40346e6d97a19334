"""The API's addresses."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from flask import Blueprint, Response, jsonify, request
from flask_wtf.csrf import generate_csrf

from server.accounts import cookie
from server.api.answers import listing, plain
from server.api.bodies import ConfirmBody, ReviewBody, SignIn, a_day, body
from server.casework import desk
from server.casework.confirm import Confirmation
from server.casework.review import Review
from server.console.desk import language
from server.console.file_answer import file_answer
from server.current import services
from server.queries import cases, evidence, findings, rounds
from server.queries.evidence_rows import evidence_rows
from server.queries.reading import TABLE, Reading, reading
from server.reminders.calendar import due_date
from sync.errors import BadValue

blueprint = Blueprint("api", __name__, url_prefix="/api")


@blueprint.after_request
def _never_kept(answer: Response) -> Response:
    answer.headers["Cache-Control"] = "no-store"
    return answer


@contextmanager
def _looking() -> Iterator[Reading]:
    with reading(services(), cookie.signed_in().id, language()) as look:
        yield look


# -- the session ------------------------------------------------------------------------------------


def _session() -> dict[str, Any]:
    """Return who is signed in, and the token that every POST and DELETE sends back as X-CSRFToken."""
    who = cookie.reader()
    user = {"id": who.id, "name": who.name, "role": who.role, "region": who.region} if who else None
    return {"user": user, "csrf_token": generate_csrf()}


@blueprint.get("/session")
def session() -> Response:
    """Tell who is signed in, if anybody."""
    return jsonify(_session())


@blueprint.post("/session")
def sign_in() -> tuple[Response, int]:
    """Sign in; the answer's token is good for the new session."""
    given = body(SignIn())
    cookie.sign_in(given["login"], given["password"])
    return jsonify(_session()), 201


@blueprint.delete("/session")
def sign_out() -> Response:
    """End the session."""
    cookie.signed_in()
    cookie.sign_out()
    return Response(status=204)


# -- lists and items -----------------------------------------------------------------------------------


def _list(kind: str, rows: Any) -> Response:
    with _looking() as look:
        statement = look.visible(kind)
        if stage := request.args.get("stage"):
            statement = statement.where(TABLE.c.stage == stage)
        return jsonify(listing(look, statement, rows))


@blueprint.get("/ward-rounds")
def list_rounds() -> Response:
    """List ward rounds, `?stage=` in one stage."""
    return _list("ward_round", rounds.round_rows)


@blueprint.get("/ward-rounds/<record>")
def one_round(record: str) -> Response:
    """Show a ward round with its beds, `?bed=` with one of them opened."""
    with _looking() as look:
        return jsonify(plain(rounds.round_page(look, record, selected=request.args.get("bed"))))


@blueprint.get("/evidence")
def list_evidence() -> Response:
    """List evidence, `?stage=` in one stage."""
    return _list("evidence", evidence_rows)


@blueprint.get("/evidence/<record>")
def one_evidence(record: str) -> Response:
    """Show an evidence item with its proof recomputed now."""
    with _looking() as look:
        return jsonify(plain(evidence.evidence_page(look, record)))


@blueprint.get("/evidence/<record>/file")
def evidence_file(record: str) -> Response:
    """Send the original, or `?width=` a small version."""
    return file_answer(services(), cookie.signed_in().id, record, request.args.get("width"))


@blueprint.get("/findings")
def list_findings() -> Response:
    """List findings, `?stage=` in one stage."""
    return _list("finding", findings.finding_rows)


@blueprint.get("/findings/<record>")
def one_finding(record: str) -> Response:
    """Show a finding."""
    with _looking() as look:
        return jsonify(plain(findings.finding_page(look, record, findings.Term(look.today))))


@blueprint.get("/cases")
def list_cases() -> Response:
    """List rectification cases, `?stage=` in one stage."""
    return _list("rectification_case", cases.case_rows)


@blueprint.get("/cases/<record>")
def one_case(record: str) -> Response:
    """Show a rectification case with its timeline."""
    with _looking() as look:
        return jsonify(plain(cases.case_page(look, record)))


# -- acts -------------------------------------------------------------------------------------------------


@blueprint.post("/evidence/<record>/review")
def review(record: str) -> Response:
    """Approve, return or reject one version."""
    who = cookie.signed_in()
    given = body(ReviewBody())
    wanted = Review(given["act"], given["version"], given.get("reason"), given.get("note"))
    result = desk.review_evidence(services(), who.id, record, wanted)
    item = result.records[record]
    return jsonify(id=record, version=item.version, stage=item.stage, ledger_index=result.first)


@blueprint.post("/findings/<record>/confirm")
def confirm(record: str) -> tuple[Response, int]:
    """Confirm one version and open its case."""
    who = cookie.signed_in()
    given = body(ConfirmBody())
    due_on = due_date(given["served_on"], given["working_days"], services().calendar)
    if (expected := a_day(given, "due_on")) is not None and expected != due_on:
        raise BadValue(f"the last day is {due_on}", field="due_on")
    wanted = Confirmation(given["version"], given["served_on"], given["working_days"])
    result = desk.confirm_finding(services(), who.id, record, wanted)
    opened = next(each.id for each in result.records.values() if each.type == "rectification_case")
    return jsonify(case=opened, due_on=due_on.isoformat(), ledger_index=result.first), 201
