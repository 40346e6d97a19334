"""A small application that shows the demo pages under the desk's real addresses and policy."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, jsonify, render_template, request
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from PIL import Image, ImageDraw, ImageFont

from server.api.answers import plain
from server.console import filters
from server.console.pages import ENDPOINTS
from tests.console import (
    sample_accounts,
    sample_board,
    sample_calendars,
    sample_casework,
    sample_census,
    sample_coming,
    sample_courses,
    sample_deadlines,
    sample_devices,
    sample_dossier,
    sample_draws,
    sample_evidence,
    sample_frame,
    sample_inspections,
    sample_messages,
    sample_pages,
    sample_policies,
    sample_portal,
    sample_registers,
    sample_reports,
    sample_review,
    sample_rounds,
    sample_users,
)

SERVER = Path(filters.__file__).parent.parent
CSP = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
PAGES: dict[str, Callable[[], Any]] = {
    "/sign-in": sample_pages.sign_in,
    "/sign-in/code": sample_accounts.second_step,
    "/sign-in/second-factor": lambda: sample_accounts.factor(at_sign_in=True, failed="code"),
    "/join": sample_accounts.join,
    "/account": sample_accounts.account,
    "/account-bare": lambda: sample_accounts.account(on=False, failed="present"),
    "/account/second-factor": sample_accounts.factor,
    "/account/codes": sample_accounts.codes,
    "/": sample_pages.home,
    "/quiet": lambda: sample_pages.home(empty=True),
    **sample_inspections.PAGES,
    "/rounds": sample_rounds.rounds,
    "/rounds/call": sample_rounds.call,
    "/rounds/call-none": lambda: sample_rounds.call(empty=True),
    "/inspections/draws": sample_draws.draws,
    "/inspections/draws-none": lambda: sample_draws.draws(empty=True),
    "/inspections/draws/d1": sample_draws.draw,
    "/inspections/draws/d1-wrong": lambda: sample_draws.draw(ok=False),
    "/inspections/draws/d2": sample_draws.waiting,
    "/inspections/i1/draw": lambda: sample_draws.draw(officers=True),
    "/rounds/census": lambda: sample_census.page(way="new"),
    "/rounds/census-good": sample_census.page,
    "/rounds/census-bad": lambda: sample_census.page(way="bad"),
    "/rounds/census-failed": lambda: sample_census.page(way="failed"),
    **sample_calendars.PAGES,
    **sample_policies.PAGES,
    **sample_coming.PAGES,
    "/rounds/board": sample_board.board,
    "/rounds/board-none": lambda: sample_board.board(empty=True),
    "/rounds/execution": sample_rounds.execution,
    "/rounds/r1": lambda: sample_rounds.round_page(bed=request.args.get("bed")),
    "/rounds/r6": sample_rounds.waiting_round,
    "/evidence": sample_evidence.evidence_queue,
    "/evidence-together": sample_evidence.together,
    "/evidence-together-return": lambda: sample_evidence.together(act="return"),
    "/evidence-none": lambda: sample_evidence.evidence_queue(empty=True),
    "/evidence/e3": sample_evidence.evidence,
    "/evidence/e4": lambda: sample_evidence.evidence(verdict="bad", blocked="team_member"),
    "/evidence/e6": lambda: sample_evidence.evidence(
        verdict="unknown", blocked="file_not_verified", file_state="partial"
    ),
    "/evidence/e7": sample_evidence.scanned,
    "/evidence/e5": sample_evidence.amended,
    "/evidence/e8": sample_evidence.written,
    "/verify/e8/digest": sample_evidence.verified,
    "/verify/e8/digest-void": lambda: sample_evidence.verified("taken_back"),
    "/verify/e8/digest-other": lambda: sample_evidence.verified("replaced"),
    "/verify/e8/digest-none": lambda: sample_evidence.verified(None),
    "/second-reviews": sample_review.second_reviews,
    "/second-reviews-none": lambda: sample_review.second_reviews(empty=True),
    "/second-reviews/t1": sample_review.second_review,
    "/second-reviews/t2": lambda: sample_review.second_review(blocked="reviewed_first"),
    "/findings": sample_casework.findings,
    "/findings/f1": lambda: sample_casework.finding(working_days=int(request.args.get("working_days", 15))),
    "/findings/f2": lambda: sample_casework.finding(conflict=True),
    "/conflicts": sample_devices.conflicts,
    "/conflicts/none": lambda: sample_devices.conflicts(empty=True),
    "/conflicts/k1": sample_devices.conflict,
    "/conflicts/k2": lambda: sample_devices.conflict(facts=True, failed="candidates_changed"),
    "/waiting": lambda: (
        sample_devices.held() if request.args.get("state") == "held" else sample_devices.waiting()
    ),
    "/waiting/18512": sample_devices.late,
    "/quarantine": sample_devices.quarantine,
    "/quarantine/none": lambda: sample_devices.quarantine(empty=True),
    "/quarantine/q1": sample_devices.kept,
    "/devices": sample_devices.devices,
    "/devices/none": lambda: sample_devices.devices(empty=True),
    "/devices/d1": sample_devices.device,
    "/devices/d2": lambda: sample_devices.device(at=0, failed="bad_value"),
    "/devices/d5/loss": sample_devices.loss,
    "/devices/enrol": sample_devices.enrol,
    "/devices/outbox": sample_devices.outbox,
    "/devices/invites": sample_devices.invite,
    "/devices/invites/used": lambda: sample_devices.invite("used"),
    "/devices/invites/expired": lambda: sample_devices.invite("expired"),
    "/cases": sample_casework.cases,
    **sample_deadlines.PAGES,
    **sample_messages.PAGES,
    "/cases/c1": sample_casework.case,
    "/cases/c2": lambda: sample_casework.case(overdue=True),
    "/sanctions": sample_courses.listed,
    "/sanctions-none": lambda: sample_courses.listed(empty=True),
    "/sanctions/s1": sample_courses.one,
    "/sanctions/s2": sample_courses.decided,
    "/sanctions/new": sample_courses.begin,
    **sample_casework.PAGES,
    "/records": sample_registers.registers,
    "/records-none": sample_registers.nothing,
    "/records/sanction": sample_registers.register,
    "/records/appeal": lambda: sample_registers.register(empty=True),
    "/records/sanction/s1": sample_registers.record,
    "/records/sanction/s2": lambda: sample_registers.record(voided=True),
    "/reports": sample_reports.reports,
    "/reports-none": lambda: sample_reports.reports(empty=True),
    "/institutions": sample_dossier.institutions,
    "/institutions-none": lambda: sample_dossier.institutions(empty=True),
    "/institutions/i1": sample_dossier.institution,
    "/search": sample_dossier.search,
    "/search-none": lambda: sample_dossier.search(empty=True),
    "/ledger": sample_pages.ledger,
    "/access-log": sample_users.accesses,
    "/access-log/l1": sample_users.access,
    "/users": sample_users.users,
    "/users/new": sample_users.new_user,
    "/institutions/i1/users": lambda: sample_users.party_users(code=True),
    "/institutions/i2/users": lambda: sample_users.party_users(empty=True),
    "/users/u1": sample_users.user,
    "/users/u2": lambda: sample_users.user(code=True),
    "/users/u3": lambda: sample_users.user(own=True),
    "/users/deputies": sample_users.deputies,
    "/recusals": sample_users.recusals,
    "/recusals-none": lambda: sample_users.recusals(empty=True),
    "/entries": sample_dossier.entries,
    "/entries/18465": sample_dossier.entry,
    "/error": sample_pages.error,
    **sample_portal.PAGES,
}


@cache
def sample_photo(width: int = 1600) -> bytes:
    """Return a drawn hospital bed as JPEG, with DEMO written on it."""
    image = Image.new("RGB", (1600, 1200), "#cfd8d6")
    draw = ImageDraw.Draw(image)
    for y in range(1200):
        draw.line((0, y, 1600, y), fill=(214 - y // 16, 222 - y // 14, 219 - y // 15))
    draw.polygon(((0, 850), (1600, 760), (1600, 1200), (0, 1200)), fill="#9aa39c")
    draw.rectangle((1080, 120, 1480, 560), fill="#e9f3fb", outline="#7f8b8b", width=12)
    draw.line((1280, 120, 1280, 560), fill="#7f8b8b", width=10)
    draw.rectangle((150, 430, 210, 1010), fill="#6d7675")
    draw.polygon(((190, 720), (1180, 690), (1280, 860), (190, 930)), fill="#f7f8f6")
    draw.polygon(((480, 690), (1180, 680), (1290, 880), (480, 930)), fill="#a9c7c9")
    draw.rounded_rectangle((220, 640, 470, 760), 40, fill="#ffffff", outline="#c8cfcd", width=4)
    draw.rectangle((270, 300, 480, 440), fill="#ffffff", outline="#0f5f63", width=6)
    draw.text((300, 318), "BED 13", fill="#0f5f63", font=ImageFont.load_default(52))
    draw.text((300, 384), "7K3M", fill="#b0241d", font=ImageFont.load_default(40))
    draw.text((1290, 1120), "DEMO", fill="#ffffff", font=ImageFont.load_default(72))
    image.thumbnail((width, width))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=85)
    return buffer.getvalue()


@cache
def sample_desk(locale: str = "zh_CN") -> Flask:
    """Return an application that shows the demo pages under the desk's real addresses and policy."""
    app = Flask(
        "sample_desk", template_folder=str(SERVER / "templates"), static_folder=str(SERVER / "static")
    )
    app.config.update(SECRET_KEY="demo", BABEL_TRANSLATION_DIRECTORIES=str(SERVER / "translations"))
    Babel(app, locale_selector=lambda: locale)
    CSRFProtect(app)
    filters.install(app.jinja_env)
    app.jinja_env.undefined = StrictUndefined

    def show(**_: str) -> str:
        page = PAGES[request.path]()
        undo = sample_evidence.UNDO if request.path == "/evidence/e3" else None
        signed_in = not request.path.startswith(("/sign-in", "/join"))
        frame = sample_frame.shell(locale, signed_in=signed_in, undo=undo)
        if sample_portal.is_of_portal(request.path):
            frame = replace(frame, reader=None if request.path.startswith("/ack") else sample_portal.READER)
        return render_template(page.template, shell=frame, page=page)

    def photo(**_: str) -> Response:
        return Response(sample_photo(int(request.args.get("width", 1600))), mimetype="image/jpeg")

    def proof(record: str = "e3") -> Response:
        return jsonify(plain(sample_review.proof_facts(record)))

    for endpoint, (methods, rule) in ENDPOINTS.items():
        if endpoint != "static":
            view = {
                "console.photo": photo,
                "console.paper": photo,
                "api.proof": proof,
                "ledger.proof": proof,
            }.get(endpoint, show)
            app.add_url_rule(rule, endpoint, view, methods=methods.split(", "))
    for extra in (
        "/evidence-together",
        "/evidence-together-return",
        "/quiet",
        "/evidence-none",
        "/records-none",
        "/reports-none",
        "/error",
        "/inspections-none",
        *(address for address in sample_deadlines.PAGES if address.endswith("-none")),
        *(
            address
            for address in (*sample_calendars.PAGES, *sample_coming.PAGES, *sample_policies.PAGES)
            if "-" in address
        ),
        "/institutions-none",
        "/search-none",
        "/second-reviews-none",
        "/recusals-none",
        "/sanctions-none",
    ):
        app.add_url_rule(extra, extra.strip("/"), show)
    for endpoint, rule in sample_portal.ENDPOINTS.items():
        app.add_url_rule(rule, endpoint, show, methods=["GET", "POST"])
    for extra in (
        "/portal-none",
        "/ack-done",
        "/ack-expired",
        "/account-bare",
        "/account/second-factor",
        "/account/codes",
    ):
        app.add_url_rule(extra, f"extra {extra}", show)

    @app.after_request
    def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CSP
        return response

    return app
