"""What a second reviewer does: load the task and its item, let a pure function decide, hand the drafts to the door."""

from __future__ import annotations

from sqlalchemy import Connection

from server.access import scope
from server.casework import second_review
from server.casework.review import TARGETS
from server.casework.second_review import Second
from server.commit.acts import act, new_id
from server.commit.submission import Result
from server.evidence import proof
from server.keys.vault import VaultSession
from server.storage import grant_store, record_store
from server.storage.record_store import TABLE, selected
from server.wiring import Services
from sync.errors import NotAllowed, NotFound
from sync.merge import Record

ROLE = "second_reviewer"
ANY_INDEX = 2**53


def review_again(services: Services, user: str, task: str, wanted: Second) -> Result:
    """Agree or disagree with a first review; raises a Refusal and changes nothing where that may not be.

    The proof is recomputed and the file read again, as for the first review.
    """
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        job = _one(services, connection, vault, user, task)
        item = record_store.load(connection, vault, [str(job.values["about"])])[str(job.values["about"])]
        root = record_store.load(connection, vault, [item.root])[item.root]
        if not _may(services, connection, user, item):
            raise NotAllowed("a second reviewer of the region looks again", item=task)
        before = decisions_on(services, connection, vault, item.id)
        drafts = second_review.decide(
            user,
            wanted,
            task=job,
            evidence=item,
            root=root,
            decision_id=new_id(services),
            reviewers=[by for word, by in before if word in TARGETS],
        )
        proof.check(services, connection, item)
    return act(
        services,
        drafts,
        user=user,
        expect={item.id: item.version, job.id: job.version, root.id: root.version},
    )


def decisions_on(
    services: Services, connection: Connection, vault: VaultSession, evidence: str
) -> list[tuple[str, str]]:
    """Return (act, who) of every decision on an item, in the order of the ledger."""
    statement = selected(services.ledger.id, "decision").where(TABLE.c.parent == evidence)
    found = record_store.query(connection, vault, statement.order_by(TABLE.c.version, TABLE.c.id))
    return [(str(one.values["act"]), one.created_by) for one in found]


def check_third(services: Services, connection: Connection, user: str, evidence: str) -> None:
    """Raise OwnWork where a review is not for this user, as he had a part in what was opened again."""
    vault = services.vault.session(connection, services.ledger.id)
    second_review.check_third(user, evidence, decisions_on(services, connection, vault, evidence))


def _may(services: Services, connection: Connection, user: str, item: Record) -> bool:
    grants = grant_store.granted(connection, services.ledger.id, user)
    return ROLE in grants.roles(user, item.root, item.region, ANY_INDEX)


def _one(services: Services, connection: Connection, vault: VaultSession, user: str, task: str) -> Record:
    statement = scope.visible(connection, services.ledger.id, user, "task").where(TABLE.c.id == task)
    found = record_store.query(connection, vault, statement)
    if not found:
        raise scope.missing(connection, services.ledger.id, user, task)
    if found[0].values.get("kind") != second_review.KIND:
        raise NotFound(item=task)
    return found[0]
