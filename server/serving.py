"""What the web server runs: the application made from the settings, with its log."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask

from server import logging
from server.app import create_app
from server.config import load
from server.limits.bodies import BodiesAtOnce


def app(given: Mapping[str, str] | None = None) -> Flask:
    """Return the application of a serving process; `gunicorn 'server.serving:app()'` works as well.

    given: settings that go before those of the environment
    """
    logging.configure()
    made = create_app(load(given))
    logging.log_requests(made)
    made.wsgi_app = BodiesAtOnce(made.wsgi_app)  # type: ignore[method-assign]
    return made
