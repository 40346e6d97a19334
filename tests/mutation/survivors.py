"""Mutants that no test notices, each with the reason why none can: keyed by module, function, and the change itself."""

from __future__ import annotations

Change = tuple[str, str, str, str]
"""Module, function, the line as it is, the line as the mutant has it."""

REASONS: dict[Change, str] = {}
