"""Small steps in the city that is attacked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.drafting import Draft
from server.commit.acts import act
from server.commit.submission import Result
from server.storage import ledger_store, record_store
from sync.merge import Record
from tests.server.pushing import City, Phone


def record(city: City, key: str) -> Record:
    """Return a record as it stands."""
    services = city.installation.services
    with services.database.reading() as connection:
        return record_store.load(connection, services.vault.session(connection, services.ledger.id), [key])[
            key
        ]


def epoch(city: City) -> str:
    """Return the ledger's epoch."""
    services = city.installation.services
    with services.database.reading() as connection:
        return ledger_store.head(connection, services.ledger.id).epoch


def decide(city: City, kind: str, key: str, values: Mapping[str, Any], **sets: list[str]) -> Result:
    """Let the supervisor edit a record at the desk."""
    draft = Draft("edit", kind, key, values, add=sets)
    return act(city.installation.services, [draft], user=city.supervisor)


def step(source: str, target: str) -> dict[str, Any]:
    """Return what sets a stage."""
    return {"stage": {"from": source, "to": target}}


def edit(
    city: City,
    phone: Phone,
    kind: str,
    key: str,
    values: Mapping[str, Any],
    *,
    base: int | None = None,
    over: tuple[str, ...] = (),
) -> str:
    """Let a phone edit a record, or resolve where `over` names changes; returns the verdict.

    base: a version of it, the present one if none is given
    """
    at = record(city, key).version if base is None else base
    op = "resolve" if over else "edit"
    result = phone.push(Draft(op, kind, key, values, base=(epoch(city), at), over=over))
    return result.outcomes[0].verdict


def evidence(city: City, **values: Any) -> Draft:
    """Return a new evidence item whose file has not arrived."""
    given = {
        "inspection": city.inspection,
        "kind": "audio_visual",
        "digest": "1" * 64,
        "size": 1,
        "media_type": "image/jpeg",
        "cipher_digest": "2" * 64,
        "cipher_size": 24,
        "file_key": "A" * 43,
        **values,
    }
    return Draft("create", "evidence", city.id(), given)
