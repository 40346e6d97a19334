"""Records as rows: the noun of sync.merge in, the noun out; private values only ever stored encrypted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import orjson
from sqlalchemy import Connection, Row, Select, bindparam, delete, func, select

from schemas.records import RULES, TYPES
from server.keys.vault import VaultSession
from server.storage.database import table_of, upsert
from server.storage.ledger_store import PAGE
from server.storage.models import RecordRow
from sync import lines, merge
from sync.changes import Erased
from sync.ids import conflict_id
from sync.merge import Act, Contest, Record, Write
from sync.rules import SELF, TypeRules

TABLE = table_of(RecordRow)
PURPOSE = b"record"


_LOAD = select(TABLE).where(
    TABLE.c.ledger == bindparam("ledger"),
    TABLE.c.id.in_(bindparam("ids", expanding=True)),
    TABLE.c.type != "conflict",
)
_PLACES = _LOAD.with_only_columns(
    TABLE.c.id, TABLE.c.type, TABLE.c.root, TABLE.c.region, TABLE.c.version, TABLE.c.life
)


def load(connection: Connection, vault: VaultSession, ids: Iterable[str]) -> dict[str, Record]:
    """Return the records of some ids, as far as they exist; conflicts are not among them."""
    wanted = sorted(set(ids))
    found: dict[str, Record] = {}
    for at in range(0, len(wanted), PAGE):
        some = wanted[at : at + PAGE]
        for row in connection.execute(_LOAD, {"ledger": vault.ledger, "ids": some}):
            found[row.id] = thaw(row, vault)
    return found


def places(connection: Connection, ledger: int, ids: Iterable[str]) -> dict[str, Record]:
    """Return, for those ids that exist, a record that says where it lies and nothing else: no writes, no values.

    For what is only referred to; conflicts are not among them.
    """
    wanted = sorted(set(ids))
    found: dict[str, Record] = {}
    for at in range(0, len(wanted), PAGE):
        for row in connection.execute(_PLACES, {"ledger": ledger, "ids": wanted[at : at + PAGE]}):
            found[row.id] = Record(
                row.id, row.type, row.root, row.region, row.version, (), {}, {}, life=row.life
            )
    return found


def query(connection: Connection, vault: VaultSession, statement: Select[Any]) -> list[Record]:
    """Return the records that a select over TABLE yields, in its order."""
    return [thaw(row, vault) for row in connection.execute(statement)]


def selected(ledger: int, *kinds: str) -> Select[Any]:
    """Return a select over the live records of some types; callers add scope, order and limit."""
    return select(TABLE).where(
        TABLE.c.ledger == ledger, TABLE.c.type.in_(kinds), TABLE.c.life != merge.VOIDED
    )


def by_natural_key(
    connection: Connection, vault: VaultSession, kind: str, keys: Iterable[str], *, parent: str | None = None
) -> dict[str, Record]:
    """Return {natural key: live record} of one type; of two records for one key, that with the smaller id.

    parent: only records that lie in this one
    """
    wanted = sorted(set(keys))
    found: dict[str, Record] = {}
    for at in range(0, len(wanted), PAGE):
        statement = selected(vault.ledger, kind).where(TABLE.c.natural_key.in_(wanted[at : at + PAGE]))
        if parent is not None:
            statement = statement.where(TABLE.c.parent == parent)
        for row in connection.execute(statement.order_by(TABLE.c.id)):
            found.setdefault(row.natural_key, thaw(row, vault))
    return found


def bearers(connection: Connection, ledger: int, kind: str, keys: Iterable[str]) -> set[str]:
    """Return the ids of every record of one type, live or not, whose natural key is one of these."""
    wanted = sorted(set(keys))
    found: set[str] = set()
    for at in range(0, len(wanted), PAGE):
        where = (
            TABLE.c.ledger == ledger,
            TABLE.c.type == kind,
            TABLE.c.natural_key.in_(wanted[at : at + PAGE]),
        )
        found.update(connection.execute(select(TABLE.c.id).where(*where)).scalars())
    return found


def roots_by_natural_key(
    connection: Connection, ledger: int, kind: str, keys: Iterable[str]
) -> dict[str, set[str]]:
    """Return {natural key: scope roots that hold a live record of one type under it}; opens nothing."""
    wanted = sorted(set(keys))
    found: dict[str, set[str]] = {}
    for at in range(0, len(wanted), PAGE):
        columns = selected(ledger, kind).with_only_columns(TABLE.c.natural_key, TABLE.c.root)
        rows = connection.execute(columns.where(TABLE.c.natural_key.in_(wanted[at : at + PAGE])))
        for key, root in rows:
            found.setdefault(key, set()).add(root)
    return found


def newest_in(connection: Connection, ledger: int, roots: Iterable[str]) -> dict[str, int]:
    """Return {scope root: newest version of what lies in it} of those roots that hold something."""
    wanted = sorted(set(roots))
    found: dict[str, int] = {}
    for at in range(0, len(wanted), PAGE):
        where = (TABLE.c.ledger == ledger, TABLE.c.root.in_(wanted[at : at + PAGE]))
        newest = select(TABLE.c.root, func.max(TABLE.c.version)).where(*where).group_by(TABLE.c.root)
        found.update({root: int(version) for root, version in connection.execute(newest)})
    return found


def save(
    connection: Connection, vault: VaultSession, before: Mapping[str, Record], after: Iterable[Record]
) -> None:
    """Write records and the conflict records that follow from them."""
    rows: list[dict[str, Any]] = []
    for record in after:
        rows.append(freeze(record, vault))
        old = before.get(record.id)
        for name, contest in record.contests.items():
            if old is None or old.contests.get(name) != contest:
                rows.append(freeze_contest(record, name, contest, vault))
    write(connection, rows)


def write(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Write frozen records."""
    upsert(connection, TABLE, rows)


