"""The API's description (OpenAPI 3.1), computed from its addresses, its answers' classes and the declarations.

Nothing of it is written twice: paths come from the application's own map, answers from the dataclasses
that are answered, bodies from the schemas that check them, records and forms from schemas.records, and
problems from the refusals. English stands in the standard members, Chinese beside it as `x-...-zh`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from flask import Flask
from werkzeug.routing import Rule

from schemas import describe
from schemas.declare import Field, RecordType
from server import problems
from server.api.blueprint import PREFIX
from server.api.operations import (
    OPERATIONS,
    SESSION,
    TAGS,
    Answer,
    Content,
    Listing,
    Operation,
    Parameter,
    text,
)
from server.api.repeats import HEADER, KEY_CHARS_MAX, KeyReused, StillWorking
from server.api.shapes import Shapes, ref
from server.api.written_shapes import FORM, OPEN_API, PROBLEM
from server.console.errors import FormExpired
from server.current import services
from server.queries import records
from server.queries.record_answers import RecordAnswer
from server.queries.record_values import fields as shown_fields
from server.queries.record_values import parts as shown_parts
from sync.errors import BadValue, NotFound, Refusal, SignInRequired, every_refusal

VERSION = "1"
EN, ZH = LANGUAGES = ("en", "zh")
SPOKEN = ("title", "summary", "description")
"""The members that stand in two languages."""
RECORD, PROBLEM_NAME, FORM_NAME, OPEN_API_NAME = "Record", "Problem", "Form", "OpenAPI"
NAMED = re.compile(r"<(?:\w+:)?(\w+)>")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
ABOUT = (
    "The desk for programs: the same lists, records and acts as its pages, by the same session and in the "
    "same scope. Sign in with POST /api/session; send its token back as X-CSRFToken with every POST and "
    "DELETE. Lists come a page at a time: ask again with `after` set to `next` until that is null. Times are "
    "ISO 8601 in UTC, days YYYY-MM-DD, money whole fen. Answers have an ETag. A POST that may be sent twice "
    "carries an Idempotency-Key: it is carried out once. Acts name the version that they decide on. Names and "
    "numbers of persons are masked. Whatever cannot be done is answered as application/problem+json with a "
    "stable `code` and what to do next."
)
ABOUT_ZH = (
    "供程序调用的稽核工作台：与页面相同的列表、记录和处理，使用同一会话、同一权限范围。先以 POST /api/session 登录；"
    "此后每个 POST 和 DELETE 都须以 X-CSRFToken 带回其令牌。列表逐页返回：把 after 设为上一页的 next，直到它为 null。"
    "应答带有 ETag；可能重发的 POST 请携带 Idempotency-Key，只办理一次；处理须写明所依据的版本。"
    "时间为 UTC 的 ISO 8601，日期为 YYYY-MM-DD，金额为整数分。个人姓名和号码均脱敏。"
    "不能办理的一律返回 application/problem+json，其中 code 固定不变，next 说明如何处理。"
)

IF_NONE_MATCH = text(
    "If-None-Match", "上次所得应答的 ETag", "The ETag of an answer that you have; 304 if it still stands"
)
IDEMPOTENCY_KEY = text(
    HEADER,
    "自选的键：同一请求重发时返回首次应答，24 小时内有效",
    "A key of your own: sent again, the request is not carried out again and gets its first answer, for 24 hours",
    minLength=1,
    maxLength=KEY_CHARS_MAX,
)
UNCHANGED: Mapping[str, str] = {
    "description": "What you have still stands.",
    "x-description-zh": "与您已有的应答相同。",
}


def document(app: Flask) -> dict[str, Any]:
    """Return the OpenAPI document of an application; call it within a request, which has its services."""
    shapes = Shapes()
    shapes.components |= {PROBLEM_NAME: _problem(), FORM_NAME: FORM, OPEN_API_NAME: OPEN_API}
    shapes.components |= _records(shapes)
    paths: dict[str, dict[str, Any]] = {}
    for rule, method in addresses(app):
        operation = OPERATIONS.get(app.view_functions[rule.endpoint])
        if operation is not None:
            told = _operation(operation, rule, method, shapes)
            paths.setdefault(template(rule), {})[method.lower()] = told
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Wardledger",
            "version": VERSION,
            "description": ABOUT,
            "x-description-zh": ABOUT_ZH,
        },
        "servers": [{"url": services().config.url}],
        "tags": [
            {"name": name, "description": en, "x-description-zh": zh} for name, (zh, en) in TAGS.items()
        ],
        "paths": dict(sorted(paths.items())),
        "components": {
            "schemas": dict(sorted(shapes.components.items())),
            "securitySchemes": _security(app),
        },
    }


def addresses(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Yield every address of the API with each of its methods."""
    for rule in app.url_map.iter_rules():
        if rule.rule.startswith(f"{PREFIX}/"):
            yield from ((rule, method) for method in METHODS if method in (rule.methods or ()))


