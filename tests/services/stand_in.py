"""A server that is ready at once, or never, in place of the project's own: `stand_in.py PORT STATUS`."""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer

PORT, STATUS = int(sys.argv[1]), int(sys.argv[2])


class Answer(BaseHTTPRequestHandler):
    """Answers everything with one status."""

    def do_GET(self) -> None:
        """Answer."""
        self.send_response(STATUS)
        self.end_headers()


if STATUS == 0:
    sys.exit("the settings name no ledger")
HTTPServer(("127.0.0.1", PORT), Answer).serve_forever()
