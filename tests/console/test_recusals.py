"""Recusals at the desk, for programs and by command: declared, felt, lifted."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from server.accounts import users
from server.casework import recusing
from tests.server.commands import CommandLine, find_in_environment
from tests.server.desk_client import Desk, words
from tests.server.world import PASSWORD, World

CODE = "H34150290001"


@pytest.fixture
def desk(world: World) -> Iterator[Desk]:
    """The supervisor's browser; afterwards nobody is recused."""
    yield Desk(world, "supervisor")
    # Whoever is to lift the others' comes first, or he has no role to lift them by.
    standing = sorted(recusing.listed(world.services), key=lambda pair: pair[1] not in ("city", "supervisor"))
    for one, login in standing:
        recusing.lift(
            world.services, world.users["city" if login != "city" else "supervisor"], one.id, "测试"
        )


def standing(world: World) -> str:
    """Return the newest recusal that stands."""
    return recusing.listed(world.services)[-1][0].id


def version(world: World, recusal: str) -> str:
    return str(world.record(recusal).version)


def admin(world: World) -> str:
    """Let an administrator of the county in, once."""
    if "admin" not in world.users:
        new = users.check(
            login="admin", name="测试甲060", roles=("admin",), region="341502", institution=None
        )
        world.users["admin"], _ = users.enlist(world.services, new, PASSWORD)
    return "admin"


def test_a_recusal_is_declared_listed_and_lifted(world: World, desk: Desk):
    form = desk.get("/recusals", about=world.hospital)
    assert "测试市第001医院" in words(form)
    typed = {"about": world.hospital, "user": "member", "reason": "kinship", "words": "测试：配偶在该院"}
    assert desk.post("/recusals", **typed).status_code == 303
    page = words(desk.get("/recusals", state="standing"))
    assert "近亲属" in page
    assert "测试：配偶在该院" in page
    made = standing(world)
    assert (
        desk.post(f"/recusals/{made}/lift", because="测试：已调离", version=version(world, made)).status_code
        == 303
    )
    assert "测试：已调离" in words(desk.get("/recusals", state="lifted"))
    assert recusing.listed(world.services) == []


def test_pages_of_institution_and_inspection_lead_to_the_form(world: World, desk: Desk):
    for path, about in ((f"/institutions/{world.hospital}", world.hospital),
                        (f"/inspections/{world.inspection}", world.inspection)):  # fmt: skip
        assert f"/recusals?about={about}#declare" in desk.get(path).text
    assert "2026-11-17" in words(desk.get("/recusals", about=world.inspection))


def test_recusals_of_one_person_are_listed_from_his_page(world: World, desk: Desk):
    office, member = Desk(world, admin(world)), world.users["member"]
    assert f"/recusals?user={member}" in office.get(f"/users/{member}").text
    for login in ("member", "city"):
        desk.post("/recusals", code=CODE, user=login, reason="kinship")
    assert desk.get("/recusals", user=member, state="standing").text.count("data-row") == 1
    (only,) = desk.get("/api/recusals", user=member, state="standing").json["items"]
    assert only["kind"] == "institution"
    assert desk.get("/recusals", user="nobody").status_code == 200


def test_the_empty_list_says_what_it_is_for(world: World, desk: Desk):
    assert "没有回避记录" in words(desk.get("/recusals", state="planned"))
    assert desk.get("/recusals", state="whatever").status_code == 400


def test_every_page_of_what_somebody_is_recused_from_tells_him_so(world: World, desk: Desk):
    city = Desk(world, "city")
    paths = (f"/institutions/{world.hospital}", f"/inspections/{world.inspection}", f"/rounds/{world.ward_round}",
             f"/evidence/{world.evidence[0]}", f"/findings/{world.finding}")  # fmt: skip
    assert {city.get(path).status_code for path in paths} == {200}
    assert desk.post("/recusals", code=CODE, user="city", reason="dispute").status_code == 303
    for path in paths:
        answer = city.get(path)
        assert (path, answer.status_code) == (path, 403)
        assert "您对该机构或该次检查须回避" in words(answer)
    assert "测试市第001医院" not in words(city.get("/institutions"))
    assert city.get("/api/evidence").json["items"] == []
    own = words(city.get("/recusals"))
    assert "本人" in own
    assert desk.get(paths[0]).status_code == 200
    made = standing(world)
    desk.post(f"/recusals/{made}/lift", because="测试", version=version(world, made))
    assert {city.get(path).status_code for path in paths} == {200}


def test_a_recused_supervisor_decides_on_nothing(world: World, desk: Desk):
    city, evidence = Desk(world, "city"), world.evidence[0]
    wanted = {"act": "approve", "version": world.record(evidence).version}
    recusing.declare(
        world.services, world.users["supervisor"],
        recusing.Wanted(world.users["city"], world.inspection, "former_post"),
    )  # fmt: skip
    refused = city.send(f"/api/evidence/{evidence}/review", wanted)
    assert (refused.status_code, refused.json["code"]) == (403, "recused")
    assert "supervisor" in refused.json["next"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"reason": "other"}, "请说明事由"),
        ({"reason": ""}, "请选择事由"),
        ({"reason": "kinship", "first": "2020-01-01"}, "回避自今天或以后开始"),
        ({"reason": "kinship", "last": "morning"}, "截止日期"),
        ({"reason": "kinship", "user": "nobody.there"}, "没有该在用用户"),
        ({"reason": "kinship", "code": "H00"}, "医保编码"),
    ],
)
def test_what_does_not_fit_is_said_beside_what_was_typed(
    world: World, desk: Desk, typed: dict[str, str], said: str
):
    answer = desk.post("/recusals", **{"code": CODE, "words": "", **typed})
    assert answer.status_code == 422
    assert said in words(answer)
    assert recusing.listed(world.services) == []


