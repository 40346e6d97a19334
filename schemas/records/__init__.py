"""The field: one file per record type; this package only collects them."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Mapping
from types import MappingProxyType, ModuleType

from schemas.declare import RecordType
from sync.rules import TypeRules


def _collect() -> dict[str, ModuleType]:
    found: dict[str, ModuleType] = {}
    for file in pkgutil.iter_modules(__path__):
        module = importlib.import_module(f"{__name__}.{file.name}")
        assert module.TYPE.name == file.name, f"{file.name}.py declares {module.TYPE.name}"
        found[file.name] = module
    return found


_MODULES = _collect()
TYPES: Mapping[str, RecordType] = MappingProxyType({name: file.TYPE for name, file in _MODULES.items()})
RULES: Mapping[str, TypeRules] = MappingProxyType({name: kind.rules() for name, kind in TYPES.items()})
SUMMARIES: Mapping[str, str] = MappingProxyType(
    {name: (file.__doc__ or "").strip().split("\n\n")[0] for name, file in _MODULES.items()}
)
"""What each file says of its type in its first words."""
