"""What is checked and under which article, on the phone: fetched by digest, kept encrypted, used without a network."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mobile_stub.kit import Kit
from mobile_stub.trouble import CatalogueDiffers, NoCatalogue, ServerRefused
from mobile_stub.viewing import Shown, show, show_all
from schemas import amounts
from schemas.catalogues import answers, content, searching, wording
from schemas.catalogues.answers import Answer, Standing
from schemas.catalogues.content import Catalogue, Values
from schemas.records.finding import VIOLATIONS
from sync.errors import Malformed, NotCanonical, NotInCatalogue, TooLarge
from sync.merge import VOIDED

NAMED_IN = {"checklist": "checklist_digest", "violation": "violations_digest"}
"""By kind of catalogue, the inspection's field that names its content."""
KEPT = "catalogues"
"""Under which name the journal lists the digests at hand; each content stands under `catalogue <digest>`."""


@dataclass
class Fetched:
    """What a sync brought and dropped; bytes: of what was fetched."""

    catalogues: int = 0
    bytes: int = 0
    dropped: int = 0


# -- syncing ---------------------------------------------------------------------------------------------


def fetch(kit: Kit, done: Fetched) -> None:
    """Fetch what the inspections at hand name and this phone lacks, and drop what none of them names any more.

    One content that cannot be had keeps none of the others; the last trouble is raised when all were tried.
    """
    named = _named(kit)
    kept = set(kit.journal.get(KEPT) or ())
    trouble: Exception | None = None
    for digest in sorted(named - kept):
        try:
            text = _opened(kit.transport.get(f"/v1/catalogues/{digest}").content, digest)
        except (ServerRefused, CatalogueDiffers) as error:
            trouble = error
            continue
        kept.add(digest)
        with kit.journal.transaction():
            kit.journal.put(f"catalogue {digest}", text.decode())
            kit.journal.put(KEPT, sorted(kept))
        done.catalogues += 1
        done.bytes += len(text)
    if gone := kept - named:
        with kit.journal.transaction():
            for digest in gone:
                kit.journal.drop(f"catalogue {digest}")
            kit.journal.put(KEPT, sorted(kept & named))
        done.dropped += len(gone)
    if trouble is not None:
        raise trouble


def _named(kit: Kit) -> set[str]:
    copies = kit.journal.copies("inspection")
    names = [copy.body["values"].get(name) for copy in copies for name in NAMED_IN.values()]
    return {str(name) for name in names if name}


def _opened(text: bytes, digest: str) -> bytes:
    """Return the bytes if they are what the digest names and a catalogue that this app can read."""
    if hashlib.sha256(text).hexdigest() != digest:
        raise CatalogueDiffers
    try:
        content.read(text, digest)
    except (Malformed, NotCanonical, TooLarge) as error:
        raise CatalogueDiffers(f"this app cannot read the catalogue: {error.detail}") from error
    return text


# -- without a network -------------------------------------------------------------------------------------


def frozen(kit: Kit, inspection: Shown, kind: str) -> Catalogue | None:
    """Return the catalogue that is frozen on an inspection; None where it names none, or it was not fetched yet."""
    digest = inspection.values.get(NAMED_IN[kind])
    text = kit.journal.get(f"catalogue {digest}") if digest else None
    return content.read(text.encode(), digest) if text is not None else None


def _needed(kit: Kit, inspection: Shown, kind: str) -> Catalogue:
    found = frozen(kit, inspection, kind)
    if found is None:
        named = inspection.values.get(NAMED_IN[kind])
        raise NoCatalogue("sync once to fetch it" if named else "nothing is frozen on this inspection")
    return found


def violations(kit: Kit, inspection: str, text: str = "") -> Sequence[Values]:
    """Return the violations frozen on an inspection in which every word of `text` stands; raises NoCatalogue."""
    return searching.search(_needed(kit, show(kit.journal, inspection), "violation").rows, text)


def checklist(kit: Kit, inspection: str, text: str = "") -> list[Standing]:
    """Return the items of an inspection's checklist, as all answers that this phone knows leave them.

    text: only items in which every word of it stands; raises NoCatalogue
    """
    found = _needed(kit, show(kit.journal, inspection), "checklist")
    given = [Answer(one.id, one.values["item"], one.values["answer"]) for one in _answers(kit, inspection)]
    wanted = {row["code"] for row in searching.search(found.rows, text)}
    return [one for one in answers.standing(found, given) if one.row["code"] in wanted]


def _answers(kit: Kit, inspection: str) -> list[Shown]:
    known = show_all(kit.journal, "checklist_answer")
    return [one for one in known if one.values.get("inspection") == inspection and one.life != VOIDED]


def own_answer(kit: Kit, inspection: str, item: str) -> str | None:
    """Return the record of this officer's own answer to an item, None before there is one.

    Raises NoCatalogue, NotInCatalogue for an item that the frozen checklist does not have.
    """
    if _needed(kit, show(kit.journal, inspection), "checklist").row(item) is None:
        raise NotInCatalogue(f"the frozen checklist has no item {item}", field="item")
    given = (one for one in _answers(kit, inspection) if one.values["item"] == item)
    return next((one.id for one in given if _mine(kit, one)), None)


def _mine(kit: Kit, one: Shown) -> bool:
    copy = kit.journal.copy(one.id)
    return copy is None or copy.body["created_by"] == kit.identity.user


def finding(
    kit: Kit, inspection: Shown, values: Mapping[str, Any], places: Mapping[str, str]
) -> dict[str, Any]:
    """Return a finding's values with article and wording from the frozen catalogue, where they were not given.

    places: what to write into the wording besides what the inspection tells, by name
    Raises NotInCatalogue for a code that the catalogue does not have; one that was not fetched yet judges nothing.
    """
    code = str(values["violation_code"])
    found = frozen(kit, inspection, "violation")
    if found is None:
        if not inspection.values.get(NAMED_IN["violation"]) and code not in VIOLATIONS:
            raise NotInCatalogue(f"{code} is no violation that is built in", field="violation_code")
        return dict(values)
    row = found.row(code)
    if row is None:
        raise NotInCatalogue(f"the frozen catalogue has no violation {code}", field="violation_code")
    filled = {name: value for name, value in values.items() if value is not None}
    day = str(inspection.values["planned_on"])
    article = wording.basis(row, day)
    if article is not None and "legal_basis" not in filled:
        filled |= {"legal_basis": article["code"], "legal_basis_on": article["in_force_from"]}
    if "facts" not in filled:
        filled["facts"] = wording.facts(row, {**_places(kit, inspection, filled), **places})
    return filled


def _places(kit: Kit, inspection: Shown, values: Mapping[str, Any]) -> dict[str, str]:
    """Return what the phone knows that a wording asks for."""
    copy = kit.journal.copy(str(inspection.values.get("institution")))
    known = {
        "institution": str(copy.body["values"].get("name", "")) if copy else "",
        "day": str(inspection.values.get("planned_on", "")),
        "person": "、".join(values.get("persons", ())),
        "amount": amounts.write_yuan(values["amount_fen"]) if values.get("amount_fen") is not None else "",
    }
    return {name: text for name, text in known.items() if text}
