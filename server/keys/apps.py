"""What the key list says to an app of some version: go on, upgrade when all is sent, or record no more.

`apps.json` in the home lists the versions; an app that writes an older schema than the server's is asked to upgrade
in any case. Nothing is ever refused for its version: what an app recorded gets in.
"""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from marshmallow import fields, validate

from schemas import upcasts
from schemas.wire.parts import Strict, load
from server.config import Config
from sync.errors import LedgerStopped, Malformed

FILE = "apps.json"
OK, UPGRADE, READ_ONLY = "ok", "upgrade_after_upload", "read_only"
BYTES_MAX = 64 * 1024
PATTERN = r"^[A-Za-z0-9_./-]{1,64}\*?$"


class AppsSchema(Strict):
    """The file: app versions as manifests name them; one that ends in * means all that begin so."""

    upgrade_after_upload = fields.List(fields.String(validate=validate.Regexp(PATTERN)), load_default=list)
    read_only = fields.List(fields.String(validate=validate.Regexp(PATTERN)), load_default=list)


APPS = AppsSchema()


def word(config: Config, app: str, schema: int | None) -> str:
    """Return the word for an app; app: as its manifests name it, empty where the request does not say."""
    listed = _listed(config.home / FILE, _stamp(config.home / FILE))
    if any(_fits(app, pattern) for pattern in listed[READ_ONLY]):
        return READ_ONLY
    older = schema is not None and schema < upcasts.SCHEMA_VERSION
    if older or any(_fits(app, pattern) for pattern in listed[UPGRADE]):
        return UPGRADE
    return OK


def _fits(app: str, pattern: str) -> bool:
    return app.startswith(pattern[:-1]) if pattern.endswith("*") else app == pattern


def _stamp(path: Path) -> tuple[int, int]:
    try:
        about = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return (about.st_mtime_ns, about.st_size)


@lru_cache(maxsize=8)
def _listed(path: Path, stamp: tuple[int, int]) -> dict[str, tuple[str, ...]]:
    """Return the patterns of each word; read anew when the file changes. Raises LedgerStopped naming the file."""
    if stamp == (0, 0):
        return {UPGRADE: (), READ_ONLY: ()}
    try:
        if stamp[1] > BYTES_MAX:
            raise Malformed(f"more than {BYTES_MAX} bytes")
        found = load(APPS, json.loads(path.read_text("utf-8")))
    except (OSError, ValueError, Malformed) as error:
        raise LedgerStopped(f"{path.name} in the home cannot be read: {error}") from error
    return {name: tuple(found[name]) for name in (UPGRADE, READ_ONLY)}