def template(rule: Rule) -> str:
    """Return an address as OpenAPI writes it."""
    return NAMED.sub(r"{\1}", rule.rule)


def in_language(told: Any, language: str) -> Any:
    """Return a document with its words in one language; in English the Chinese ones stay beside them."""
    if isinstance(told, list):
        return [in_language(each, language) for each in told]
    if not isinstance(told, Mapping):
        return told
    found = {name: in_language(each, language) for name, each in told.items()}
    if language == ZH:
        for name in SPOKEN:
            if (words := found.pop(f"x-{name}-zh", None)) is not None:
                found[name] = words
    return found


# -- operations -----------------------------------------------------------------------------------------


def _operation(operation: Operation, rule: Rule, method: str, shapes: Shapes) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": rule.endpoint.rpartition(".")[2],
        "tags": [operation.tag],
        "summary": operation.en,
        "x-summary-zh": operation.zh,
        "parameters": [
            *_path(rule),
            *(_query(each) for each in operation.query),
            *(_query(each, place="header") for each in _headers(operation, method)),
        ],
        "responses": _responses(operation, rule, method, shapes),
        "security": _secured(operation, method),
    }
    if operation.body is not None:
        content = {"application/json": {"schema": shapes.body_of(operation.body)}}
        found["requestBody"] = {"required": True, "content": content}
    if operation.sends:
        file = {operation.sends: {"schema": {"type": "string", "format": "binary"}}}
        found["requestBody"] = {"required": True, "content": file}
    return found


def _path(rule: Rule) -> Iterator[dict[str, Any]]:
    names = [kind.name for kind in records.kinds()]
    for name in NAMED.findall(rule.rule):
        typed = name == "type"
        yield {
            "name": name,
            "in": "path",
            "required": True,
            "description": "The type of record" if typed else "The record's id",
            "x-description-zh": "记录类型" if typed else "记录编号",
            "schema": {"type": "string", **({"enum": names} if typed else {})},
        }


def _headers(operation: Operation, method: str) -> Iterator[Parameter]:
    """Yield the header fields that every address of a kind heeds."""
    if method == "GET" and _is_tagged(operation):
        yield IF_NONE_MATCH
    if method == "POST" and operation.takes_key:
        yield IDEMPOTENCY_KEY


def _is_tagged(operation: Operation) -> bool:
    """Return whether an answer has an entity tag: JSON, but for the session's, of which no two are alike."""
    return (
        operation.answer is not None
        and not isinstance(operation.answer, Content)
        and operation.tag != SESSION
    )


def _query(parameter: Parameter, *, place: str = "query") -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": place,
        "description": parameter.en,
        "x-description-zh": parameter.zh,
        "schema": dict(parameter.schema),
    }


def _secured(operation: Operation, method: str) -> list[dict[str, list[str]]]:
    if method != "GET":
        return [{"session": [], "token": []}]
    return [{"session": []}] if operation.signed_in else []


def _responses(operation: Operation, rule: Rule, method: str, shapes: Shapes) -> dict[str, Any]:
    answer: dict[str, Any] = {"description": "Done.", "x-description-zh": "成功。"}
    if content := _content(operation.answer, shapes):
        answer["content"] = content
    found = {str(operation.status): answer}
    if method == "GET" and _is_tagged(operation):
        found["304"] = dict(UNCHANGED)
    for status, codes in sorted(_refused(operation, rule, method).items()):
        found[str(status)] = _problem_answer(status, codes)
    found["default"] = {
        "description": "Anything else that cannot be done.",
        "x-description-zh": "其他不能办理的情形。",
        "content": {problems.TYPE: {"schema": ref(PROBLEM_NAME)}},
    }
    return found


def _content(answer: Answer, shapes: Shapes) -> dict[str, Any]:
    if answer is None:
        return {}
    if isinstance(answer, Content):
        shape = {"type": "string"} if answer.media.startswith("text/") else {}
        return {answer.media: {"schema": shape}}
    return {"application/json": {"schema": _answered(answer, shapes)}}


def _answered(answer: Answer, shapes: Shapes) -> dict[str, Any]:
    if isinstance(answer, Listing):
        return {
            "type": "object",
            "required": ["items", "next"],
            "additionalProperties": False,
            "properties": {
                "items": {"type": "array", "items": _answered(answer.of, shapes)},
                "next": {"type": ["string", "integer", "null"]},
            },
        }
    return ref(answer) if isinstance(answer, str) else shapes.of(answer)


