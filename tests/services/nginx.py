"""nginx with the shipped configuration, on loopback ports, with a certificate of the test's own."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Self

from tests.services.granian import ROOT
from tests.services.processes import LOOPBACK, ServiceFailed, free_port, start, stop, wait_until

SHIPPED = ROOT / "deploy" / "nginx" / "wardledger.conf"
NAME = "audit.bureau.example"
INSTALL = "nginx is not on this machine; on Debian: apt-get install nginx"
STARTED_SECONDS_MAX = 15
AROUND = """
{account}
daemon off;
pid {folder}/pid;
error_log {folder}/error.log warn;
events {{}}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/wardledger.conf;
}}
"""


class Nginx:
    """nginx in front of a server on a port; a context manager. url: https, with `certificate` to trust."""

    def __init__(self, folder: Path, behind: int, *, port: int | None = None):
        self.folder = folder
        self.port = port or free_port()
        self.plain_port = free_port()
        self.url = f"https://{LOOPBACK}:{self.port}"
        self.certificate = folder / "fullchain.pem"
        self._behind = behind
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def program(self) -> str:
        """Return where nginx is; raises ServiceFailed."""
        found = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin:/usr/local/bin")
        if found is None:
            raise ServiceFailed(INSTALL)
        return found

    def prepare(self) -> Path:
        """Write certificate and configuration, altered in ports and paths alone; return the configuration's path."""
        self.folder.mkdir(parents=True, exist_ok=True)
        text = SHIPPED.read_text("utf-8")
        changes = {
            r"server 127\.0\.0\.1:8480;": f"server {LOOPBACK}:{self._behind};",
            r"listen 80;": f"listen {LOOPBACK}:{self.plain_port};",
            r"listen 443 ssl http2;": f"listen {LOOPBACK}:{self.port} ssl http2;",
            r"\n *listen \[::\]:[^\n]*": "",
            r"/etc/ssl/wardledger": str(self.folder),
        }
        for pattern, replacement in changes.items():
            text, count = re.subn(pattern, replacement, text)
            assert count, f"the shipped configuration has no {pattern}"
        (self.folder / "wardledger.conf").write_text(text)
        # The test's folder is closed to every other account.
        account = "user root;" if os.geteuid() == 0 else ""
        (self.folder / "nginx.conf").write_text(AROUND.format(folder=self.folder, account=account))
        key = ["-keyout", str(self.folder / "privkey.pem"), "-out", str(self.certificate)]
        names = f"subjectAltName=DNS:{NAME},IP:{LOOPBACK}"
        command = [
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-days",
            "2",
        ]
        subprocess.run(
            [*command, "-subj", f"/CN={NAME}", "-addext", names, *key], check=True, capture_output=True
        )
        return self.folder / "nginx.conf"

    def check(self) -> str:
        """Return what `nginx -t` says of the configuration; raises CalledProcessError where it refuses it."""
        done = subprocess.run(
            [self.program, "-t", "-c", str(self.prepare())], check=True, capture_output=True, text=True
        )
        return done.stderr

    def __enter__(self) -> Self:
        command = [self.program, "-c", str(self.prepare())]
        log = self.folder / "log"
        self._process = start(command, log=log)
        try:
            wait_until(self._is_up, self._process, log=log, seconds=STARTED_SECONDS_MAX, what="nginx")
        except BaseException:
            self.__exit__(None, None, None)
            raise
        return self

    def _is_up(self) -> bool:
        try:
            socket.create_connection((LOOPBACK, self.port), 1).close()
        except OSError:
            return False
        return True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process is not None:
            stop(self._process)
            self._process = None
