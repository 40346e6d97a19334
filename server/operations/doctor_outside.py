"""What the doctor says of the world outside: is the day's checkpoint timestamped, do the witnesses cosign."""

from __future__ import annotations

from collections.abc import Iterator

from server.operations.doctor import DAY_MS, NOTICE, OK, PROBLEM, Check
from server.outside import parties, tsa
from server.outside import witnesses as asked
from server.outside.witnesses import Standing
from server.storage import timestamp_store, witness_store
from server.storage.witness_store import AHEAD, FORKED
from server.wiring import Services

TIMESTAMP_DAYS_MAX = 3
COSIGNED_DAYS_MAX = 2
REWRITTEN = (
    "Stop the server and restore nothing more: either a backup was put back, or somebody rewrote the ledger."
)


def timestamp(services: Services) -> Iterator[Check]:
    """The last timestamp is a young one, if an authority is configured; nothing is said where none is."""
    config = services.config
    if not config.tsa_url:
        return
    tsa.trust(config.tsa_certs_path)
    with services.database.reading() as connection:
        newest = timestamp_store.newest_at(connection, services.ledger.id)
    todo = "Run `wardledger ledger timestamp` and see what it says; is the scheduler running?"
    if newest is None:
        yield Check("timestamp", NOTICE, "no checkpoint was timestamped yet", todo)
        return
    days = max(0, services.now_ms() - newest) // DAY_MS
    words = f"the last checkpoint was timestamped {days} days ago"
    fine = days < TIMESTAMP_DAYS_MAX
    yield Check("timestamp", OK if fine else NOTICE, words, "" if fine else todo)


def witnesses(services: Services) -> Iterator[Check]:
    """Every configured witness has cosigned of late, and none knows another ledger than this one."""
    for standing in asked.standings(services):
        yield _standing(standing, services.now_ms())


def _standing(standing: Standing, now_ms: int) -> Check:
    name, last = standing.witness.name, standing.last
    if last is not None and last.state in (AHEAD, FORKED):
        return Check("witnesses", PROBLEM, f"{name}: {last.words}", REWRITTEN)
    todo = "Run `wardledger ledger witnesses --now` and see what it says; is the scheduler running?"
    if standing.cosigned is None:
        words = f"{name} has not cosigned yet" + (f": {last.words}" if last and last.words else "")
        return Check("witnesses", NOTICE, words, todo)
    days = max(0, now_ms - standing.cosigned.at * 1000) // DAY_MS
    words = f"{name} cosigned {standing.cosigned.size} of {standing.size} entries {days} days ago"
    if days < COSIGNED_DAYS_MAX:
        return Check("witnesses", OK, words)
    return Check("witnesses", NOTICE, words + (f"; {last.words}" if last and last.words else ""), todo)


def witnessed(services: Services) -> Iterator[Check]:
    """No log that is witnessed here has signed two trees."""
    logs = parties.logs(services.config)
    with services.database.reading() as connection:
        two = sorted({found.log for found in witness_store.contradictions(connection, services.ledger.id)})
        heads = sum(1 for _ in witness_store.all_witnessed(connection, services.ledger.id))
    for log in two:
        words = f"{log} signed two trees of one size; both heads are kept"
        todo = "Tell its bureau; `wardledger ledger witnesses --json` shows both heads."
        yield Check("witnessed", PROBLEM, words, todo)
    if logs and not two:
        yield Check("witnessed", OK, f"{heads} of {len(logs)} other logs have been cosigned here")
