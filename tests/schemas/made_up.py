"""A child process in whose schemas.records lies one more file; it prints as JSON what becomes of its type.

    python -m tests.schemas.made_up FOLDER                       what is derived from the declaration
    python -m tests.schemas.made_up FOLDER HOME DATABASE_URL     what a server and two phones do with it

FOLDER holds the file; nothing else of the product is told of it.
"""

from __future__ import annotations

import importlib.util
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from schemas.drafting import Draft
    from sync.outcomes import Outcome

NAME = "leaflet"
DECLARATION = '''"""A leaflet (宣传册) that the team left behind: nothing in the product knows of it but this file."""

from schemas.declare import UNION, Edge, RecordType, Stage, allow, choice, code, integer, ref, text

TOPICS = {"rights": ("权益", "Rights"), "fraud": ("欺诈", "Fraud")}

TYPE = RecordType(
    name="leaflet",
    zh="宣传册",
    en="Leaflet",
    create=allow("member", "lead"),
    edit=allow("member", "lead", own_in=("printed",)),
    resolve=allow("lead"),
    scope="inspection",
    fields=(
        ref("inspection", "检查", "Inspection", "inspection", required=True, waits=True),
        choice("topic", "主题", "Topic", TOPICS, required=True),
        integer("copies", "份数", "Copies", 1, 500, unit="copies"),
        code("places", "位置", "Places", merge=UNION),
        text("note", "备注", "Note", chars_max=20),
    ),
    stages=(Stage("printed", "已印制", "Printed"), Stage("left", "已发放", "Left behind")),
    edges=(Edge("printed", "left", allow("lead")),),
)
'''


def extend(folder: Path) -> None:
    """Let schemas.records look for record types in one more folder, from its first import on."""
    spec = importlib.util.find_spec("schemas.records")
    assert spec is not None
    assert spec.loader is not None
    assert spec.submodule_search_locations is not None
    spec.submodule_search_locations.append(str(folder))
    package = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = package
    spec.loader.exec_module(package)


def derived() -> dict[str, Any]:
    """Return what is derived from the declaration."""
    from schemas import __main__ as command
    from schemas import describe
    from schemas.records import TYPES

    kind = TYPES[NAME]
    return {
        "schema": describe.json_schema(kind),
        "form": describe.form(kind),
        "columns": [column.name for column in describe.columns(kind)],
        "page": describe.markdown([kind]),
        "generated": {str(path): text for path, text in command.derived().items()},
    }


def told(outcome: Outcome) -> list[Any]:
    """Return what a test asks of an outcome."""
    return [outcome.verdict, outcome.code, outcome.field]


def story(home: Path, database_url: str) -> dict[str, Any]:
    """Let two phones of a team work on leaflets at a server, and return what became of each change."""
    from schemas.drafting import Draft
    from tests.intake.caller import caller
    from tests.server.builders import install
    from tests.server.pushing import found_city

    installation = install(home, database_url)
    city = found_city(installation)
    one, two = city.phones
    leaflet = city.id()
    sound = {"inspection": city.inspection, "topic": "fraud", "copies": 40, "note": "演示数据"}

    def new(**values: Any) -> Draft:
        return Draft("create", NAME, city.id(), {**sound, **values})

    made = one.push(Draft("create", NAME, leaflet, sound, add={"places": ["W11"]}))
    faults = [one.push(draft).outcomes[0] for draft in (new(topic="weather"), new(copies=501))]
    held = one.push(new(inspection=city.id())).outcomes[0]
    reader = caller(installation, two.user)
    pages, _ = reader.pull()
    (item,) = [item for page in pages for item in page.items if item.type == NAME]
    base = (pages[-1].epoch, item.version)
    raced = [
        phone.push(
            Draft("edit", NAME, leaflet, {"copies": n}, add={"places": [f"W{n}"]}, base=base)
        ).outcomes[0]
        for phone, n in ((one, 41), (reader, 42))
    ]
    step = {"stage": {"from": "printed", "to": "left"}}
    by_member = two.push(Draft("edit", NAME, leaflet, step, base=base)).outcomes[0]
    by_lead = one.push(Draft("edit", NAME, leaflet, step, base=base)).outcomes[0]
    late = one.push(Draft("edit", NAME, leaflet, {"note": "再改"}, base=base)).outcomes[0]
    installation.services.engine.dispose()
    return {
        "made": told(made.outcomes[0]),
        "faults": [told(outcome) for outcome in faults],
        "held": told(held),
        "feed": {"id": item.id, "leaflet": leaflet, "fields": dict(item.fields), "root": item.root},
        "inspection": city.inspection,
        "raced": [outcome.fields for outcome in raced],
        "steps": [told(by_member), told(by_lead)],
        "frozen": told(late),
    }


def main() -> None:
    """Print one JSON object."""
    folder, *server = sys.argv[1:]
    extend(Path(folder))
    found = story(Path(server[0]), server[1]) if server else derived()
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