def test_who_oversees_nothing_declares_his_own_alone(world: World, desk: Desk):
    lead = Desk(world, "lead")
    for other in ("member", "nobody.there"):
        assert lead.post("/recusals", code=CODE, user=other, reason="kinship").status_code == 403
    assert lead.post("/recusals", about=world.inspection, reason="kinship").status_code == 303
    assert [login for _, login in recusing.listed(world.services)] == ["lead"]
    assert Desk(world, "auditor").post("/recusals", code=CODE, reason="kinship").status_code in (403, 422)


def test_nobody_lifts_his_own_and_no_neighbour_does(world: World, desk: Desk):
    assert desk.post("/recusals", code=CODE, reason="financial").status_code == 303
    made = standing(world)
    given = {"because": "测试", "version": version(world, made)}
    assert desk.post(f"/recusals/{made}/lift", **given).status_code == 403
    assert Desk(world, "neighbour").post(f"/recusals/{made}/lift", **given).status_code == 404
    assert Desk(world, "member").post(f"/recusals/{made}/lift", **given).status_code in (403, 404)
    assert Desk(world, "city").post(f"/recusals/{made}/lift", **given).status_code == 303


def test_an_administrator_declares_and_lifts_and_opens_no_case_by_it(world: World, desk: Desk):
    office = Desk(world, admin(world))
    assert office.post("/recusals", code=CODE, user="city", reason="kinship").status_code == 303
    made = standing(world)
    assert made in office.get("/recusals").text
    assert office.get(f"/institutions/{world.hospital}").status_code == 404
    assert office.post("/recusals", about=world.inspection, user="city", reason="kinship").status_code in (
        404,
        422,
    )
    given = {"because": "测试", "version": version(world, made)}
    assert office.post(f"/recusals/{made}/lift", **given).status_code == 303


def test_a_recused_officer_is_neither_sent_nor_drawn(world: World, desk: Desk):
    def faults() -> dict[str, str]:
        found = desk.get("/api/inspections/officers", institution=world.hospital).json["items"]
        return {each["id"]: each["fault"] for each in found}

    assert faults()[world.users["member"]] != "recused"
    desk.post("/recusals", code=CODE, user="member", reason="kinship")
    from server.casework import plans

    with world.services.database.reading() as connection:
        vault = world.services.vault.session(connection, world.services.ledger.id)
        crew = plans.crew_for(world.services, connection, vault, world.users["supervisor"], [world.hospital])
        assert world.users["member"] in crew.recused[world.hospital]
        assert world.users["member"] not in crew.fit(world.hospital, world.services.today())


def test_a_program_declares_and_lifts(world: World, desk: Desk):
    given = {"user": world.users["member"], "about": world.hospital, "reason": "kinship"}
    made = desk.send("/api/recusals", given)
    assert (made.status_code, made.json["stage"]) == (201, "standing")
    listed = desk.get("/api/recusals", state="standing").json["items"]
    assert [each["id"] for each in listed] == [made.json["id"]]
    again = desk.send("/api/recusals", given)
    assert (again.status_code, again.json["code"]) == (400, "bad_value")
    path = f"/api/recusals/{made.json['id']}/lift"
    stale = desk.send(path, {"version": made.json["version"] - 1, "because": "测试"})
    assert (stale.status_code, stale.json["code"]) == (409, "version_changed")
    assert desk.send(path, {"version": made.json["version"]}).status_code == 400
    lifted = desk.send(path, {"version": made.json["version"], "because": "测试"})
    assert (lifted.status_code, lifted.json["stage"]) == (200, "lifted")
    assert Desk(world, "lead").send("/api/recusals", given).status_code == 403


def test_by_command(
    world: World, desk: Desk, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    if world.services.engine.dialect.name != "sqlite":
        pytest.skip("the command line is the same on either database")
    find_in_environment(world.services.config, monkeypatch)
    wardledger = CommandLine(world.services.config.home, capsys, monkeypatch)
    words = ("recusal", "declare", "member", CODE, "--by", "supervisor", "--reason", "kinship", "--json")
    made = wardledger(*words)
    assert made.json["stage"] == "standing", made.err
    assert [each["login"] for each in wardledger("recusal", "list", "--json").json] == ["member"]
    assert made.json["id"] in wardledger("recusal", "list").out
    assert wardledger(*words).err.startswith("bad_value: ")
    lifting = ("recusal", "lift", made.json["id"], "--because", "测试")
    assert wardledger(*lifting, "--by", "member").err.startswith("own_work: ")
    assert wardledger(*lifting, "--by", "city", "--json").json["stage"] == "lifted"
    assert wardledger("recusal", "list").out == "nobody is recused\n"