def shifted(record: Record, row: dict[str, Any], old: int, new: int) -> dict[str, Any]:
    """Return the row of a record whose newest act, at `old`, comes to stand at `new`; no contest moved with it."""
    known = _acts_json(record)
    state = row["state"][len(_opening(known)) :]
    acts = [[new if act[0] == old else act[0], *act[1:]] for act in known]
    return {**row, "version": new, "state": _opening(acts) + state}


def _opening(acts: list[list[Any]]) -> str:
    """Return how a record's state begins: its acts stand first, being the first of its sorted members."""
    return _written({"acts": acts})[:-1]


def everything(connection: Connection, ledger: int) -> Iterable[Row[Any]]:
    """Yield every row of the projection by id, for the audit."""
    after = ""
    while True:
        where = (TABLE.c.ledger == ledger, TABLE.c.id > after)
        rows = connection.execute(select(TABLE).where(*where).order_by(TABLE.c.id).limit(PAGE)).all()
        yield from rows
        if len(rows) < PAGE:
            return
        after = rows[-1].id


def forget(connection: Connection, ledger: int) -> None:
    """Empty the projection, before it is rebuilt from the ledger."""
    connection.execute(delete(TABLE).where(TABLE.c.ledger == ledger))


# -- freezing -----------------------------------------------------------------------------------


def freeze(record: Record, vault: VaultSession) -> dict[str, Any]:
    """Return the row of a record."""
    kind = TYPES[record.type]
    home = RULES[record.type].home(record.values)
    parent = None if home == SELF else record.values.get(home)
    key = record.values.get(kind.natural_key or kind.lookup or "")
    return {
        "ledger": vault.ledger,
        "id": record.id,
        "type": record.type,
        "root": record.root,
        "region": record.region,
        "parent": parent or (record.values.get("institution") if kind.region_from else None),
        "natural_key": key,
        "stage": record.stage,
        "life": record.life,
        "version": record.version,
        "open_conflicts": len(record.open_conflicts),
        "created_by": record.created_by,
        "created_device": record.created_device,
        "state": _written(state_json(record)),
        "private": vault.seal(record.root, PURPOSE, _join(record)) if record.lines else b"",
    }


def freeze_contest(record: Record, name: str, contest: Contest, vault: VaultSession) -> dict[str, Any]:
    """Return the row of the conflict record of one field."""
    values = contest_values(record, name, contest)
    return {
        "ledger": vault.ledger,
        "id": conflict_id(record.id, name),
        "type": "conflict",
        "root": record.root,
        "region": record.region,
        "parent": record.id,
        "natural_key": None,
        "stage": values["state"],
        "life": merge.LIVE,
        "version": contest.version,
        "open_conflicts": 0,
        "created_by": "machine",
        "created_device": "",
        "state": _written({"values": values}),
        "private": b"",
    }


def contest_values(record: Record, name: str, contest: Contest) -> dict[str, Any]:
    """Return the fields of a conflict record."""
    return {
        "about": record.id,
        "record_type": record.type,
        "field": name,
        "state": "open" if contest.open else "settled",
        "candidates": list(contest.candidates),
    }


def state_json(record: Record) -> dict[str, Any]:
    """Return acts, writes and public values; a private value stands as the digest of its line."""
    numbers = {act.change: number for number, act in enumerate(record.acts)}
    rules = RULES[record.type]
    hidden = {name for name, rule in rules.fields.items() if rule.private}
    return {
        "acts": _acts_json(record),
        "writes": {
            name: [
                [
                    numbers[w.act.change],
                    w.kind,
                    _kept(w) if name in hidden else w.value,
                    w.private,
                    _nth(w, ws),
                ]
                for w in ws
            ]
            for name, ws in record.writes.items()
        },
        "values": {name: value for name, value in record.values.items() if name not in hidden},
        "digests": dict(record.digests),
        "contests": {name: [c.open, list(c.candidates), c.version] for name, c in record.contests.items()},
    }


