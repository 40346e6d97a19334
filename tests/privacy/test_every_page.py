"""Every address of the application is asked for as everybody who must not see personal data, and nothing of it comes.

Of the desk's people nobody gets a number of a person or the key of a file, whatever he asks for; an auditor gets no
word out of a private line either; whoever has nothing to do with the place gets nothing at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from werkzeug.routing import Rule

from schemas.drafting import Draft
from schemas.records import RULES, TYPES
from server.storage import ledger_store, record_store
from tests.api.people import OUTSIDERS, let_in
from tests.privacy.watching import readable
from tests.server.builders import install
from tests.server.desk_client import Desk
from tests.server.world import World, build

KINDS = sorted(TYPES)
SECRET_WORDS = {"facts": "演示秘密：据患者所述", "note": "演示秘密：便条", "statement": "演示秘密：申辩"}
EACH = 2
"""Records of a type, besides the first, with which each address is filled in."""


@dataclass(frozen=True)
class Secrets:
    """What must not be seen: names and numbers in masked fields, keys of files, and any other private text."""

    numbers: frozenset[str]
    names: frozenset[str]
    keys: frozenset[str]
    texts: frozenset[str]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A world with secrets in it, one conflict over a private text, and people of every role."""
    home = tmp_path_factory.mktemp("walk")
    made = build(install(home, f"sqlite:///{home / 'walk.sqlite'}"))
    let_in(made)
    values = {"inspection": made.inspection, "violation_code": "split_admission", "origin": "on_site"}
    finding = made.make("finding", {**values, "facts": SECRET_WORDS["facts"], "amount_fen": 1}, by="member")
    with made.services.database.reading() as connection:
        epoch = ledger_store.head(connection, made.services.ledger.id).epoch
    base = (epoch, made.record(finding).version)
    for login in ("lead", "member"):
        made.act(
            Draft("edit", "finding", finding, {"facts": f"{SECRET_WORDS['facts']}（{login}）"}, base=base),
            by=login,
        )
    made.act(Draft("edit", "evidence", made.evidence[0], {"note": SECRET_WORDS["note"]}), by="member")
    yield made
    made.services.engine.dispose()


@pytest.fixture(scope="module")
def secrets(world: World) -> Secrets:
    """Return what stands in private lines, read from the records themselves."""
    numbers, names, keys, texts = set(), set(), set(), set()
    services = world.services
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        for row in record_store.everything(connection, services.ledger.id):
            record = record_store.thaw(row, vault)
            if record.type not in RULES or record.type in ("institution", "user"):
                continue
            for name, field in TYPES[record.type].by_name.items():
                for value in _texts(record.values.get(name)) if field.private else ():
                    sort = {"name": names, "number": numbers}.get(field.masked or "", texts)
                    (keys if field.kind == "key" else sort).add(value)
    assert numbers
    assert names
    assert keys
    assert {SECRET_WORDS["facts"], SECRET_WORDS["note"]} & texts
    return Secrets(*(frozenset(s for s in some if len(s) > 5) for some in (numbers, names, keys, texts)))


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for member in value:
            yield from _texts(member)


def addresses(world: World) -> Iterator[str]:
    """Yield every address that can be asked for by GET, with each record, type and digest of the world in it."""
    services = world.services
    with services.database.reading() as connection:
        rows = list(record_store.everything(connection, services.ledger.id))
        size = ledger_store.head(connection, services.ledger.id).size
    records = {row.id: row.type for row in _some(rows)}
    digests = sorted({world.record(one).values["cipher_digest"] for one in world.evidence})
    for rule in world.installation.app.url_map.iter_rules():
        if "GET" in (rule.methods or ()) and rule.endpoint != "static":
            yield from _filled(rule, records, digests, size)


def _some(rows: list[Any]) -> Iterator[Any]:
    """Yield a few records of each type: the first, and the last that were made."""
    by_type: dict[str, list[Any]] = {}
    for row in sorted(rows, key=lambda row: str(row.id)):
        by_type.setdefault(row.type, []).append(row)
    for some in by_type.values():
        yield from {row.id: row for row in (some[0], *some[-EACH:])}.values()


