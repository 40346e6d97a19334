"""The declared types of record and their forms: what a phone draws a form from. No content, no session."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, jsonify

from schemas import describe
from server.api.answers import plain
from server.api.blueprint import PREFIX, blueprint
from server.api.operations import TYPES, Listing, Operation, described
from server.queries import records

KEPT_SECONDS = 300
"""How long a description may be kept: it changes with the program alone."""


@dataclass(frozen=True, kw_only=True)
class DeclaredType:
    """A type of record; form, records: addresses."""

    type: str
    zh: str
    en: str
    form: str
    records: str


@blueprint.get("/types")
@described(
    Operation(TYPES, "全部记录类型", "List the types of record", Listing(DeclaredType), signed_in=False)
)
def list_types() -> Response:
    """List the types of record that phones and the desk share."""
    found = [
        DeclaredType(
            type=kind.name,
            zh=kind.zh,
            en=kind.en,
            form=f"{PREFIX}/types/{kind.name}",
            records=f"{PREFIX}/records/{kind.name}",
        )
        for kind in records.kinds()
    ]
    return kept(jsonify(items=plain(found), next=None))


@blueprint.get("/types/<type>")
@described(
    Operation(
        TYPES,
        "一类记录的表单：字段、单位、选项、限制、阶段与权限",
        "Describe a type's form: fields, units, choices, limits, stages and rights",
        "Form",
        signed_in=False,
    )
)
def one_type(type: str) -> Response:  # noqa: A002 - what the address calls it
    """Describe the form of a type."""
    return kept(jsonify(describe.form(records.kind_of(type))))


def kept(answer: Response) -> Response:
    """Return a description with leave to keep it for a while."""
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    return answer
