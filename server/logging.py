"""The log: one JSON object a line on standard error, without personal data.

A request is named by its route, never by its address: addresses hold upload tokens and queries. An
exception is named by its kind and its places, never by its words: a driver's words hold values.
"""

from __future__ import annotations

import logging
import logging.config
import sys
import time
import traceback
from typing import Any

import structlog
from flask import Flask, Response, g, request
from structlog.typing import EventDict, WrappedLogger

FRAMES_MAX = 12
CAUSES_MAX = 4


def _without_words(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace an exception by its kinds (its own, then its causes') and the places it came through."""
    found = event.pop("exc_info", None)
    if found is True:
        found = sys.exc_info()
    error = found[1] if isinstance(found, tuple) else found
    if not isinstance(error, BaseException):
        return event
    frames = traceback.extract_tb(error.__traceback__)[-FRAMES_MAX:]
    event["where"] = [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames]
    kinds: list[str] = []
    cause: BaseException | None = error
    while cause is not None and len(kinds) < CAUSES_MAX:
        kinds.append(type(cause).__name__)
        cause = cause.__cause__ or cause.__context__
    event["exception"] = kinds
    return event


def _without_address(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Replace Flask's own words on an unhandled exception, which repeat the request's address."""
    if str(event.get("event", "")).startswith("Exception on "):
        event["event"] = "unhandled exception"
    return event


SHARED: tuple[Any, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True, key="at"),
    _without_address,
    _without_words,
)


def formatter() -> logging.Formatter:
    """Return what turns the records of libraries (the web server, Flask, Alembic) into the same lines."""
    return structlog.stdlib.ProcessorFormatter(
        foreign_pre_chain=SHARED,
        processors=[
            structlog.stdlib.ProcessorFormatter.remove_processors_meta,
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
    )


def settings(level: str = "INFO") -> dict[str, Any]:
    """Return the standard library's configuration; the web server's workers take it over as it is."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"json": {"()": "server.logging.formatter"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {"_granian": {"level": level}, "alembic": {"level": "WARNING"}},
    }


def configure(level: str = "INFO") -> None:
    """Let this process log on standard error, from a level on (INFO, WARNING, ERROR)."""
    logging.config.dictConfig(settings(level))
    structlog.configure(
        processors=[*SHARED, structlog.processors.JSONRenderer(ensure_ascii=False)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=_to_stderr,
        cache_logger_on_first_use=False,
    )


def _to_stderr(*_: Any) -> structlog.PrintLogger:
    """Return a logger on what standard error is now: whoever puts another file there closes it one day."""
    return structlog.PrintLogger(sys.stderr)


def log_requests(app: Flask) -> None:
    """Log each request as method, route, status and milliseconds: no address, no query, no body."""
    log = structlog.get_logger()

    @app.before_request
    def _begin() -> None:
        g.began = time.perf_counter()

    @app.after_request
    def _end(response: Response) -> Response:
        spent = time.perf_counter() - g.get("began", time.perf_counter())
        route = request.url_rule.rule if request.url_rule else None
        log.info(
            "request",
            method=request.method,
            route=route,
            status=response.status_code,
            took_ms=round(spent * 1000, 1),
        )
        return response