def _filled(rule: Rule, records: dict[str, str], digests: list[str], size: int) -> Iterator[str]:
    names = rule.arguments
    if not names:
        yield rule.rule
        if rule.rule == "/ledger/proof":
            yield from (f"/ledger/proof?index={n}" for n in range(0, size, 5))
        return
    if "kind" in names and len(names) == 1:
        yield from (_fill(rule, {"kind": kind}) for kind in KINDS)
        return
    for key, kind in records.items():
        given = {name: _guess(name, key, kind) for name in names}
        yield _fill(rule, given)
        if "digest" in names:
            yield from (_fill(rule, {**given, "digest": digest}) for digest in digests)


def _guess(name: str, key: str, kind: str) -> str:
    if name == "kind":
        return kind
    return {"width": "480", "level": "0", "number": "0", "place": "000", "path": "000"}.get(name, key)


def _fill(rule: Rule, given: dict[str, str]) -> str:
    path = rule.rule
    for name, value in given.items():
        for written in (f"<{name}>", *(f"<{sort}:{name}>" for sort in ("int", "string", "path", "uuid"))):
            path = path.replace(written, value)
    return path


def walk(world: World, login: str | None) -> Iterator[tuple[str, int, str]]:
    """Yield (address, status, head and body) of every address, asked for by one person."""
    desk = Desk(world, login)
    for address in sorted(set(addresses(world))):
        answer = desk.client.get(address, buffered=True, headers={"Accept": "*/*"})
        heads = "\n".join(f"{name}: {value}" for name, value in answer.headers)
        yield address, answer.status_code, heads + "\n" + readable(answer.data)


def seen(world: World, login: str | None, hidden: frozenset[str]) -> list[str]:
    """Return where somebody sees what he must not."""
    asked, good, found = 0, 0, []
    for address, status, text in walk(world, login):
        assert status < 500, f"{address}: {status}"
        asked, good = asked + 1, good + (status == 200)
        found += [f"{login} at {address}: {secret}" for secret in hidden if secret in text]
    assert asked > 200, "the walk asks for next to nothing"
    assert good > 5
    return found


@pytest.mark.parametrize("login", [None, "neighbour", *OUTSIDERS])
def test_who_has_nothing_to_do_with_the_place_sees_nothing_of_anybody(
    world: World, secrets: Secrets, login: str | None
):
    assert seen(world, login, secrets.numbers | secrets.names | secrets.keys | secrets.texts) == []


def test_an_auditor_sees_no_number_name_key_or_private_word(world: World, secrets: Secrets):
    assert seen(world, "auditor", secrets.numbers | secrets.names | secrets.keys | secrets.texts) == []


@pytest.mark.parametrize("login", ["supervisor", "lead"])
def test_nobody_at_the_desk_sees_a_whole_number_or_a_key(world: World, secrets: Secrets, login: str):
    assert seen(world, login, secrets.numbers | secrets.keys) == []


def test_the_walk_finds_what_a_page_shows(world: World):
    """The team reads what it wrote: were it not found there, the walk would find nothing anywhere."""
    assert any("/findings/" in each for each in seen(world, "lead", frozenset({SECRET_WORDS["facts"]})))
    assert any("/api/" in each for each in seen(world, "supervisor", frozenset({SECRET_WORDS["note"]})))


def test_no_export_for_strangers_names_anybody(world: World, secrets: Secrets, tmp_path: Path):
    from server.ledger import proofs
    from sync.signing import public_raw

    hidden = secrets.numbers | secrets.names | secrets.keys | secrets.texts
    services = world.services
    with services.database.reading() as connection:
        size = ledger_store.head(connection, services.ledger.id).size
        for index in range(size):
            raw = public_raw(services.keyring.ledger)
            package = proofs.package(connection, services.ledger, index, raw)
            assert not [secret for secret in hidden if secret in str(package)]
    del tmp_path
