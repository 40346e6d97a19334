"""Separation of duties as the database itself keeps it, whoever writes to it."""

from __future__ import annotations

from sqlalchemy import Connection

_MESSAGE = "separation of duties"
_RAISING = f"SELECT RAISE(ABORT, '{_MESSAGE}')"
_OWN = """
EXISTS (SELECT 1 FROM record i JOIN record r ON r.ledger = i.ledger AND r.id = i.root
        WHERE i.ledger = NEW.ledger AND i.id = NEW.item AND NEW.part IN ('review', 'confirm', 'second', 'adopt')
        AND ((i.created_by = NEW."user" AND NEW.part <> 'adopt') OR {team}))
OR (NEW.part = 'second' AND EXISTS (SELECT 1 FROM duty d WHERE d.ledger = NEW.ledger AND d.item = NEW.item
        AND d.part = 'review' AND d."user" = NEW."user"))
OR (NEW.part = 'close' AND NEW."user" = (SELECT d."user" FROM duty d WHERE d.ledger = NEW.ledger
        AND d.item = NEW.item AND d.part = 'propose' ORDER BY d."index" DESC LIMIT 1))
{recused}"""
_RECUSED = """OR EXISTS (SELECT 1 FROM record i JOIN record r ON r.ledger = i.ledger AND r.id = i.root
        JOIN "grant" g ON g.ledger = i.ledger AND g."user" = NEW."user" AND g.role = 'recused'
        AND (g.root = i.root OR g.root = r.parent)
        AND g.start < NEW."index" AND (g."end" IS NULL OR g."end" >= NEW."index")
        WHERE i.ledger = NEW.ledger AND i.id = NEW.item)
"""
_TEAM_SQLITE = """EXISTS (
    SELECT 1 FROM json_each(r.state, '$.writes.members') w
    WHERE json_extract(w.value, '$[1]') <> 'remove' AND json_extract(w.value, '$[2]') = NEW."user"
    UNION ALL SELECT 1 FROM json_each(r.state, '$.writes.lead') w WHERE json_extract(w.value, '$[2]') = NEW."user")"""
_TEAM_POSTGRES = """EXISTS (
    SELECT 1 FROM jsonb_array_elements(COALESCE(r.state::jsonb #> '{writes,members}', '[]')) w
    WHERE w->>1 <> 'remove' AND w->>2 = NEW."user"
    UNION ALL SELECT 1 FROM jsonb_array_elements(COALESCE(r.state::jsonb #> '{writes,lead}', '[]')) w
    WHERE w->>2 = NEW."user")"""
_UNDECIDED = """
((NEW.type = 'evidence' AND NEW.stage IN ('approved', 'returned', 'rejected'))
 OR (NEW.type = 'finding' AND NEW.stage = 'confirmed')
 OR (NEW.type = 'rectification_case' AND NEW.stage = 'closed'))
AND NOT EXISTS (SELECT 1 FROM duty d WHERE d.ledger = NEW.ledger AND d.item = NEW.id AND d.part =
    CASE NEW.type WHEN 'evidence' THEN 'review' WHEN 'finding' THEN 'confirm' ELSE 'close' END)
"""


_SANCTIONS = """OR EXISTS (SELECT 1 FROM record i JOIN record r ON r.ledger = i.ledger AND r.id = i.root
        WHERE i.ledger = NEW.ledger AND i.id = NEW.item AND NEW.part IN ('legal', 'decide')
        AND (i.created_by = NEW."user" OR {team}))
OR (NEW.part = 'decide' AND EXISTS (SELECT 1 FROM duty d WHERE d.ledger = NEW.ledger AND d.item = NEW.item
        AND d.part = 'legal' AND d."user" = NEW."user"))
"""
_UNDECIDED_SANCTION = """
NEW.type = 'sanction' AND NEW.stage IN ('legal_reviewed', 'decided')
AND NOT EXISTS (SELECT 1 FROM duty d WHERE d.ledger = NEW.ledger AND d.item = NEW.id AND d.part =
    CASE NEW.stage WHEN 'decided' THEN 'decide' ELSE 'legal' END)
"""


