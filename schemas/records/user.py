"""A person who uses the system; the password is kept apart and never enters the ledger."""

from collections.abc import Mapping
from typing import Any

from schemas.declare import (
    UNION,
    Edge,
    RecordType,
    Stage,
    allow,
    choice,
    code,
    day,
    digest,
    ref,
    text,
)
from sync.rules import BARRED

ROLES = {
    "inspector": ("稽核员", "Inspector"),
    "lead_inspector": ("稽核组长", "Lead inspector"),
    "supervisor": ("稽核主管", "Supervisor"),
    "second_reviewer": ("复审员", "Second reviewer"),
    "legal_reviewer": ("法制审核员", "Legal reviewer"),
    "leader": ("负责人", "Leader"),
    "institution_user": ("机构用户", "Institution user"),
    "auditor": ("审计员", "Auditor"),
    "admin": ("系统管理员", "Administrator"),
}
OWN_INSTITUTION = "institution_user"
WRITING = allow("machine", "admin", "supervisor")
"""A supervisor: users of his region's institutions alone, whom he lets in and disables (`server.commit.accounts`)."""


def grants(record: str, values: Mapping[str, Any]) -> frozenset[tuple[str, str, str]]:
    """Hand out each role over the user's region while the user is active; bar the user otherwise.

    Who belongs to an institution has his role over that institution alone, and none without one.
    """
    if values.get("stage") != "active":
        return frozenset({(record, BARRED, record)})
    places = {OWN_INSTITUTION: values.get("institution")}
    handed = ((role, places.get(role, values["region"])) for role in values.get("roles", ()))
    return frozenset((record, role, str(place)) for role, place in handed if place is not None)


TYPE = RecordType(
    name="user",
    zh="用户",
    en="User",
    create=WRITING,
    edit=WRITING,
    grants=grants,
    synced=False,
    lookup="sso_identity",
    fields=(
        text("login", "登录名", "Login", chars_max=64, required=True),
        text("display_name", "姓名", "Name", chars_max=60, required=True),
        text("email", "邮箱", "E-mail", chars_max=200),
        choice("roles", "角色", "Roles", ROLES, merge=UNION),
        code("region", "行政区划", "Region", "region", required=True),
        ref("institution", "所属机构", "Institution", "institution"),
        code("certificate", "执法证号", "Certificate number"),
        day("certificate_until", "执法证有效期至", "Certificate valid until"),
        digest("sso_identity", "统一身份认证标识摘要", "Digest of the single sign-on identity"),
    ),
    stages=(Stage("active", "在用", "Active"), Stage("disabled", "停用", "Disabled")),
    edges=(
        Edge("active", "disabled", WRITING),
        Edge("disabled", "active", allow("machine", "admin"), forward=False),
    ),
)
