"""The services of the request that is being answered."""

from __future__ import annotations

from flask import current_app

from server.wiring import Services


def services() -> Services:
    """Return the services of the current application."""
    found = current_app.extensions["wardledger"]
    assert isinstance(found, Services)
    return found