def _kept(write: Write) -> list[int] | None:
    """Return what a state tells of a private value: nothing, or what stands for it once it was erased."""
    return [write.value.order, write.value.rank] if type(write.value) is Erased else None


def _acts_json(record: Record) -> list[list[Any]]:
    return [
        [a.index, a.writer, a.place, a.seq, a.n, a.base, a.change, a.op, list(a.over), *_sent_on(a)]
        for a in record.acts
    ]


def _sent_on(act: Act) -> list[str]:
    return [act.addressed] if act.addressed else []


def _nth(write: Write, writes: Sequence[Write]) -> int:
    """Return the write's number among those of its field with the same act and kind."""
    if len(writes) == 1:
        return 0
    return sum(1 for w in writes[: writes.index(write)] if w.act == write.act and w.kind == write.kind)


def _written(body: Mapping[str, Any]) -> str:
    return orjson.dumps(body, option=orjson.OPT_SORT_KEYS).decode()


def _join(record: Record) -> bytes:
    return b"\n".join(record.lines[key] for key in sorted(record.lines))


# -- thawing --------------------------------------------------------------------------------------


def thaw(row: Any, vault: VaultSession) -> Record:
    """Return the record of a row."""
    state = orjson.loads(row.state)
    if row.type == "conflict":
        return Record(
            row.id, row.type, row.root, row.region, row.version, (), {}, state["values"], life=row.life
        )
    rules = RULES[row.type]
    acts = tuple(Act(*(*fields[:8], tuple(fields[8]), *fields[9:])) for fields in state["acts"])
    private = _private(row, vault)
    bodies = {key: orjson.loads(line) for key, line in private.items()}
    writes = {
        name: tuple(_write(name, stored, acts, bodies) for stored in rows)
        for name, rows in state["writes"].items()
    }
    record = Record(
        id=row.id,
        type=row.type,
        root=row.root,
        region=row.region,
        version=row.version,
        acts=acts,
        writes=writes,
        values=state["values"],
        digests=state["digests"],
        contests={name: Contest(c[0], tuple(c[1]), c[2]) for name, c in state["contests"].items()},
        life=row.life,
        created_by=row.created_by,
        created_device=row.created_device,
        lines=private,
    )
    return _with_private(record, rules)


def glimpse(row: Any, names: Iterable[str]) -> Record:
    """Return the record of a row with some of its public fields alone: no private line is opened."""
    state = orjson.loads(row.state)
    acts = tuple(Act(*(*fields[:8], tuple(fields[8]), *fields[9:])) for fields in state["acts"])
    wanted = [name for name in names if name in state["writes"]]
    hidden = {name for name, rule in RULES[row.type].fields.items() if rule.private}
    assert not hidden & set(wanted), "a private field is read with its vault"
    writes = {
        name: tuple(_write(name, stored, acts, {}) for stored in state["writes"][name]) for name in wanted
    }
    values = {name: value for name, value in state["values"].items() if name in wanted}
    return Record(row.id, row.type, row.root, row.region, row.version, acts, writes, values, life=row.life)


def _private(row: Any, vault: VaultSession) -> dict[str, bytes]:
    if not row.private:
        return {}
    kept = vault.open(row.root, PURPOSE, bytes(row.private)).split(b"\n")
    return {lines.digest(line): line for line in kept}


def _write(name: str, stored: list[Any], acts: tuple[Act, ...], bodies: dict[str, Any]) -> Write:
    number, kind, value, digest, nth = stored
    if digest is not None and value is not None:
        value = Erased(*value)
    elif digest is not None:
        part = bodies[digest][kind][name]
        value = part if kind == "set" else part[nth]
    return Write(acts[number], kind, value, digest)


def _with_private(record: Record, rules: TypeRules) -> Record:
    """Return the record with the values of its private fields settled from their writes."""
    values = dict(record.values)
    for name in record.digests:
        merge.put(values, name, merge.settle(record.writes[name], rules, rules.fields[name].merge).value)
    return replace(record, values=values)


def fingerprint(record: Record) -> str:
    """Return a digest of everything that the projection holds of a record, for comparing."""
    body = {
        **state_json(record),
        "private": {name: record.values.get(name) for name in record.digests},
        "lines": sorted(record.lines),
        "life": record.life,
        "version": record.version,
        "root": record.root,
        "region": record.region,
        "created": [record.created_by, record.created_device],
    }
    return lines.digest(orjson.dumps(body, option=orjson.OPT_SORT_KEYS))
