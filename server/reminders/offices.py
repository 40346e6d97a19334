"""Which group robots and webhooks the offices of a ledger have: `channels.json` in the home, one of each kind a region.

Their addresses hold secrets. They are read here and handed to the channel alone: outbox, ledger and log name an office
by its region.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from marshmallow import ValidationError, fields, validate

from schemas import codes
from schemas.wire.parts import Strict
from sync.errors import BadCode
from sync.rules import NATION

Kind = Literal["wecom", "dingtalk", "webhook"]
KINDS: tuple[Kind, ...] = ("wecom", "dingtalk", "webhook")
WECOM, DINGTALK, WEBHOOK = KINDS
ROBOTS = (WECOM, DINGTALK)
"""Who takes 20 messages a minute and no more."""
SECRET_PREFIX = {"dingtalk": "SEC", "webhook": "whsec_"}
OFFICES_MAX = 4000
RECIPIENT = "office/"
"""How a recipient begins that is no person but the office of a region."""


class BadOffices(ValueError):
    """The file cannot be understood; the message names what, and no secret."""


class OfficeBody(Strict):
    """One robot or webhook."""

    region = fields.String(required=True, validate=validate.Length(1, 12))
    url = fields.String(required=True, validate=validate.Length(8, 500))
    secret = fields.String(load_default="", validate=validate.Length(max=200))


class OfficesBody(Strict):
    """`channels.json`."""

    wecom = fields.List(
        fields.Nested(OfficeBody), load_default=list, validate=validate.Length(max=OFFICES_MAX)
    )
    dingtalk = fields.List(
        fields.Nested(OfficeBody), load_default=list, validate=validate.Length(max=OFFICES_MAX)
    )
    webhook = fields.List(
        fields.Nested(OfficeBody), load_default=list, validate=validate.Length(max=OFFICES_MAX)
    )


@dataclass(frozen=True)
class Office:
    """Where a region's office is reached. url, secret: never to be logged"""

    region: str
    url: str = field(repr=False)
    secret: str = field(repr=False)


Offices = Mapping[Kind, Mapping[str, Office]]
"""By kind and region."""


def offices(path: Path) -> Offices:
    """Return what a file says, nothing where there is no file; raises BadOffices."""
    try:
        found = path.stat()
    except FileNotFoundError:
        return {}
    return _read(path, found.st_mtime_ns, found.st_size)


def known(path: Path) -> Offices:
    """Return what a file says, nothing where it cannot be understood: that is for the scheduler to say, which sends."""
    try:
        return offices(path)
    except (BadOffices, OSError):
        return {}


def nearest(found: Offices, above: Sequence[str]) -> Iterator[tuple[Kind, str]]:
    """Yield by kind the region whose office hears of a case. above: its region and all around it, nearest first."""
    for kind, by_region in found.items():
        region = next((region for region in above if region in by_region), None)
        if region is not None:
            yield kind, region


@lru_cache(maxsize=8)
def _read(path: Path, changed_ns: int, size: int) -> Offices:
    """Read a file once for each time that it was written."""
    try:
        told = OfficesBody().load(json.loads(path.read_text("utf-8")))
    except (ValueError, ValidationError) as error:
        # The places alone: what stands there may be a secret.
        where = ", ".join(_places(error.messages)) if isinstance(error, ValidationError) else "it is no JSON"
        raise BadOffices(f"{path.name}: {where}") from None
    return {kind: _by_region(path, kind, told[kind]) for kind in KINDS if told[kind]}


def _by_region(path: Path, kind: Kind, told: Sequence[Mapping[str, Any]]) -> Mapping[str, Office]:
    found: dict[str, Office] = {}
    for number, each in enumerate(told, 1):
        where = f"{path.name}: {kind} {number}"
        region = each["region"]
        if not _is_region(region):
            raise BadOffices(f"{where}: there is no such region")
        if region in found:
            raise BadOffices(f"{where}: {region} has one already")
        if not _is_safe(each["url"]):
            raise BadOffices(f"{where}: the url is an https address")
        prefix = SECRET_PREFIX.get(kind, "")
        if prefix and not each["secret"].startswith(prefix):
            raise BadOffices(f"{where}: a secret that begins with {prefix} is wanted")
        found[region] = Office(region, each["url"], each["secret"])
    return found


def _is_region(written: str) -> bool:
    try:
        return written == NATION or codes.region_code(written) == written
    except BadCode:
        return False


def _is_safe(url: str) -> bool:
    """Return whether nobody on the way reads the secrets of an address: https, or this very machine."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return False
    if parts.scheme == "https":
        return bool(host)
    try:
        return parts.scheme == "http" and (host == "localhost" or ip_address(host).is_loopback)
    except ValueError:
        return False


def _places(told: Any, before: str = "") -> Iterator[str]:
    if not isinstance(told, Mapping):
        yield before
        return
    for name, under in told.items():
        yield from _places(under, f"{before} {name}".strip())
