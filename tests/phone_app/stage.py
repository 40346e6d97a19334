"""A stage: some parts of the phone app alone in a real browser, bundled from their sources, without a server behind."""

from __future__ import annotations

import contextlib
import functools
import http.server
import json
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

from tests.interop.node import PWA, installed, node
from tests.services.processes import POLL_S

BUILD_SECONDS_MAX = 60
PAGE = (
    '<!doctype html><html lang="zh-CN"><meta charset="utf-8"><title>-</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1">'
    '<link rel="stylesheet" href="app.css"><div id="app"></div><script type="module" src="part.js"></script>'
)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, format: str, *words: object) -> None:  # noqa: A002
        """Say nothing."""


@contextlib.contextmanager
def staged(folder: Path, script: str) -> Iterator[str]:
    """Yield the address of a page that runs a script; its imports are named from mobile_stub/pwa/app."""
    installed(PWA)
    build(folder, script)
    (folder / "index.html").write_text(PAGE, "utf-8")
    handler = functools.partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(POLL_S,), daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/"
        finally:
            server.shutdown()
            thread.join()


def build(folder: Path, script: str) -> None:
    """Bundle a script and the looks into a folder, by the same means and in the same way as the app."""
    shared = {
        "bundle": True,
        "format": "esm",
        "target": "es2022",
        "jsx": "automatic",
        "jsxImportSource": "preact",
        "absWorkingDir": str(PWA),
        "preserveSymlinks": True,
        "splitting": True,
        "outdir": str(folder),
    }
    stdin = {"contents": script, "resolveDir": str(PWA / "app"), "loader": "jsx"}
    tasks = [
        {**shared, "stdin": stdin, "entryNames": "part"},
        {**shared, "entryPoints": {"app": "app/styles/app.css"}},
    ]
    code = f"import {{ build }} from 'esbuild'; for (const one of {json.dumps(tasks)}) await build(one);"
    done = subprocess.run(
        [node(), "--input-type=module", "-e", code],
        cwd=PWA,
        capture_output=True,
        text=True,
        check=False,
        timeout=BUILD_SECONDS_MAX,
    )
    assert not done.returncode, done.stderr
