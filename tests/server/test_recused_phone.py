"""The phone of whoever is recused: its work leaves first and waits, its copies go once and come back once."""

from __future__ import annotations

from pathlib import Path

import pytest

from mobile_stub.phone import Phone
from server.casework import recusing
from server.casework.late_changes import Ruling, rule
from server.casework.recusing import Wanted
from server.ledger.audit import audit
from server.storage import waiting_store
from sync.errors import OwnWork
from tests.server.builders import Installation
from tests.server.phones import Visit, team_on_site, user
from tests.server.test_scope import FINDING, pages_of

Team = tuple[Visit, Phone, Phone]


@pytest.fixture
def team(installation: Installation, tmp_path: Path) -> Team:
    """A visit that is under way, the lead's phone and the member's."""
    return team_on_site(installation, tmp_path)


def recuse(installation: Installation, found: Visit, about: str = "") -> str:
    wanted = Wanted(found.member, about or found.institution, "kinship")
    return recusing.declare(installation.services, found.supervisor, wanted).id


def lift(installation: Installation, found: Visit, recusal: str) -> None:
    recusing.lift(installation.services, found.supervisor, recusal, "测试：已无关系")


def test_what_was_recorded_before_it_heard_is_late_and_a_supervisor_adopts_it(installation, team: Team):
    found, _, member = team
    finding = member.create("finding", {"inspection": found.inspection, **FINDING})
    recuse(installation, found)
    report = member.sync()
    assert report.pushed.verdicts == {"late": 1}
    assert report.pulled.evicted > 0
    assert member.kit.journal.copy_ids() == []
    services = installation.services
    with services.database.reading() as connection:
        (row,) = waiting_store.open_ones(connection, services.ledger.id)
    assert (row.record, row.verdict) == (finding, "late")
    with pytest.raises(OwnWork):
        rule(services, found.lead, row.index, Ruling("adopt", None, ""))
    rule(services, found.supervisor, row.index, Ruling("adopt", None, ""))
    assert audit(services).ok
    assert member.sync().clean
    assert member.kit.journal.copy_ids() == [], "it is adopted, and reaches his phone no more"


def test_copies_go_once_and_come_back_once(installation, team: Team, monkeypatch: pytest.MonkeyPatch):
    found, lead, member = team
    held = set(member.kit.journal.copy_ids())
    assert {found.inspection, found.institution, found.ward_round} <= held
    recusal = recuse(installation, found)
    told = pages_of(monkeypatch)
    assert member.sync().clean
    assert member.kit.journal.copy_ids() == []
    assert [item.id for page in told for item in page.items] == []
    assert member.sync().pulled.evicted == 0
    lift(installation, found, recusal)
    told.clear()
    assert member.sync().clean
    items = [item.id for page in told for item in page.items]
    assert sorted(items) == sorted(set(items)), "nothing came twice"
    assert set(member.kit.journal.copy_ids()) == held
    told.clear()
    assert member.sync().clean
    assert lead.sync().clean
    assert [item for page in told for item in page.items] == [], "a colleague's phone hears nothing of it"


def test_from_one_inspection_alone_its_institution_stays(installation, team: Team):
    found, _, member = team
    recuse(installation, found, found.inspection)
    assert member.sync().clean
    assert member.show_all("inspection") == []
    assert [one.id for one in member.show_all("institution")] == [found.institution]


def test_a_recusal_of_somebody_else_moves_nothing(installation, team: Team):
    found, _, member = team
    other = user(installation.services, "other", "inspector")
    wanted = Wanted(other, found.institution, "kinship")
    recusing.declare(installation.services, found.supervisor, wanted)
    finding = member.create("finding", {"inspection": found.inspection, **FINDING})
    assert member.sync().pushed.verdicts == {"applied": 1}
    assert [one.id for one in member.show_all("finding")] == [finding]
