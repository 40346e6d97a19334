"""Who gets which answer where: one rule for each address, in a file for each room; `vocabulary` has the words.

A new address needs one line in the file of its room here (or in a new file: each is found by itself), such as

    RULES = {"console.complaints": LISTS, "console.complaint": reads("complaint")}

and tests/security/test_access_matrix.py asks for it as everybody.
"""

from __future__ import annotations

import importlib
import pkgutil
from functools import cache

from flask import Flask
from werkzeug.routing import Rule as Address

from tests.security.access.vocabulary import Rule

NO_ROOMS = ("asking", "people", "targets", "vocabulary")


@cache
def rules() -> dict[str, Rule]:
    """Return every rule by what it is about: an endpoint, or `endpoint METHOD` where one takes several."""
    found: dict[str, Rule] = {}
    for module in pkgutil.iter_modules(__path__):
        if module.name in NO_ROOMS:
            continue
        told = importlib.import_module(f"{__name__}.{module.name}").RULES
        twice = sorted(found.keys() & told.keys())
        assert not twice, f"tests/security/access/{module.name}.py rules again what is ruled: {twice}"
        found |= told
    return found


def asked(app: Flask) -> dict[str, list[tuple[Address, str]]]:
    """Return {what a rule must be about: [(address, method)]} of all that an application answers."""
    by_endpoint: dict[str, list[tuple[Address, str]]] = {}
    for rule in app.url_map.iter_rules():
        # OPTIONS tells what is there; where a view answers nothing else, it is told like any other method.
        quiet = {"HEAD", "OPTIONS"} if (rule.methods or set()) - {"HEAD", "OPTIONS"} else set()
        methods = sorted((rule.methods or set()) - quiet)
        if len(methods) > 1:
            methods = [method for method in methods if method != "OPTIONS"]
        by_endpoint.setdefault(rule.endpoint, []).extend((rule, method) for method in methods)
    found: dict[str, list[tuple[Address, str]]] = {}
    for endpoint, ways in by_endpoint.items():
        several = len({method for _, method in ways}) > 1
        for rule, method in ways:
            found.setdefault(f"{endpoint} {method}" if several else endpoint, []).append((rule, method))
    return found
