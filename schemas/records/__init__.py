"""The field: one file per record type; this package only collects them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType

from schemas.declare import RecordType
from sync.rules import TypeRules


def _collect() -> dict[str, RecordType]:
    found: dict[str, RecordType] = {}
    for module in pkgutil.iter_modules(__path__):
        declared = importlib.import_module(f"{__name__}.{module.name}").TYPE
        assert declared.name == module.name, f"{module.name}.py declares {declared.name}"
        found[declared.name] = declared
    return found


TYPES: Mapping[str, RecordType] = MappingProxyType(_collect())
RULES: Mapping[str, TypeRules] = MappingProxyType({name: kind.rules() for name, kind in TYPES.items()})
