"""`wardledger ledger timestamp|witnesses`: what the world outside vouches for."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from flask import Flask

    from server.outside.witnesses import Standing
    from server.wiring import Services


def register(verbs: Any) -> None:
    """Add `ledger timestamp|witnesses`."""
    stamp = verbs.add_parser(
        "timestamp",
        help="have the present checkpoint timestamped by the authority, or export the timestamps",
        description="Ask the time-stamping authority of WARDLEDGER_TSA_URL for an RFC 3161 timestamp over the signed "
        "checkpoint, verify it up to the roots in WARDLEDGER_TSA_CERTS and keep it. The scheduler does it once a day. "
        "With --export nobody is asked: every note and answer is written to a folder, where "
        "`openssl ts -verify -in X.tsr -data X.note -CAfile roots.pem` checks them without this program.",
    )
    stamp.add_argument(
        "--export", metavar="DIR", type=Path, help="write the notes and answers to this folder"
    )
    stamp.add_argument("--json", action="store_true", help="print JSON")
    stamp.set_defaults(run=timestamp)
    listed = verbs.add_parser(
        "witnesses",
        help="tell how far the witnesses have cosigned this ledger, and whose heads are cosigned here",
        description="List the witnesses of WARDLEDGER_WITNESSES_FILE: the last size that each cosigned, when, how many "
        "entries it lags behind, and how the last exchange ended; then the logs of WARDLEDGER_WITNESSED_FILE that are "
        "cosigned here. Prints the two verifier keys that others need. Exit status 1 if a witness knows another tree.",
    )
    listed.add_argument(
        "--now", action="store_true", help="ask every witness first, whether it is due or not"
    )
    listed.add_argument(
        "--make-key",
        action="store_true",
        help="make the key with which this installation cosigns others, once",
    )
    listed.add_argument("--json", action="store_true", help="print JSON")
    listed.set_defaults(run=witnesses)


def timestamp(args: argparse.Namespace, app: Flask) -> int:
    """Ask for a timestamp, or export those that are kept."""
    from server.cli import write_json
    from server.operations.installation import services
    from server.outside import timestamps

    here = services(app)
    if args.export is not None:
        written = [str(path) for path in timestamps.export(here, args.export)]
        if args.json:
            write_json({"files": written})
        else:
            print(f"{len(written) // 2} timestamps in {args.export}")
        return 0
    if not args.json:
        print("asking the authority", file=sys.stderr)
    kept = timestamps.stamp(here)
    at = datetime.fromtimestamp(kept.at / 1000, UTC).isoformat(timespec="seconds")
    if args.json:
        write_json(
            {"log": f"{here.ledger.origin}/{kept.epoch}", "size": kept.size, "at": at, "digest": kept.digest}
        )
    else:
        print(f"the checkpoint of {kept.size} entries existed at {at}")
    return 0


def witnesses(args: argparse.Namespace, app: Flask) -> int:
    """List the witnesses and the witnessed; 1 if one of ours knows another tree than this ledger's."""
    from server.cli import write_json
    from server.operations.installation import services
    from server.outside import parties
    from server.outside import witnesses as asked
    from server.storage.witness_store import AHEAD, FORKED

    here = services(app)
    if args.make_key:
        parties.make_key(here.config, here.random)
    if args.now:
        for witness in parties.witnesses(here.config):
            if not args.json:
                print(f"asking {witness.name}", file=sys.stderr)
            asked.exchange(here, witness)
    standings = asked.standings(here)
    if args.json:
        write_json({**_keys(here), "witnesses": [_row(one) for one in standings], **_others(here)})
    else:
        _tell(here, [_row(one) for one in standings])
    bad = [one for one in standings if one.last is not None and one.last.state in (AHEAD, FORKED)]
    return 1 if bad else 0


def _keys(here: Services) -> dict[str, str | None]:
    """Return the verifier keys that others need: of this log as it stands, and of this installation as a witness."""
    from server.outside import parties
    from server.storage import ledger_store
    from sync import checkpoint
    from sync.cosignature import COSIGNATURE
    from sync.signing import public_raw

    with here.database.reading() as connection:
        epoch = ledger_store.head(connection, here.ledger.id).epoch
    log = checkpoint.verifier_key(f"{here.ledger.origin}/{epoch}", here.keyring.ledger_public)
    key = parties.own_key(here.config)
    name = parties.own_name(here.ledger.origin)
    own = None if key is None else checkpoint.verifier_key(name, public_raw(key), COSIGNATURE)
    return {"log": log, "as_witness": own}


def _row(one: Standing) -> dict[str, Any]:
    last, line = one.last, one.cosigned
    return {
        "witness": one.witness.name,
        "size": line.size if line else 0,
        "cosigned_at": _instant(line.at) if line else None,
        "lag": one.lag,
        "state": last.state if last else "never asked",
        "asked_at": _instant(last.tried_at // 1000) if last else None,
        "knows": last.known if last else None,
        "words": last.words if last else "",
    }


def _others(here: Services) -> dict[str, list[dict[str, Any]]]:
    from server.outside import parties
    from server.storage import witness_store

    with here.database.reading() as connection:
        heads = {head.log: head for head in witness_store.all_witnessed(connection, here.ledger.id)}
        two = [
            {"log": found.log, "heads": [found.held, found.note]}
            for found in witness_store.contradictions(connection, here.ledger.id)
        ]
    names = sorted({*parties.logs(here.config), *heads})
    rows = [
        {"log": name, "size": heads[name].size, "cosigned_at": _instant(heads[name].at // 1000)}
        if name in heads
        else {"log": name, "size": 0, "cosigned_at": None}
        for name in names
    ]
    return {"witnessed": rows, "contradictions": two}


def _tell(here: Services, rows: list[dict[str, Any]]) -> None:
    keys, others = _keys(here), _others(here)
    print(f"this log    {keys['log']}")
    print(f"as witness  {keys['as_witness'] or 'no key yet: --make-key'}")
    for row in rows:
        when = row["cosigned_at"] or "never"
        words = f" ({row['words']})" if row["words"] else ""
        print(
            f"{row['witness']}: {row['size']} entries at {when}, {row['lag']} behind, {row['state']}{words}"
        )
    if not rows:
        print("nobody cosigns this ledger")
    for row in others["witnessed"]:
        print(f"cosigned here: {row['log']}: {row['size']} entries at {row['cosigned_at'] or 'never'}")
    for found in others["contradictions"]:
        print(f"SIGNED TWO TREES: {found['log']}; --json shows both heads")


def _instant(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat(timespec="seconds")
