"""The few shapes that no class stands behind: a problem, a form, and an OpenAPI document."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

TEXT: Mapping[str, Any] = {"type": "string"}
TEXTS: Mapping[str, Any] = {"type": "array", "items": TEXT}
FLAG: Mapping[str, Any] = {"type": "boolean"}
TEXT_OR_NULL: Mapping[str, Any] = {"type": ["string", "null"]}
TEXTS_OR_NULL: Mapping[str, Any] = {"anyOf": [TEXTS, {"type": "null"}]}


def _object(**properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "required": list(properties),
        "additionalProperties": False,
        "properties": {name: dict(each) for name, each in properties.items()},
    }


def _list(of: Mapping[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": dict(of)}


RIGHT = {
    "roles": TEXTS,
    "root_stages": TEXTS_OR_NULL,
    "own_stages": TEXTS_OR_NULL,
    "unless": TEXT_OR_NULL,
    "anywhere": TEXTS,
}
LIMITS = {
    "type": "object",
    "additionalProperties": False,
    "properties": {
        "min": {"type": "integer"},
        "max": {"type": "integer"},
        "chars_max": {"type": "integer"},
        "members_max": {"type": "integer"},
        "pattern": TEXT,
        "form": TEXT,
    },
}
NEED = _object(
    name=TEXT, words={"type": "array", "items": {"type": ["string", "boolean"]}}, names=TEXTS, any_of=FLAG
)
CHOICE = _object(value=TEXT, zh=TEXT, en=TEXT)
DRAWN: Mapping[str, Mapping[str, Any]] = {
    "name": TEXT,
    "kind": TEXT,
    "zh": TEXT,
    "en": TEXT,
    "unit": TEXT_OR_NULL,
    "required": FLAG,
    "private": TEXT_OR_NULL,
    "many": FLAG,
    "ref": TEXT_OR_NULL,
    "default": {"type": ["string", "integer", "null"]},
    "masked": TEXT_OR_NULL,
    "choices": _list(CHOICE),
    "limits": LIMITS,
    "needs": _list(NEED),
}
PART = _object(**DRAWN, parts={"type": "array", "maxItems": 0})
FIELD = _object(
    **DRAWN,
    parts=_list(PART),
    merge=TEXT,
    waits=FLAG,
    create=TEXTS,
    edit={"anyOf": [_object(**RIGHT), {"type": "null"}]},
)
FORM: dict[str, Any] = {
    **_object(
        type=TEXT,
        zh=TEXT,
        en=TEXT,
        scope=TEXT,
        region_from=TEXT_OR_NULL,
        natural_key=TEXT_OR_NULL,
        synced=FLAG,
        needs=_list(NEED),
        create=_object(**RIGHT),
        void=_object(**RIGHT),
        resolve=_object(**RIGHT),
        fields=_list(FIELD),
        stages=_list(_object(name=TEXT, zh=TEXT, en=TEXT)),
        edges=_list(_object(**{"from": TEXT, "to": TEXT, "forward": FLAG, **RIGHT})),
    ),
    "description": "What a phone needs to draw the form of a type and to know, offline, what it may send.",
    "x-description-zh": "手机据以绘制一类记录的表单，并离线判断可以提交什么。",
}
FORM["properties"] |= {
    # Members that came later: a phone that kept an older form reads it all the same.
    "scope_else": dict(TEXT_OR_NULL),
    "narrow": {"type": "array", "items": _object(**RIGHT, fields=TEXTS, wants=TEXTS)},
}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": "What cannot be done, and what to do (RFC 9457). Facts of the code stand beside the members.",
    "x-description-zh": "不能办理的原因及如何处理（RFC 9457）；与 code 有关的事实列在其旁。",
    "required": ["type", "title", "status", "code", "detail", "next"],
    "properties": {
        "type": {"type": "string", "format": "uri-reference"},
        "title": TEXT,
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {**TEXT, "description": "Stable; never renamed.", "x-description-zh": "固定不变的代码。"},
        "detail": TEXT_OR_NULL,
        "next": {**TEXT, "description": "What to do.", "x-description-zh": "如何处理。"},
        "item": {**TEXT, "description": "The record at fault.", "x-description-zh": "有问题的记录。"},
        "field": {**TEXT, "description": "The member at fault.", "x-description-zh": "有问题的字段。"},
    },
}
OPEN_API: dict[str, Any] = {
    "type": "object",
    "required": ["openapi", "info", "paths", "components"],
    "properties": {"openapi": {"const": "3.1.0"}},
}
