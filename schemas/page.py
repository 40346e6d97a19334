"""docs/records.md: every record type in words, so that a stranger can write a client.

What stands at the top (kinds, merge rules, roles) is said once here; all else comes from the declarations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from schemas.declare import MEMBERS_MAX, PARTS_MAX, Field, Need, RecordType, Right
from schemas.records import SUMMARIES
from schemas.records.user import ROLES
from schemas.values import FORMS
from sync.rules import APPEND, REVIEW, SERVER_ONLY, SERVER_ORDER, STAGE, UNION, FieldRule

KINDS: Mapping[str, str] = {
    "choice": "one of the words listed below the table; a word is never renamed",
    "code": "a token of 1 to 64 letters, digits, `_`, `.`, `-`, `/`, or a code of the form named",
    "id": "the id of a record, a lower-case UUID; the table says of which type, `any` of every type",
    "digest": "a SHA-256, 64 lower-case hex digits",
    "key": "key material, base64url without padding",
    "day": "a day of the region's calendar, `YYYY-MM-DD`, from 1900 to 2100",
    "instant": "a point in time, Unix milliseconds in UTC",
    "integer": "a whole number",
    "fen": "an amount of money, a whole number of fen",
    "position": '`{"lat_e7", "lon_e7"` in 1e-7 degrees, `"accuracy_m"` in metres, `"provider"`: `gps`, `network`, '
    '`fused` or `none`, `"mock"`: true or false`}`, all required',
    "flag": "true or false",
    "text": "free text in any language; always private",
    "group": "an object of the parts listed below the table; a part that is not required may be left out",
}
MERGES: Mapping[str, str] = {
    REVIEW: "two values that did not know of each other open a conflict; a person decides by a `resolve`",
    UNION: "a set, written by `add` and `remove`: what two writers add both stands, a remove ends what it knew of",
    APPEND: "a list of events, written by `add`: nothing that was added goes away",
    STAGE: "a step `{from, to}` along the edges listed; of two that race the one further along the forward edges "
    "stands, else a person decides",
    SERVER_ORDER: "the last in the ledger stands",
    SERVER_ONLY: "the server alone writes it, or a person by a `resolve`",
}
TEAM: Mapping[str, tuple[str, str]] = {
    "member": ("检查组成员", "whom the inspection names among its members"),
    "lead": ("检查组长", "whom the inspection names as its lead"),
    "machine": ("系统", "the server itself"),
}
SELF = "self"
STAR = "\\*"
"""An asterisk that Markdown shows as one."""


def markdown(types: Iterable[RecordType]) -> str:
    """Return the page that describes these record types."""
    known = list(types)
    parts = [_top(known), *(_section(kind) for kind in known)]
    return "\n".join(parts)


# -- the top ---------------------------------------------------------------------------------------


def _top(types: list[RecordType]) -> str:
    roles = {**{name: (zh, f"a user's role over a region: {en}") for name, (zh, en) in ROLES.items()}, **TEAM}
    return f"""# Record types

Generated from `schemas/records/` by `python -m schemas --write`; a test holds it fresh. How a change travels,
how it is judged and merged stands in [protocol.md](protocol.md); this page says what may be in it.

A record is made by a `create`, which sets at least its required fields (marked \\*), and then moved by `edit`,
`void`, `restore` and `resolve`. A plain field is written by `set`, a set or list by `add` and `remove` (at most
{MEMBERS_MAX:,} values at a time). A private field travels in the private line of its kind, `person` or `file_key`,
every other in the change itself. Nothing is ever null: what is not known is left out.

Types: {", ".join(f"[`{kind.name}`](#{kind.name})" for kind in types)}.

## Kinds of values

{_definitions(KINDS)}

Codes of a form are sent in their normal form: no blanks, no full-width characters, letters as in the pattern.

| Form | | What it is |
|---|---|---|
{_rows([f"`{name}`", form.zh, form.en] for name, form in FORMS.items())}

A code matches the pattern of its form as a whole; check characters and regions are judged besides.

{_fenced(f"{name:10} {form.pattern}" for name, form in FORMS.items())}

## Merge rules

{_definitions(MERGES)}

## Roles

A phone acts by the roles that an inspection gives its team, never by those over a region. A role over a region
holds for all that lies in it; that of an `institution_user` for the user's own institution alone.

| Role | | Who has it |
|---|---|---|
{_rows([f"`{name}`", zh, en] for name, (zh, en) in roles.items())}

