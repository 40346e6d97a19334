"""Run in a copy of the house with one more record type: makes such a record and prints what is shown of it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import server
from schemas.records import TYPES
from server.queries.records import has_register
from tests.api.shape_checker import Checker, answer_schema
from tests.server.builders import install
from tests.server.desk_client import Desk, words
from tests.server.world import build

KIND = "canteen_check"


def main(home: Path) -> None:
    """Print one JSON object."""
    world = build(install(home, f"sqlite:///{home.parent / 'ledger.sqlite'}"), beds=1, photos=0)
    values = {"institution": world.hospital, "meal": "lunch", "cost_fen": 123_400, "cook": "测试丙007"}
    record = world.make(KIND, values, by="supervisor", dishes=["rice", "soup"])
    world.move(KIND, record, "noted", "checked", by="supervisor")
    desk, neighbour = Desk(world, "supervisor"), Desk(world, "neighbour")
    document = desk.get("/api/openapi.json").json
    answers = {
        "/api/records/{type}": desk.get(f"/api/records/{KIND}").json,
        "/api/records/{type}/{record}": desk.get(f"/api/records/{KIND}/{record}").json,
        "/api/records/{type}/{record}/history": desk.get(f"/api/records/{KIND}/{record}/history").json,
        "/api/types/{type}": desk.get(f"/api/types/{KIND}").json,
    }
    checker = Checker(document)
    told = {
        "house": str(Path(server.__file__).parent.parent),
        "known": KIND in TYPES and has_register(TYPES[KIND]),
        "component": sorted(document["components"]["schemas"][KIND]["properties"]["fields"]["properties"]),
        "enum": KIND in document["paths"]["/api/records/{type}"]["get"]["parameters"][0]["schema"]["enum"],
        "faults": [
            fault
            for path, answer in answers.items()
            for fault in checker.faults(answer, answer_schema(document, "get", path, 200))
        ],
        "item": answers["/api/records/{type}/{record}"],
        "listed": [each["id"] == record for each in answers["/api/records/{type}"]["items"]],
        "ops": [each["op"] for each in answers["/api/records/{type}/{record}/history"]["items"]],
        "registers": words(desk.get("/records")),
        "table": words(desk.get(f"/records/{KIND}")),
        "page": words(desk.get(f"/records/{KIND}/{record}")),
        "guide": words(desk.get("/api/")),
        "neighbour": [
            neighbour.get(f"/api/records/{KIND}").json["items"],
            neighbour.get(f"/api/records/{KIND}/{record}").status_code,
            neighbour.get(f"/records/{KIND}/{record}").status_code,
        ],
    }
    sys.stdout.write(json.dumps(told, ensure_ascii=False))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