def _refused(operation: Operation, rule: Rule, method: str) -> dict[int, list[str]]:
    """Return {status: codes} of what an operation may be refused with."""
    # Whatever is asked: a NUL in an address is refused before any view.
    kinds: list[type[Refusal]] = [*operation.refusals, BadValue]
    kinds += [SignInRequired] if operation.signed_in else []
    kinds += [NotFound] if rule.arguments else []
    kinds += [FormExpired] if method != "GET" else []
    kinds += [KeyReused, StillWorking] if method == "POST" and operation.takes_key else []
    found: dict[int, list[str]] = {}
    for kind in dict.fromkeys(kinds):
        found.setdefault(problems.STATUS.get(kind.code, 400), []).append(kind.code)
    return found


def _problem_answer(status: int, codes: Iterable[str]) -> dict[str, Any]:
    known = every_refusal()
    named = sorted(codes)
    schema = {"allOf": [ref(PROBLEM_NAME)], "properties": {"code": {"enum": named}}}
    return {
        "description": " ".join(f"`{code}`: {meaning(known[code])}" for code in named),
        "x-codes": named,
        "content": {problems.TYPE: {"schema": schema}},
    }


def meaning(kind: type[Refusal]) -> str:
    """Return what a refusal says, in one sentence."""
    return (kind.__doc__ or "").strip().splitlines()[0]


# -- components --------------------------------------------------------------------------------------------


def _records(shapes: Shapes) -> dict[str, Any]:
    """Return the components of the record types, and of any of them."""
    more = shapes.object_of(RecordAnswer)["properties"]
    found = {kind.name: _record(kind, more) for kind in records.kinds()}
    mapping = {name: ref(name)["$ref"] for name in found}
    anything = {
        "oneOf": [ref(name) for name in found],
        "discriminator": {"propertyName": "type", "mapping": mapping},
    }
    return {**found, RECORD: anything}


ENVELOPE: Mapping[str, tuple[str, str]] = {
    "id": ("编号", "Id"),
    "type": ("类型", "Type"),
    "version": ("版本：最近变动的存证序号", "Version: ledger index of the last change"),
    "life": ("存续状态", "Whether it lives"),
    "root": ("权限根", "Scope root"),
    "region": ("行政区划", "Region"),
    "created_by": ("登记人", "Who made it"),
    "parent": ("所属记录", "The record that it lies in"),
    "fields": ("字段", "Fields"),
    "erased": ("有值已依法删除的字段", "Fields of which a value was erased by law"),
    "open_conflicts": ("有未决冲突的字段", "Fields with an open conflict"),
    "created": ("何时何人登记", "When it was made, and by whom"),
    "changed": ("何时何人最近变动", "When it last changed, and by whom"),
    "conflicts": ("并存的值，仅单条记录有", "What stands against what; of a single record"),
    "written": ("各字段何时何人所写，仅单条记录有", "Who wrote each field when; of a single record"),
}
"""What the members of every record say."""


def _record(kind: RecordType, more: Mapping[str, Any]) -> dict[str, Any]:
    told = describe.json_schema(kind)
    fields = told["properties"]["fields"]
    shown = {name: _as_shown(field, fields["properties"][name]) for name, field in shown_fields(kind).items()}
    told["properties"] = {**more, **told["properties"], "fields": {**fields, "properties": shown}}
    told["required"] = list(told["properties"])
    for name, (zh, en) in ENVELOPE.items():
        told["properties"][name] = {**told["properties"][name], "title": en, "x-title-zh": zh}
    return told


def _as_shown(field: Field, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a field's schema as its value leaves the server: masked, and without the key of a file."""
    if field.parts:
        inner = schema.get("items", schema)
        told = {part.name: _as_shown(part, inner["properties"][part.name]) for part in shown_parts(field)}
        inner |= {"properties": told, "required": [name for name in inner["required"] if name in told]}
    if field.masked or field.parts:
        # What is masked has neither its form nor its length, and two of it may look alike.
        inner = schema.get("items", schema)
        for loose in ("pattern", "format", "minLength", "maxLength"):
            inner.pop(loose, None)
        schema.pop("uniqueItems", None)
    schema.pop("writeOnly", None)
    return schema


def _problem() -> dict[str, Any]:
    codes = {
        code: {"status": problems.STATUS.get(code, 400), "meaning": meaning(kind), "next": kind.next}
        for code, kind in sorted(every_refusal().items())
    }
    return {**PROBLEM, "x-codes": codes}


def _security(app: Flask) -> dict[str, Any]:
    return {
        "session": {
            "type": "apiKey",
            "in": "cookie",
            "name": str(app.config["SESSION_COOKIE_NAME"]),
            "description": "The session's cookie, set by POST /api/session.",
            "x-description-zh": "会话的 Cookie，由 POST /api/session 设置。",
        },
        "token": {
            "type": "apiKey",
            "in": "header",
            "name": "X-CSRFToken",
            "description": "The session's token, from GET or POST /api/session.",
            "x-description-zh": "会话令牌，由 GET 或 POST /api/session 取得。",
        },
    }
