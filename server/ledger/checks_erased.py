"""What was erased: the table of digests is what the entries of the kind `erase` lead to, and no line is left."""

from __future__ import annotations

from schemas.wire.erasure import read_erasure
from server.ledger.checks import Scope
from server.storage import erased_store, ledger_store
from sync.erasure import stand_in


def read_erased(scope: Scope) -> None:
    """Read what stands for erased lines out of the entries that erased them, before all else is read with it.

    The table only says which entries to look at: what stands in them is held to their leaves where they are walked
    through, and a line that is in no such entry is missing like any other.
    """
    rows = list(erased_store.everything(scope.connection, scope.ledger.id))
    said: dict[int, dict[str, dict[str, object]]] = {}
    indexes = sorted({row.index for row in rows})
    for at in range(0, len(indexes), ledger_store.PAGE):
        some = indexes[at : at + ledger_store.PAGE]
        found = ledger_store.bodies_at(scope.connection, scope.ledger.id, some)
        for index, line in found.items():
            with scope.guarding("erased", index, "index"):
                change = read_erasure(line)
                order = change.set["order"]
                said[index] = {form["digest"]: {**form, "order": order} for form in change.set["lines"]}
    for row in rows:
        form = said.get(row.index, {}).get(row.digest)
        if form is None:
            scope.note("erased", row.digest, "index", "that entry erased no such line")
            continue
        if {name: part for name, part in form.items() if name != "digest"} != dict(row.form):
            scope.note("erased", row.digest, "form", "differs from the entry that erased it")
        scope.erased[row.digest] = stand_in(form, int(str(form["order"])))
