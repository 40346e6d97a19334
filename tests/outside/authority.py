"""A time-stamping authority of the tests: openssl's own, behind a small HTTP server on loopback."""

from __future__ import annotations

import subprocess
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

CONFIG = """
[tsa]
default_tsa = here
[here]
dir = {folder}
serial = {folder}/serial
crypto_device = builtin
signer_cert = {folder}/tsa.pem
signer_key = {folder}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256, sha512
accuracy = secs:1
ordering = no
tsa_name = no
ess_cert_id_chain = no
ess_cert_id_alg = sha256
"""
LEAF = """
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = {usage}
"""


def openssl(*words: object, stdin: bytes = b"") -> bytes:
    """Run openssl and return what it printed."""
    done = subprocess.run(["openssl", *map(str, words)], input=stdin, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def make_keys(folder: Path, usage: str = "critical,timeStamping") -> Path:
    """Make a root and an authority's certificate in a folder; returns the root's file."""
    folder.mkdir(parents=True, exist_ok=True)
    curve = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")
    root = folder / "root.pem"
    openssl("req", "-x509", *curve, "-keyout", folder / "root.key", "-out", root, "-days", "3650",
            "-subj", "/CN=Test root", "-addext", "basicConstraints=critical,CA:TRUE",
            "-addext", "keyUsage=critical,keyCertSign")  # fmt: skip
    openssl("req", *curve, "-keyout", folder / "tsa.key", "-out", folder / "tsa.csr", "-subj", "/CN=Test TSA")
    (folder / "leaf.cnf").write_text(LEAF.format(usage=usage))
    openssl("x509", "-req", "-in", folder / "tsa.csr", "-CA", root, "-CAkey", folder / "root.key",
            "-CAcreateserial", "-days", "3650", "-extfile", folder / "leaf.cnf",
            "-out", folder / "tsa.pem")  # fmt: skip
    (folder / "serial").write_text("01\n")
    (folder / "tsa.cnf").write_text(CONFIG.format(folder=folder))
    return root


def reply(folder: Path, query: bytes) -> bytes:
    """Return the authority's answer to a request."""
    asked = folder / f"query-{threading.get_ident()}.tsq"
    asked.write_bytes(query)
    given = asked.with_suffix(".tsr")
    openssl("ts", "-reply", "-config", folder / "tsa.cnf", "-queryfile", asked, "-out", given)
    return given.read_bytes()


def query_over(data: Path, *words: str) -> bytes:
    """Return a request of openssl's own over a file."""
    return openssl("ts", "-query", "-data", data, "-sha256", "-cert", *words)


def der(tag: int, *parts: bytes) -> bytes:
    """Return a DER value with its length."""
    body = b"".join(parts)
    if len(body) < 0x80:
        return bytes([tag, len(body)]) + body
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + body


def signed_again(folder: Path, response: bytes, signer: Path) -> bytes:
    """Return an answer with the same timestamp, signed by another certificate: what `openssl ts` would refuse to do."""
    whole, token, info, again = (
        folder / name for name in ("whole.tsr", "token.der", "info.der", "again.der")
    )
    whole.write_bytes(response)
    openssl("ts", "-reply", "-in", whole, "-token_out", "-out", token)
    openssl("cms", "-verify", "-noverify", "-inform", "DER", "-in", token, "-out", info)
    openssl("cms", "-sign", "-binary", "-nodetach", "-nosmimecap", "-econtent_type", "1.2.840.113549.1.9.16.1.4",
            "-in", info, "-signer", signer / "tsa.pem", "-inkey", signer / "tsa.key", "-md", "sha256",
            "-outform", "DER", "-out", again)  # fmt: skip
    return der(0x30, der(0x30, der(0x02, b"\x00")), again.read_bytes())


@dataclass
class Authority:
    """An authority that answers on loopback, by `answer` where a test gives one; counts how often it was asked."""

    folder: Path
    root: Path
    answer: Callable[[bytes], bytes] | None = None
    status: int = 200
    wait_seconds: float = 0.0
    asked: list[bytes] = field(default_factory=list)
    url: str = ""

    def __enter__(self) -> Authority:
        authority = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                query = self.rfile.read(int(self.headers["Content-Length"]))
                authority.asked.append(query)
                time.sleep(authority.wait_seconds)
                body = authority.answer(query) if authority.answer else reply(authority.folder, query)
                self.send_response(authority.status)
                self.send_header("Content-Type", "application/timestamp-reply")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except BrokenPipeError:
                    self.close_connection = True

            def log_message(self, *words: object) -> None:
                """Tell nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}/tsa"
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()
