"""Who is calling: the device's proof on every request."""

from __future__ import annotations

from flask import request

from schemas.declare import UUID
from server.intake import statements
from server.storage import device_store
from server.storage.device_store import ENROLLED, Device
from server.wiring import Services
from sync import signing
from sync.errors import SignInRequired, UnknownDevice


def calling_device(services: Services, *, revoked_too: bool = False) -> Device:
    """Return the device that signed this request; raises SignInRequired, UnknownDevice, BadSignature,
    ProofExpired, TooManyRequests or, unless revoked_too, DeviceRevoked.

    `htu` is checked against the configured public address, never against the Host header.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme != "Bearer" or not token:
        raise SignInRequired
    kid, _ = signing.peek(token, signing.PROOF)
    if not UUID.fullmatch(kid):
        # No such device, and not a text that every database can be asked for.
        raise UnknownDevice
    with services.database.reading() as connection:
        device = device_store.find(connection, services.ledger.id, kid)
    if device is None:
        raise UnknownDevice
    query = request.query_string.decode("ascii", "replace")
    url = services.config.url + request.path + (f"?{query}" if query else "")
    key = signing.public_key(device.sign_key)
    signing.check_proof(token, key, method=request.method, url=url, now_ms=services.now_ms())
    services.rates.check_device(device.id)
    if device.stage != ENROLLED and not revoked_too:
        raise statements.shut_out(services, device)
    return device
