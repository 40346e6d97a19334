"""Requests for each phone and address, and sign-ins for each address: who asks too often is told to come back later.

The counts are each process's own and are forgotten when it ends: they hold off a flood, they prove nothing.
"""

from __future__ import annotations

import ipaddress
from dataclasses import dataclass

from flask import Flask, Request, request

from server.config import Config
from server.limits.buckets import Buckets
from sync.errors import TooManyRequests

BURST_SECONDS = 60
"""A bucket holds what is allowed in a minute: a phone that comes back after a month has that much at once."""
SIGN_INS = 30
SIGN_IN_RATE = 0.1
"""Attempts to sign in from one address: thirty at once, then one in ten seconds; a login has a limit of its own."""
UNCOUNTED = ("/healthz", "/readyz", "/static/")
V6_NETWORK = 64


@dataclass(frozen=True)
class Rates:
    """The buckets of one process. proxies: addresses whose X-Forwarded-For is believed."""

    device: Buckets
    address: Buckets
    sign_in: Buckets
    proxies: tuple[str, ...]

    def check_device(self, device: str) -> None:
        """Count a request that a phone signed; raises TooManyRequests."""
        _refuse_after(self.device.take(device), "this phone")

    def check_address(self, asking: Request) -> None:
        """Count a request by where it comes from; raises TooManyRequests. This machine itself is not counted."""
        if key := self._key(asking):
            _refuse_after(self.address.take(key), "this address")

    def check_sign_in(self, asking: Request) -> None:
        """Count an attempt to sign in by where it comes from; raises TooManyRequests."""
        if key := self._key(asking):
            _refuse_after(self.sign_in.take(key), "this address")

    def _key(self, asking: Request) -> str:
        """Return what an address is counted under: itself, of IPv6 its network; nothing for this machine."""
        try:
            found = ipaddress.ip_address(self.sender(asking))
        except ValueError:
            return "unknown"
        if found.is_loopback:
            return ""
        if found.version == 6:
            return str(ipaddress.ip_network((found, V6_NETWORK), strict=False))
        return str(found)

    def sender(self, asking: Request) -> str:
        """Return the address that a request comes from; a proxy's word counts only from a proxy that is known."""
        near = asking.remote_addr or ""
        told = asking.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        return told if told and near in self.proxies else near


def _refuse_after(seconds: int, who: str) -> None:
    if seconds:
        words = f"{who} asks more often than it may; nothing was done"
        raise TooManyRequests(words, retry_seconds=seconds)


def rates(config: Config) -> Rates:
    """Return fresh buckets, by the settings."""
    return Rates(
        device=Buckets(config.rate_device, config.rate_device * BURST_SECONDS),
        address=Buckets(config.rate_address, config.rate_address * BURST_SECONDS),
        sign_in=Buckets(SIGN_IN_RATE if config.rate_address else 0, SIGN_INS),
        proxies=config.proxies,
    )


def install(app: Flask, found: Rates) -> None:
    """Count every request but those for health and static files before anything else is done for it."""

    @app.before_request
    def _count() -> None:
        if not request.path.startswith(UNCOUNTED):
            found.check_address(request)
