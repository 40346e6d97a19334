"""`wardledger device`: let phones in, list them, shut them out."""

from __future__ import annotations

import argparse
import io
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from server.cli import lost
from sync.errors import BadTransition, NotFound

if TYPE_CHECKING:
    from flask import Flask

    from server.wiring import Services


def register(subparsers: Any) -> None:
    """Add `device invite|list|revoke|lost`."""
    parser = subparsers.add_parser("device", help="invite, list and revoke phones")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    new = verbs.add_parser(
        "invite",
        help="make a one-time invite for a user's phone",
        description="Make an invite for a user's phone, good once and for 15 minutes. It is printed as text and, "
        "on a terminal, as a QR code; only its digest is kept.",
    )
    new.add_argument("login", metavar="LOGIN")
    new.add_argument("--json", action="store_true", help="print JSON")
    new.add_argument(
        "--supersedes",
        metavar="DEVICE",
        help="let the phone take the place of this one of the user's, once, and inherit its unsent work",
    )
    new.add_argument("--qr", type=Path, metavar="FILE.png", help="also write the QR code as a picture")
    new.set_defaults(run=invite)
    every = verbs.add_parser("list", help="list phones and when each was last heard of")
    every.add_argument("--json", action="store_true", help="print JSON")
    every.set_defaults(run=show)
    end = verbs.add_parser(
        "revoke",
        help="shut a phone out",
        description="Shut a phone out with a ledger entry. What it sends afterwards is kept in quarantine.",
    )
    end.add_argument("id", metavar="ID")
    end.set_defaults(run=revoke)
    lost.register(verbs)


def invite(args: argparse.Namespace, app: Flask) -> int:
    """Make an invite."""
    from server.accounts.invites import INVITE_MS
    from server.accounts.invites import invite as make
    from server.accounts.users import find
    from server.cli import write_json
    from server.operations.installation import services

    here = services(app)
    expires = datetime.fromtimestamp((here.now_ms() + INVITE_MS) / 1000, UTC)
    made = make(here, find(here, args.login), supersedes=args.supersedes)
    if args.qr:
        _picture(made.text(), args.qr)
    if args.json:
        facts = {"invite": made.text(), "url": made.url, "code": made.code, "expires_at": expires.isoformat()}
        write_json(facts)
        return 0
    print(made.text())
    if sys.stdout.isatty():
        print(drawn(made.text()))
    until = expires.astimezone(here.config.zone)
    print(f"good once, until {until:%H:%M} ({here.config.timezone})", file=sys.stderr)
    return 0


def drawn(text: str) -> str:
    """Return a QR code in half blocks, for a dark terminal."""
    import qrcode

    code = qrcode.QRCode(border=2)
    code.add_data(text)
    page = io.StringIO()
    code.print_ascii(out=page, invert=True)
    return page.getvalue()


def _picture(text: str, path: Path) -> None:
    """Write the QR code as PNG, readable by its owner alone: whoever scans it first gets in."""
    import qrcode
    from qrcode.image.pil import PilImage

    page = io.BytesIO()
    qrcode.make(text, image_factory=PilImage).save(page)
    path.touch(mode=0o600)
    path.write_bytes(page.getvalue())


def show(args: argparse.Namespace, app: Flask) -> int:
    """List phones."""
    from rich.console import Console
    from rich.table import Table

    from server.cli import write_json
    from server.operations.installation import services

    rows = _rows(services(app))
    if args.json:
        write_json(rows)
        return 0
    table = Table("id", "login", "stage", "sets", "last contact", box=None, pad_edge=False)
    for row in rows:
        table.add_row(row["id"], row["login"], row["stage"], str(row["seq"]), row["contact_at"] or "never")
    Console(highlight=False, markup=False).print(table)
    return 0


def _rows(here: Services) -> list[dict[str, Any]]:
    from server.accounts.users import everybody
    from server.storage import device_store

    logins = {user.id: user.values.get("login", "") for user in everybody(here)}
    with here.database.reading() as connection:
        devices = device_store.everything(connection, here.ledger.id)
    return [
        {
            "id": device.id,
            "login": logins.get(device.user, device.user),
            "stage": device.stage,
            "kem": device.kem,
            "seq": device.seq,
            "contact_at": _instant(device.contact_at),
        }
        for device in devices
    ]


def _instant(ms: int) -> str | None:
    return datetime.fromtimestamp(ms / 1000, UTC).isoformat(timespec="seconds") if ms else None


def revoke(args: argparse.Namespace, app: Flask) -> int:
    """Revoke a phone."""
    from schemas.drafting import Draft
    from server.commit.acts import act
    from server.operations.installation import services
    from server.storage import device_store

    here = services(app)
    with here.database.reading() as connection:
        device = device_store.find(connection, here.ledger.id, args.id)
    if device is None:
        raise NotFound("no phone has this id; `wardledger device list` shows them")
    if device.stage == "revoked":
        raise BadTransition("the phone is revoked already")
    step = {"stage": {"from": device.stage, "to": "revoked"}}
    act(here, [Draft("edit", "device", device.id, step)], kind="device")
    print(f"revoked   {device.id}")
    return 0