def fill(connection: Connection) -> None:
    """Enter who decided what before this was kept: decisions are records, each of which lies in its item."""
    word = "state::jsonb #>> '{values,act}'"
    if connection.dialect.name == "sqlite":
        word = "json_extract(state, '$.values.act')"
    connection.exec_driver_sql(
        f"""INSERT INTO duty (ledger, item, "index", part, "user")
        SELECT ledger, parent, version, part, created_by FROM (
            SELECT ledger, parent, version, created_by, CASE
                WHEN {word} IN ('approve', 'return', 'reject') THEN 'review'
                WHEN {word} = 'confirm' THEN 'confirm'
                WHEN {word} IN ('agree', 'disagree') THEN 'second'
                WHEN {word} IN ('adopt', 'set_aside') THEN 'adopt'
                WHEN {word} = 'close' THEN 'close' END AS part
            FROM record WHERE type = 'decision') decided WHERE part IS NOT NULL"""  # noqa: S608
    )


def guard_recusals(connection: Connection) -> None:
    """Let the first trigger refuse as well whoever is recused from the item's root, or from its institution."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TRIGGER duty_apart")
        _apart_in_sqlite(connection, _OWN.format(team=_TEAM_SQLITE, recused=_RECUSED))
    else:
        _function(connection, "apart", _OWN.format(team=_TEAM_POSTGRES, recused=_RECUSED))


def guard_sanctions(connection: Connection) -> None:
    """Let the database keep apart who proposes a sanction, who reviews it by law and who decides it.

    Neither does one come to be reviewed or decided as long as nobody took that part.
    """
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("DROP TRIGGER duty_apart")
        more = _RECUSED + _SANCTIONS.format(team=_TEAM_SQLITE)
        _apart_in_sqlite(connection, _OWN.format(team=_TEAM_SQLITE, recused=more))
        connection.exec_driver_sql(
            "CREATE TRIGGER sanction_decided BEFORE UPDATE OF stage ON record "
            f"WHEN NEW.stage IS NOT OLD.stage AND {_UNDECIDED_SANCTION} BEGIN {_RAISING}; END"
        )
        return
    more = _RECUSED + _SANCTIONS.format(team=_TEAM_POSTGRES)
    _function(connection, "apart", _OWN.format(team=_TEAM_POSTGRES, recused=more))
    _function(connection, "sanctioned", _UNDECIDED_SANCTION)
    connection.exec_driver_sql(
        "CREATE TRIGGER sanction_decided BEFORE UPDATE OF stage ON record FOR EACH ROW "
        "WHEN (NEW.stage IS DISTINCT FROM OLD.stage) EXECUTE FUNCTION wardledger_sanctioned()"
    )


def _apart_in_sqlite(connection: Connection, own: str) -> None:
    connection.exec_driver_sql(
        f"CREATE TRIGGER duty_apart BEFORE INSERT ON duty WHEN {own} BEGIN {_RAISING}; END"
    )


def _function(connection: Connection, name: str, condition: str) -> None:
    connection.exec_driver_sql(
        f"CREATE OR REPLACE FUNCTION wardledger_{name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"IF {condition} THEN RAISE EXCEPTION '{_MESSAGE}'; END IF; RETURN NEW; END $$"
    )


def guard(connection: Connection) -> None:
    """Install the triggers: nobody's own work, no second look by the first, no closing by who proposed it.

    Neither does an item come to a stage that only such a decision leads to, as long as nobody has made one.
    """
    if connection.dialect.name == "sqlite":
        _apart_in_sqlite(connection, _OWN.format(team=_TEAM_SQLITE, recused=""))
        connection.exec_driver_sql(
            "CREATE TRIGGER record_decided BEFORE UPDATE OF stage ON record "
            f"WHEN NEW.stage IS NOT OLD.stage AND {_UNDECIDED} BEGIN {_RAISING}; END"
        )
        return
    own = _OWN.format(team=_TEAM_POSTGRES, recused="")
    for name, condition in (("apart", own), ("decided", _UNDECIDED)):
        _function(connection, name, condition)
    connection.exec_driver_sql(
        "CREATE TRIGGER duty_apart BEFORE INSERT ON duty FOR EACH ROW EXECUTE FUNCTION wardledger_apart()"
    )
    connection.exec_driver_sql(
        "CREATE TRIGGER record_decided BEFORE UPDATE OF stage ON record FOR EACH ROW "
        "WHEN (NEW.stage IS DISTINCT FROM OLD.stage) EXECUTE FUNCTION wardledger_decided()"
    )
