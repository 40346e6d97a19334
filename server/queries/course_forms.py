"""The forms of steps: their fields as a page shows them, and what was typed into them as values."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from schemas.declare import Field
from server.casework.courses import Asked, Course, Step
from server.console.pages.courses import FormField
from server.console.pages.registers import Choice
from server.console.typed import YES, value_of
from server.queries.narrowing import region_choices
from server.queries.reading import Reading
from sync.errors import BadValue
from sync.merge import Record

BETWEEN = ","
TYPED = ("institution", "user")
"""What is named in a form by its code or login; anything else that is named stands in the form's address."""
MOMENT = "%Y-%m-%dT%H:%M"


def form_fields(
    reading: Reading,
    course: Course,
    step: Step,
    typed: Mapping[str, str],
    record: Record | None,
    fault: tuple[str, str],
) -> tuple[FormField, ...]:
    """Return the fields of a step's form with what was typed, or what stands; fault: (field, words)."""
    return tuple(
        _field(reading, each, typed, record, fault)
        for each in course.asked(step)
        if each.field.kind != "id" or each.field.ref in TYPED
    )


def _field(
    reading: Reading,
    asked: Asked,
    typed: Mapping[str, str],
    record: Record | None,
    fault: tuple[str, str],
) -> FormField:
    field, zh = asked.field, reading.locale == "zh_CN"
    stands = record.values.get(field.name) if record is not None and not asked.group else None
    value = typed.get(field.name, _words(reading, field, stands))
    chosen = value.split(BETWEEN) if field.many else [value]
    return FormField(
        name=field.name,
        label=field.zh if zh else field.en,
        kind=field.kind,
        value=value,
        choices=_choices(reading, field, chosen),
        many=field.many and bool(field.choices),
        wanted=asked.wanted,
        unit=field.unit or "",
        chars_max=field.chars_max,
        fault=fault[1] if fault[0] == field.name else "",
    )


def _choices(reading: Reading, field: Field, chosen: list[str]) -> tuple[Choice, ...]:
    """Return what may be chosen: the words of a choice, the regions in which the reader has an office."""
    if field.kind == "code" and field.form == "region":
        return region_choices(reading, chosen[0])
    zh = reading.locale == "zh_CN"
    return tuple(
        Choice(value=word, words=words[0] if zh else words[1], active=word in chosen)
        for word, words in field.choices.items()
    )


def _words(reading: Reading, field: Field, value: Any) -> str:
    """Return a value as it stands in a form."""
    if value is None or value is False or field.masked or field.parts:
        return ""
    if field.many:
        return BETWEEN.join(str(each) for each in value)
    if field.kind == "fen":
        return f"{value // 100}.{value % 100:02d}"
    if field.kind == "flag":
        return YES
    if field.kind == "instant":
        zone = reading.services.config.zone
        return datetime.fromtimestamp(value / 1000, zone).strftime(MOMENT)
    return "" if field.ref == "user" else str(value)


def given_of(
    course: Course, step: Step, form: Any, zone: ZoneInfo, find: Callable[[Field, str], str]
) -> dict[str, Any]:
    """Return what was typed into a step's form as values; raises BadValue by the field's name.

    form: of the request; find: the id of what is named in words, such as a user by his login
    """
    found: dict[str, Any] = {}
    for asked in course.asked(step):
        field = asked.field
        texts = [text.strip() for text in form.getlist(field.name) if text.strip()]
        if not texts:
            continue
        members = [_value(field, text, zone, find) for text in _parted(field, texts)]
        found[field.name] = members if field.many else members[0]
    return found


def _parted(field: Field, texts: list[str]) -> list[str]:
    """Return the members that were typed: of a set without words to choose from they stand side by side."""
    if not field.many or field.choices:
        return texts
    return [part.strip() for text in texts for part in text.replace("，", ",").split(",") if part.strip()]


def _value(field: Field, text: str, zone: ZoneInfo, find: Callable[[Field, str], str]) -> Any:
    if field.kind == "id":
        return find(field, text)
    if field.kind == "day":
        try:
            return date.fromisoformat(text).isoformat()
        except ValueError as error:
            raise BadValue("a day is written 2026-11-17", field=field.name) from error
    if field.kind == "instant":
        try:
            return int(datetime.strptime(text, MOMENT).replace(tzinfo=zone).timestamp() * 1000)
        except ValueError as error:
            raise BadValue("a time is written 2026-11-17T09:30", field=field.name) from error
    if field.choices and text not in field.choices:
        raise BadValue("there is no such word", field=field.name)
    return value_of(field, text)
