"""Links by which a notice is acknowledged from a message: bound to notice, deadline and contact, good for a time.

The token stands in the address's fragment: no server, proxy or mail scanner that fetches the page is told it. It is
kept nowhere either: it is a message authentication code under a key of this installation, and whether it was used,
replaced or is too old is read from the records as they stand.
"""

from __future__ import annotations

import hashlib
import hmac
import struct
import uuid
from dataclasses import dataclass
from datetime import date

from server.reminders.sms import mobile
from server.storage import record_store
from server.storage.record_store import TABLE, selected
from server.wiring import Services
from sync import lines
from sync.errors import NotCanonical, Refusal
from sync.merge import VOIDED, Record

PATH = "/ack"
GOOD_DAYS = 30
"""So long a link is good: longer than any usual term, shorter than a mailbox is kept."""
DAY_SECONDS = 86_400
TAG_BYTES, MAC_BYTES = 6, 16
FORM = ">16sHI6s"
SIZE = struct.calcsize(FORM)
PURPOSE = b"acknowledgement\n"
READY, DONE = "ready", "done"
TOKEN_CHARS_MAX = 200


class LinkUnknown(Refusal):
    """The link is not one of this installation, or was cut on the way."""

    code = "link_unknown"
    next = "Open the link of the message as a whole, or sign in to the portal."


class LinkExpired(Refusal):
    """The link has expired."""

    code = "link_expired"
    next = "Sign in to the portal, or ask the office that is named on the notice for a new message."


class LinkReplaced(Refusal):
    """The link was replaced: the deadline or the contact changed, or another notice took the place of this one."""

    code = "link_replaced"
    next = "Use the link of the newest message, or sign in to the portal."


@dataclass(frozen=True, kw_only=True)
class Seen:
    """What a link shows before anybody signs in, and no more. state: `ready`, or `done` once acknowledged."""

    state: str
    institution: str
    number: str
    due_on: date | None


def url(services: Services, notice: str, due_version: int, contact: str) -> str:
    """Return the link of a message. contact: the address that it is sent to."""
    return f"{services.config.url}{PATH}#{token(services, notice, due_version, contact)}"


def token(services: Services, notice: str, due_version: int, contact: str) -> str:
    """Return the secret part of a link."""
    expires = services.now_ms() // 1000 + GOOD_DAYS * DAY_SECONDS
    body = struct.pack(FORM, uuid.UUID(notice).bytes, due_version, expires, _tag(services, contact))
    return lines.b64u(body + _mac(services, body))


def see(services: Services, given: str) -> Seen:
    """Return what a link is about; raises LinkUnknown, LinkExpired or LinkReplaced."""
    return _read(services, given)[1]


def checked(services: Services, given: str) -> tuple[Record, Seen]:
    """Return (the notice, what is shown of it) of a link that is good; raises as `see` does."""
    return _read(services, given)


def _read(services: Services, given: str) -> tuple[Record, Seen]:
    notice, due_version, expires, tag = _opened(services, given)
    ledger = services.ledger.id
    with services.database.reading() as connection:
        vault = services.vault.session(connection, ledger)
        found = record_store.load(connection, vault, [notice]).get(notice)
        if found is None or found.life == VOIDED or found.type != "notice":
            raise LinkUnknown
        around = record_store.load(
            connection, vault, [str(found.values["institution"]), str(found.values.get("case", ""))]
        )
        others = selected(ledger, "notice").where(TABLE.c.parent == found.values["institution"])
        newer = record_store.query(connection, vault, others.where(TABLE.c.stage != "draft"))
    case, institution = around.get(str(found.values.get("case", ""))), around[found.values["institution"]]
    seen = Seen(
        state=DONE if found.stage == "acknowledged" else READY,
        institution=str(institution.values.get("name", institution.values["fixmedins_code"])),
        number=str(found.values.get("number", "")),
        due_on=date.fromisoformat(case.values["due_on"]) if case and case.values.get("due_on") else None,
    )
    if any(one.values.get("replaces") == notice for one in newer) or not any(
        hmac.compare_digest(tag, _tag(services, each)) for each in _contacts(institution)
    ):
        raise LinkReplaced
    if seen.state == DONE:
        return found, seen
    if case is not None and int(case.values.get("due_version") or 0) != due_version:
        raise LinkReplaced
    if expires < services.now_ms() // 1000:
        raise LinkExpired
    return found, seen


def _opened(services: Services, given: str) -> tuple[str, int, int, bytes]:
    try:
        raw = lines.unb64u(given.strip(), length=SIZE + MAC_BYTES)
    except NotCanonical as error:
        raise LinkUnknown from error
    body, mac = raw[:SIZE], raw[SIZE:]
    if not hmac.compare_digest(mac, _mac(services, body)):
        raise LinkUnknown
    notice, due_version, expires, tag = struct.unpack(FORM, body)
    return str(uuid.UUID(bytes=notice)), due_version, expires, tag


def _contacts(institution: Record) -> list[str]:
    """Return the addresses at which an institution is reached now."""
    values = institution.values
    return [str(values[name]) for name in ("contact_email", "contact_phone") if values.get(name)]


def _tag(services: Services, contact: str) -> bytes:
    written = mobile(contact) or contact.strip().lower()
    return _keyed(services, b"contact\n" + written.encode())[:TAG_BYTES]


def _mac(services: Services, body: bytes) -> bytes:
    return _keyed(services, body)[:MAC_BYTES]


def _keyed(services: Services, plain: bytes) -> bytes:
    return hmac.new(services.keyring.pepper, PURPOSE + plain, hashlib.sha256).digest()
