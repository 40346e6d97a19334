"""`wardledger bundle`: what a stranger needs to check a case, in one archive; and the same check here."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask


def register(subparsers: Any) -> None:
    """Add `bundle export|verify`."""
    parser = subparsers.add_parser("bundle", help="take a case away as an archive that anybody can check")
    verbs = parser.add_subparsers(title="commands", metavar="<command>", required=True)
    out = verbs.add_parser(
        "export",
        help="write a bundle",
        description="Write the entries, changes, proofs and the signed head of a case, an inspection or an "
        "institution into one zip, with verify.py, which checks it without Wardledger. Without --private no "
        "name, no free text and no file is in it.",
    )
    out.add_argument("kind", choices=("case", "inspection", "institution"))
    out.add_argument("record", metavar="ID")
    out.add_argument("-o", "--output", metavar="FILE", type=Path, required=True, help="the zip to write")
    out.add_argument("--private", action="store_true", help="with private lines and originals of evidence")
    out.add_argument("--json", action="store_true", help="print JSON")
    out.set_defaults(run=export)
    test = verbs.add_parser(
        "verify",
        help="check a bundle, on any machine",
        description="Run the checks of the verify.py that lies in every bundle. Needs no installation.",
    )
    test.add_argument("file", metavar="FILE", type=Path)
    test.add_argument("--key", metavar="VKEY", help="the verifier key that the bureau publishes")
    test.add_argument("--json", action="store_true", help="print JSON")
    test.set_defaults(run=verify, needs_app=False)


def export(args: argparse.Namespace, app: Flask) -> int:
    """Write a bundle whole or not at all; the export is a line in the access log."""
    from server.accounts import access_log
    from server.cli import write_json
    from server.cli.ledger import shown
    from server.documents import bundle
    from server.operations.installation import services

    here = services(app)
    access_log.note(here, "machine", access_log.EXPORT_BUNDLE, args.record)
    staged = args.output.with_name(args.output.name + ".part")
    try:
        with (
            shown() as progress,
            staged.open("w+b") as file,
        ):
            staged.chmod(0o600)
            made = bundle.export(here, args.kind, args.record, file, private=args.private, progress=progress)
        staged.replace(args.output)
    finally:
        staged.unlink(missing_ok=True)
    if args.json:
        write_json({"file": str(args.output), **made.__dict__})
    else:
        print(
            f"bundle    {args.output}, {made.size} bytes, {made.entries} entries, {made.originals} originals"
        )
        print(f"sha256    {made.digest}")
        if made.left_out:
            print(f"left out  {made.left_out} originals that are erased or have not arrived", file=sys.stderr)
    return 0


def verify(args: argparse.Namespace, _app: Flask | None) -> int:
    """Check a bundle; 1 if something does not hold."""
    from server.cli import write_json
    from server.documents import verify_bundle

    if not args.json:
        return verify_bundle.main([str(args.file), *(["--key", args.key] if args.key else [])])
    checks = verify_bundle.check_bundle(args.file, args.key)
    good = all(check.ok for check in checks)
    write_json(
        {"ok": good, "key_given": args.key is not None, "checks": [check._asdict() for check in checks]}
    )
    return 0 if good else 1
