"""`wardledger serve`: the web server."""

from __future__ import annotations

import argparse
import socket
from functools import partial
from typing import TYPE_CHECKING, Any

from sync.errors import LedgerStopped, Refusal

if TYPE_CHECKING:
    from flask import Flask
    from sqlalchemy import Engine

BACKPRESSURE = 128
"""Connections of one worker that are taken in; the next ones wait in the kernel's queue."""
STOP_SECONDS = 20
"""How long requests may still take when the server is told to end; a phone sends again what was cut off."""


class PortTaken(Refusal):
    """Another process listens on the address already."""

    code = "port_taken"
    next = "Stop the other server, or choose another port with --port."


def register(subparsers: Any) -> None:
    """Add `serve`."""
    parser = subparsers.add_parser(
        "serve",
        help="serve phones and desks",
        description="Serve phones and desks over HTTP until SIGTERM or Ctrl-C, which end it once the requests "
        f"at hand are answered, after {STOP_SECONDS} seconds at the latest. Put a proxy with TLS in front of it.",
    )
    parser.add_argument("--host", default="127.0.0.1", help="the address to listen on (default: %(default)s)")
    parser.add_argument("--port", type=_port, default=8480, help="the port (default: %(default)s)")
    parser.add_argument("--workers", type=_workers, help="processes (default: WARDLEDGER_WORKERS)")
    parser.set_defaults(run=run)


def _port(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 65_535:
        raise argparse.ArgumentTypeError("a port is a number from 1 to 65535")
    return int(text)


def _workers(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= 64:
        raise argparse.ArgumentTypeError("workers are a number from 1 to 64")
    return int(text)


def run(args: argparse.Namespace, app: Flask) -> int:
    """Check that the ledger can be served and that every secret is there and fits it, then serve it."""
    from granian import Granian
    from granian.constants import Interfaces

    from server import logging, serving
    from server.commit.recovering import reapply
    from server.keys import fitting
    from server.keys.declared import declare
    from server.limits.bodies import THREADS
    from server.operations.erasing import erase_again
    from server.operations.installation import services
    from server.operations.running import working

    here = services(app)
    workers = args.workers or here.config.workers
    _check_free(args.host, args.port)
    logging.configure()
    given = {"WARDLEDGER_ORIGIN": here.ledger.origin}
    _check_ready(here.engine)
    fitting.check(here)
    reapply(here)
    erase_again(here)
    declare(here)
    # The workers are forked: no connection may cross into them.
    here.engine.dispose()
    server = Granian(
        "server.serving:app",
        address=args.host,
        port=args.port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=THREADS,
        backpressure=BACKPRESSURE,
        workers_kill_timeout=STOP_SECONDS,
        respawn_failed_workers=True,
        websockets=False,
        log_dictconfig=logging.settings(),
    )
    with working(here.config):
        server.serve(target_loader=partial(serving.app, given), wrap_loader=False)
    return 0


def _check_free(host: str, port: int) -> None:
    """Raise PortTaken while somebody listens there: the web server would share the port with him."""
    family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    with socket.socket(family, kind, protocol) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen(1)
        except OSError as error:
            raise PortTaken(f"{host} port {port}: {error.strerror}") from error


def _check_ready(engine: Engine) -> None:
    """Raise LedgerStopped where the database is of another version than the program."""
    from server.storage import schema

    with engine.connect() as connection:
        if not schema.is_current(connection):
            raise LedgerStopped("the database is of another version; run `wardledger upgrade`")
