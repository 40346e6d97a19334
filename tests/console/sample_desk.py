"""A small application that shows the demo pages under the desk's real addresses and policy."""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

from flask import Flask, Response, render_template, request
from flask_babel import Babel
from flask_wtf import CSRFProtect
from jinja2 import StrictUndefined
from PIL import Image, ImageDraw, ImageFont

from server.console import filters
from server.console.pages import ENDPOINTS
from tests.console import sample_pages, sample_registers

SERVER = Path(filters.__file__).parent.parent
CSP = "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'"
PAGES: dict[str, Callable[[], Any]] = {
    "/sign-in": sample_pages.sign_in,
    "/": sample_pages.home,
    "/quiet": lambda: sample_pages.home(empty=True),
    "/rounds": sample_pages.rounds,
    "/rounds/call": sample_pages.call,
    "/rounds/call-none": lambda: sample_pages.call(empty=True),
    "/rounds/execution": sample_pages.execution,
    "/rounds/r1": lambda: sample_pages.round_page(bed=request.args.get("bed")),
    "/rounds/r6": sample_pages.waiting_round,
    "/evidence": sample_pages.evidence_queue,
    "/evidence-none": lambda: sample_pages.evidence_queue(empty=True),
    "/evidence/e3": sample_pages.evidence,
    "/evidence/e4": lambda: sample_pages.evidence(verdict="bad", blocked="team_member"),
    "/evidence/e6": lambda: sample_pages.evidence(
        verdict="unknown", blocked="file_not_verified", file_state="partial"
    ),
    "/findings": sample_pages.findings,
    "/findings/f1": lambda: sample_pages.finding(working_days=int(request.args.get("working_days", 15))),
    "/findings/f2": lambda: sample_pages.finding(conflict=True),
    "/cases": sample_pages.cases,
    "/cases/c1": sample_pages.case,
    "/cases/c2": lambda: sample_pages.case(overdue=True),
    "/records": sample_registers.registers,
    "/records-none": sample_registers.nothing,
    "/records/sanction": sample_registers.register,
    "/records/appeal": lambda: sample_registers.register(empty=True),
    "/records/sanction/s1": sample_registers.record,
    "/records/sanction/s2": lambda: sample_registers.record(voided=True),
    "/ledger": sample_pages.ledger,
    "/error": sample_pages.error,
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
        frame = sample_pages.shell(locale, signed_in=request.path != "/sign-in")
        return render_template(page.template, shell=frame, page=page)

    def photo(**_: str) -> Response:
        return Response(sample_photo(int(request.args.get("width", 1600))), mimetype="image/jpeg")

    for endpoint, (methods, rule) in ENDPOINTS.items():
        if endpoint != "static":
            view = photo if endpoint == "console.photo" else show
            app.add_url_rule(rule, endpoint, view, methods=methods.split(", "))
    for extra in ("/quiet", "/evidence-none", "/records-none", "/error"):
        app.add_url_rule(extra, extra.strip("/"), show)

    @app.after_request
    def policy(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = CSP
        return response

    return app