"At" after roles names the stages in which they may: `root` is the stage of the record's scope root, as a rule
the inspection; `own` that of the record itself, before the change. The stages that count are those at the ledger
position where the phone stood and those at the head. `own: nowhere` says: written by the create and never again.
"""


def _definitions(words: Mapping[str, str]) -> str:
    return "\n".join(f"- `{name}`: {meaning}." for name, meaning in words.items())


# -- one type --------------------------------------------------------------------------------------


def _section(kind: RecordType) -> str:
    rules = kind.rules()
    fields = list(kind.by_name.values())
    rows = (_field_row(field, rules.fields[field.name], kind) for field in fields)
    parts = [
        f"## {kind.name}",
        f"**{kind.zh} · {kind.en}.** {SUMMARIES.get(kind.name, '')}".strip(),
        "\n".join(_facts(kind)),
        "| Field | Label | Value | Private | Merge | In the create | Afterwards |\n"
        "|---|---|---|---|---|---|---|\n" + _rows(rows),
        *(_choices(field) for field in fields if field.choices and field.merge != STAGE),
        *(_group(field) for field in fields if field.parts),
    ]
    if kind.stages:
        parts.append(_machine(kind))
    return "\n\n".join(parts) + "\n"


def _facts(kind: RecordType) -> list[str]:
    facts = [_scope(kind)]
    if kind.natural_key is not None:
        space = "in the ledger" if kind.scope == SELF else "in its scope root"
        facts.append(
            f"Natural key: `{kind.natural_key}`, one record {space}; of two the later id gets a conflict over `alias`."
        )
    facts.append(
        f"May: create {_right(kind.create)}; void and restore {_right(kind.void)}; "
        f"resolve {_right(kind.resolve)}."
    )
    for narrow in kind.narrow:
        names = ", ".join(f"`{name}`" for name in kind.by_name if name in narrow.fields)
        wanted = ", ".join(f"`{name}`" for name in kind.by_name if name in narrow.wants)
        wants = f", {wanted} among them" if wanted else ""
        facts.append(f"May create it with no other fields than {names}{wants}: {_right(narrow.right)}.")
    facts.append("Phones get it by the feed." if kind.synced else "Never sent to a phone.")
    waiting = [f"`{field.name}`" for field in kind.by_name.values() if field.waits]
    if waiting:
        facts.append(f"Held until what it names has arrived: {', '.join(waiting)}.")
    facts += [f"A create: {_need(need)}." for need in kind.needs]
    return [f"- {fact}" for fact in facts]


def _scope(kind: RecordType) -> str:
    if kind.scope_else is not None:
        other = (
            f"a scope root whose region is that of its `{kind.region_from}`"
            if kind.scope_else == SELF
            else f"where its `{kind.scope_else}` lies"
        )
        return f"Lies where its `{kind.scope}` lies, or, made without one, {other}; for ever."
    if kind.scope != SELF:
        return f"Lies where its `{kind.scope}` lies, for ever."
    if kind.region_from is not None:
        return f"A scope root; its region is that of its `{kind.region_from}`, for ever."
    return "A scope root" + ("; its region is the one it is made with." if "region" in kind.by_name else ".")


def _need(need: Need) -> str:
    words = ", ".join(f"`{str(word).lower() if isinstance(word, bool) else word}`" for word in need.words)
    names = (" or " if need.any_of else " and ").join(f"`{name}`" for name in need.names)
    return f"where `{need.name}` is {words}, {names} must be set too"


def _field_row(field: Field, rule: FieldRule, kind: RecordType) -> list[str]:
    after = "by the edges below" if field.merge == STAGE else _right(rule.right)
    if field.name in (kind.scope, kind.region_from):
        after = "never: it says where the record lies"
    return [
        f"`{field.name}`{STAR if field.required else ''}",
        f"{field.zh} · {field.en}",
        _value(field),
        f"`{field.private}`" if field.private else "",
        f"`{field.merge}`",
        _roles(kind.at_create(field.name)),
        after,
    ]


def _value(field: Field) -> str:
    words = [{UNION: "set of ", APPEND: "list of "}.get(field.merge, "") + f"`{field.kind}`"]
    if field.ref:
        words.append(f"of `{field.ref}`")
    if field.form:
        words.append(f"form `{field.form}`")
    if field.low is not None and field.high is not None:
        words.append(f"{field.low:,} to {field.high:,}")
    if field.chars_max is not None:
        words.append(f"1 to {field.chars_max:,} characters")
    if field.unit and field.unit != field.kind:
        words.append(f"in {field.unit}")
    if field.masked:
        words.append("shown by its ends alone")
    if field.default is not None:
        words.append(f"read as `{field.default}` while nobody has written it")
    return ", ".join(words)


def _choices(field: Field) -> str:
    words = "; ".join(f"`{word}` {zh} · {en}" for word, (zh, en) in field.choices.items())
    return f"`{field.name}`: {words}."


def _group(field: Field) -> str:
    rows = (
        [
            f"`{part.name}`{STAR if part.required else ''}",
            f"{part.zh} · {part.en}",
            _value(part) + (f", 1 to {PARTS_MAX}" if part.many else ""),
        ]
        for part in field.parts
    )
    head = f"Parts of `{field.name}`:\n\n| Part | Label | Value |\n|---|---|---|\n{_rows(rows)}"
    words = [_choices(part) for part in field.parts if part.choices]
    needs = [f"In `{field.name}`: {_need(need)}." for need in field.needs]
    return "\n\n".join([head, *words, *needs])


def _machine(kind: RecordType) -> str:
    stages = " · ".join(f"`{stage.name}` {stage.zh} {stage.en}" for stage in kind.stages)
    rows = (
        [
            f"`{edge.source}`",
            f"`{edge.target}`",
            "forward" if edge.forward else "back",
            _right(edge.right),
        ]
        for edge in kind.edges
    )
    return (
        f"Stages, the first being where a record starts: {stages}.\n\n"
        f"| From | To | | By |\n|---|---|---|---|\n{_rows(rows)}"
    )


# -- words -----------------------------------------------------------------------------------------


def _right(right: Right) -> str:
    stages = []
    for name, some in (("root", right.root_in), ("own", right.own_in)):
        if some is not None:
            stages.append(f"{name}: {', '.join(f'`{stage}`' for stage in sorted(some)) or 'nowhere'}")
    at = f" at {'; '.join(stages)}" if stages and right.roles else ""
    return _roles(right.roles) + at + (f", unless `{right.unless}` is set" if right.unless else "")


def _roles(roles: Iterable[str]) -> str:
    return ", ".join(f"`{role}`" for role in sorted(roles)) or "nobody"


def _rows(rows: Iterable[list[str]]) -> str:
    return "\n".join("| " + " | ".join(cell or " " for cell in row) + " |" for row in rows)


def _fenced(lines: Iterable[str]) -> str:
    return "\n".join(["```", *lines, "```"])


__all__ = ["KINDS", "MERGES", "TEAM", "markdown"]
