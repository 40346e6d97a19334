"""`wardledger init`: a new installation."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING, Any

from sync.errors import BadValue, Refusal

if TYPE_CHECKING:
    from server.config import Config

DEMO_REGION = "341500"


class InstallationExists(Refusal):
    """The home holds an installation already; nothing was done."""

    code = "installation_exists"
    next = "Use the installation that is there, or choose another WARDLEDGER_HOME."


def register(subparsers: Any) -> None:
    """Add `init`."""
    parser = subparsers.add_parser(
        "init",
        help="make a new installation with an empty ledger",
        description="Make folders, keys, tables and an empty ledger in WARDLEDGER_HOME. Existing keys are never "
        "overwritten: where there are some, nothing is done.",
    )
    parser.add_argument("--origin", help="the ledger's name for ever, like ledger.example/luan")
    parser.add_argument("--url", help="the public address, like https://audit.example")
    parser.add_argument(
        "--demo", action="store_true", help="a demo ledger: marked as such, its clock may be set"
    )
    parser.add_argument(
        "--admin", metavar="LOGIN", help="make a first administrator and print the password once"
    )
    parser.add_argument(
        "--region", help=f"the administrator's region (GB/T 2260; with --demo: {DEMO_REGION})"
    )
    parser.set_defaults(run=run, needs_app=False)


def run(args: argparse.Namespace, _app: None) -> int:
    """Make the installation and say what must be done with its keys."""
    from server.accounts.users import check, enlist
    from server.config import load
    from server.keys.keyring import LEDGER_FILE, RECOVERY_SECRET_FILE
    from server.operations.installation import initialise, services

    config = load(_given(args))
    if (config.keys_dir / LEDGER_FILE).exists() and _is_founded(config):
        raise InstallationExists(f"{config.home} holds a ledger already; nothing was done")
    _check(config)
    admin = None
    if args.admin:
        region = args.region or (DEMO_REGION if args.demo else "")
        if not region:
            raise BadValue("--admin needs --region: the region that the administrator is responsible for")
        admin = check(login=args.admin, name=args.admin, roles=["admin"], region=region)
    app = initialise(config, demo=args.demo)
    here = services(app)
    _keep(config)
    print(f"ledger    {config.origin}{'  (demo)' if args.demo else ''}")
    print(f"home      {config.home}")
    print(f"keys      {config.keys_dir}")
    print(f"signer    {config.signer_file}  (never restore it together with the database)")
    if admin is not None:
        _, password = enlist(here, admin)
        print(f"admin     {admin.login}")
        print(f"password  {password}  (shown this once)")
    print(
        f"\nTake {config.keys_dir / RECOVERY_SECRET_FILE} offline now: copy it to paper or to a medium in a safe,"
    )
    print(
        "then delete it here. Whoever has it can open a new epoch of the ledger; the server does not need it."
    )
    here.engine.dispose()
    return 0


def _is_founded(config: Config) -> bool:
    """Return whether an earlier attempt came as far as a ledger; keys alone are used, not overwritten."""
    from server.app import create_app
    from server.operations.installation import is_founded, services
    from server.storage import schema

    here = services(create_app(config))
    try:
        schema.upgrade(here.engine)
        return is_founded(here)
    finally:
        here.engine.dispose()


def _given(args: argparse.Namespace) -> dict[str, str]:
    origin = args.origin or args.ledger
    given = {"WARDLEDGER_ORIGIN": origin, "WARDLEDGER_URL": args.url}
    return {name: value for name, value in given.items() if value}


def _check(config: Config) -> None:
    """Raise BadValue for a name or an address that phones would refuse: neither can be mended later."""
    from schemas.wire.enrol import ADDRESS
    from schemas.wire.parts import ORIGIN

    if not ORIGIN.fullmatch(config.origin):
        raise BadValue(
            "the origin has the form host/name, in lower case, like ledger.example/luan", field="origin"
        )
    if not ADDRESS.fullmatch(config.url):
        raise BadValue("the address begins with http:// or https:// and has no query", field="url")


def _keep(config: Config) -> None:
    """Write down what the ledger was founded with, so that every later command finds it again."""
    from server.config import SETTINGS_FILE

    path = config.home / SETTINGS_FILE
    rows = path.read_text().splitlines() if path.exists() else []
    for name, value in (("WARDLEDGER_ORIGIN", config.origin), ("WARDLEDGER_URL", config.url)):
        rows = [row for row in rows if not row.startswith(f"{name}=")] + [f"{name}={value}"]
    path.write_text("\n".join(rows) + "\n")
