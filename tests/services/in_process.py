"""An application served from this process by Werkzeug's development server, for a browser on loopback."""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from werkzeug.serving import BaseWSGIServer, make_server

from tests.services.processes import LOOPBACK, POLL_S


def whole(app: Any) -> Any:
    """Return the application with each answer read to its end and closed before the server sees it.

    The development server empties the connection before it closes an answer, and where the browser has left the page
    by then, that fails and a file stays open.
    """

    def run(environ: Any, start_response: Any) -> Iterable[bytes]:
        answer = app(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            if hasattr(answer, "close"):
                answer.close()

    return run


def serve(app: Any) -> BaseWSGIServer:
    """Return a server that answers on a free port; shut it down and close it."""
    server = make_server(LOOPBACK, 0, whole(app), threaded=True)
    threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True).start()
    return server
