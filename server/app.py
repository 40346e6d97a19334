"""The Flask application: rooms joined to one door."""

from __future__ import annotations

import os
from io import BytesIO
from typing import IO

from flask import Flask, Request, Response

from schemas.wire.outbox_file import MEDIA_TYPE
from server import problems
from server.config import Config
from server.limits import rates, texts
from server.storage.database import engine_options, prepare
from server.storage.models import db
from server.wiring import Clock, Random, Services, demo_clock, system_clock

EXTENSION = "wardledger"
BODY_BYTES_MAX = 2 * 1024 * 1024
OUTBOXES, OUTBOX_BYTES_MAX = "/api/outboxes", 64 * 1024**3


class HeldInMemory(Request):
    """A request whose uploaded files are held in memory: a list of patients never touches the disk in the clear.

    A phone's outbox is sealed, is read as it comes, and is as long as what a phone holds.
    """

    @property
    def max_content_length(self) -> int | None:
        """How long a body may be; asked for before any view, where a form's token is looked for."""
        if self.path == OUTBOXES and self.mimetype == MEDIA_TYPE:
            return OUTBOX_BYTES_MAX
        return super().max_content_length

    @max_content_length.setter
    def max_content_length(self, value: int | None) -> None:
        self._max_content_length = value

    def _get_file_stream(
        self,
        total_content_length: int | None,
        content_type: str | None,
        filename: str | None = None,
        content_length: int | None = None,
    ) -> IO[bytes]:
        # BODY_BYTES_MAX bounds it; files of phones do not come as forms.
        return BytesIO()


def create_app(config: Config, *, now_ms: Clock | None = None, random: Random = os.urandom) -> Flask:
    """Return the application of one installation; opens no connection and reads no key until it is asked to.

    now_ms, random: for tests and the demo; a clock file in the settings serves demo ledgers only
    """
    app = Flask("server", static_url_path="/static")
    app.request_class = HeldInMemory
    app.config["SQLALCHEMY_DATABASE_URI"] = config.database_url
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config.database_url)
    app.config["MAX_CONTENT_LENGTH"] = BODY_BYTES_MAX
    db.init_app(app)
    with app.app_context():
        prepare(db.engine)
        clock = now_ms or (demo_clock(config.clock_path) if config.clock_path else system_clock)
        here = app.extensions[EXTENSION] = Services(config, db.engine, clock, random)
    problems.install(app)
    rates.install(app, here.rates)
    texts.install(app)

    @app.after_request
    def _date(answer: Response) -> Response:
        """Tell the ledger's own time: phones correct their clocks by it."""
        answer.date = app.extensions[EXTENSION].now()
        return answer

    _join(app, config)
    return app


def _join(app: Flask, config: Config) -> None:
    from server import health, phone_app
    from server.api import views as api
    from server.console import setup as console
    from server.intake import catalogues, tus
    from server.intake import views as intake
    from server.ledger import views as ledger
    from server.operations import metrics
    from server.outside import views as witness

    device_signed = (
        intake.blueprint, tus.blueprint, catalogues.blueprint, ledger.blueprint, witness.blueprint,
    )  # fmt: skip
    console.install(app, config, device_signed=device_signed)
    for blueprint in (
        health.blueprint,
        metrics.blueprint,
        phone_app.blueprint,
        *device_signed,
        api.blueprint,
    ):
        app.register_blueprint(blueprint)
