"""A bureau that plans inspections: institutions of two kinds, its people, and catalogues to import."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from schemas.drafting import Draft
from server.commit.acts import act, new_id
from server.commit.submission import Result
from server.imports.catalogues import CatalogueReport, import_catalogue
from server.storage import ledger_store, record_store
from server.wiring import Services
from sync.merge import Record
from tests.server.builders import Installation
from tests.server.phones import user

DAY = "2026-11-17"
LOCAL_CHECKLIST: Mapping[str, Any] = {
    "kind": "checklist", "code": "CL-LUAN-HOSPITAL", "version": "1", "zh": "六安市医院检查清单", "region": "341500",
    "valid_from": "2026-06-01", "institution_kinds": ["hospital"], "inspection_kinds": ["routine_check"],
    "rows": [
        {"code": "L01", "zh": "核对在床病人", "required": True, "violation_code": "bed_hanging"},
        {"code": "L02", "zh": "核对日间病房登记", "required": False},
    ],
}  # fmt: skip
LOCAL_VIOLATIONS: Mapping[str, Any] = {
    "kind": "violation", "code": "LUAN-VIOLATIONS", "version": "1", "zh": "六安市违规行为目录", "region": "341500",
    "valid_from": "2026-06-01",
    "rows": [
        {"code": "bed_hanging", "zh": "挂床住院", "facts_zh": "经查，{institution}{bed}床无人。",
         "institution_kinds": ["hospital"]},
        {"code": "false_day_ward", "zh": "虚设日间病房", "facts_zh": "经查，{institution}虚设日间病房。",
         "institution_kinds": ["hospital"]},
    ],
}  # fmt: skip


@dataclass
class Bureau:
    """Who plans and who goes; ids of the people and of a hospital and a pharmacy in one county."""

    installation: Installation
    supervisor: str
    lead: str
    member: str
    hospital: str
    pharmacy: str

    @property
    def services(self) -> Services:
        """The installation's services."""
        return self.installation.services

    def plan(self, institution: str = "", *, approved: bool = False, **values: Any) -> str:
        """Create an inspection by an act of the supervisor and return its id."""
        record = new_id(self.services)
        whole = {
            "kind": "routine_check", "mode": "open", "institution": institution or self.hospital, "lead": self.lead,
            "planned_on": DAY, **values,
        }  # fmt: skip
        if approved:
            whole["stage"] = {"from": "draft", "to": "approved"}
        self.act(Draft("create", "inspection", record, whole, add={"members": [self.member]}))
        return record

    def approve(self, inspection: str) -> None:
        """Approve an inspection."""
        step = {"stage": {"from": "draft", "to": "approved"}}
        self.act(Draft("edit", "inspection", inspection, step))

    def act(self, *drafts: Draft) -> Result:
        """Commit drafts as one act of the supervisor."""
        return act(self.services, drafts, user=self.supervisor)

    def bring(self, folder: Path, body: Mapping[str, Any], **changed: Any) -> CatalogueReport:
        """Import a catalogue from a JSON file; changed: members that differ."""
        path = folder / "catalogue.json"
        path.write_text(json.dumps({**body, **changed}, ensure_ascii=False), "utf-8")
        return import_catalogue(self.services, path, {})

    def record(self, record: str) -> Record:
        """Return a record as it stands."""
        with self.services.database.reading() as connection:
            vault = self.services.vault.session(connection, self.services.ledger.id)
            return record_store.load(connection, vault, [record])[record]

    def size(self) -> int:
        """Return the number of the ledger's entries."""
        with self.services.database.reading() as connection:
            return ledger_store.head(connection, self.services.ledger.id).size


def found_bureau(installation: Installation) -> Bureau:
    """Return a bureau of the county 341502."""
    services = installation.services
    made = {}
    for number, kind in enumerate(("hospital", "pharmacy"), start=1):
        made[kind] = new_id(services)
        values = {
            "fixmedins_code": f"{'P' if kind == 'pharmacy' else 'H'}34150290{number:03d}",
            "name": f"测试第00{number}机构",
            "kind": kind,
            "region": "341502",
        }
        act(services, [Draft("create", "institution", made[kind], values)], kind="setting")
    people = [user(services, word, role) for word, role in (
        ("supervisor", "supervisor"), ("lead", "lead_inspector"), ("member", "inspector"),
    )]  # fmt: skip
    return Bureau(installation, *people, made["hospital"], made["pharmacy"])
