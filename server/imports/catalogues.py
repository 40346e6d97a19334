"""A catalogue from a file: CSV, a spreadsheet or JSON, or one that the program brings along; one ledger entry.

The entry commits to the digest of the content, which is stored line by line in the same transaction. A
version is never changed: what differs is a new version.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from schemas.catalogues import choosing, content, shipped
from schemas.catalogues.choosing import Listed
from schemas.catalogues.content import Catalogue, ContentFault
from schemas.drafting import Draft
from server.catalogues import holding
from server.imports.catalogue_columns import COLUMNS, row_of
from server.imports.cells import headings, translate
from server.imports.progress import Progress, unnoticed
from server.imports.table import FILE_BYTES_MAX, BadFile, BadRows, RowFault, read
from server.imports.words import chinese
from server.storage import catalogue_store
from sync.errors import BadValue, NotInCatalogue, Refusal, TooLarge

if TYPE_CHECKING:
    from sqlalchemy import Connection

    from server.commit.submission import Result
    from server.wiring import Services

SHIPPED = "shipped:"
"""Before the name of a catalogue that the program brings along, in the place of a file."""
RECORDED = ("kind", "code", "version", "region", "valid_from", "valid_until", "demonstration")
"""What of the header stands in the catalogue's record too."""
Header = Mapping[str, Any]


class CatalogueExists(Refusal):
    """This version of the catalogue is in the ledger already, with another content."""

    code = "catalogue_exists"
    next = "Give the new content a new version; what was frozen under the old one must stay what it was."


@dataclass(frozen=True, slots=True)
class CatalogueReport:
    """What the import of a catalogue did; index: its ledger entry, None where this content was there already.

    left_out: columns of the file that nobody asked for
    """

    kind: str
    code: str
    version: str
    region: str | None
    digest: str
    file: str
    rows: int
    left_out: tuple[str, ...]
    index: int | None

    def json(self) -> dict[str, Any]:
        """Return the report as JSON."""
        return asdict(self)

    def text(self) -> list[str]:
        """Return the report in lines."""
        told = [
            f"catalogue {self.kind} {self.code} {self.version}",
            f"region    {self.region or 'everywhere'}",
        ]
        told += [f"rows      {self.rows}", f"digest    {self.digest}"]
        if self.left_out:
            told.append(f"left out  columns {', '.join(self.left_out)}")
        return [*told, f"entry     {'none: it is there already' if self.index is None else self.index}"]


@dataclass(frozen=True, slots=True)
class _Given:
    """What a file says: header, rows with the line of each, the file's digest, columns that nobody asked for."""

    header: Header
    rows: Sequence[Header]
    lines: Sequence[int]
    file: str
    left_out: tuple[str, ...] = ()
    faults: tuple[RowFault, ...] = ()


def import_catalogue(
    services: Services,
    source: str | Path,
    options: Header,
    progress: Progress = unnoticed,
    *,
    sheet: str | None = None,
) -> CatalogueReport:
    """Bring a catalogue into the ledger as one entry: all of its rows, or none.

    source: a file (.csv, .xlsx, .json) or shipped:NAME; options: members of the header, which win over the file's
    The same content again is left as it is. Raises BadFile, BadRows, BadValue (the header), TooLarge,
    NotFound, CatalogueExists, or the Refusal that the commit met.
    """
    given = _read(source, options, sheet)
    progress("check", 0, len(given.rows))
    with services.database.reading() as connection:
        vault = services.vault.session(connection, services.ledger.id)
        known = holding.listed(connection, vault)
        made = _made(given, lambda: _violations(connection, services.ledger.id, given.header, known))
    progress("check", len(given.rows), len(given.rows))
    there = _version([one for one in known if one.index != choosing.SHIPPED], made)
    return CatalogueReport(
        kind=made.kind,
        code=str(made.header["code"]),
        version=str(made.header["version"]),
        region=made.header.get("region"),
        digest=made.digest,
        file=given.file,
        rows=len(made.rows),
        left_out=given.left_out,
        index=_submit(services, made, given.file, progress) if there is None else None,
    )


# -- reading -----------------------------------------------------------------------------------------------


def _read(source: str | Path, options: Header, sheet: str | None) -> _Given:
    named = str(source)
    if named.startswith(SHIPPED):
        found = shipped.named(named.removeprefix(SHIPPED))
        return _of_body({**found.header, "rows": found.rows}, options, found.digest)
    path = Path(source)
    if path.suffix.lower() == ".json":
        if path.stat().st_size > FILE_BYTES_MAX:
            raise TooLarge(f"the file has more than {FILE_BYTES_MAX} bytes")
        raw = path.read_bytes()
        try:
            body = json.loads(raw.decode("utf-8-sig"))
        except (ValueError, RecursionError) as error:
            raise BadFile("the file is not JSON in UTF-8") from error
        return _of_body(body, options, hashlib.sha256(raw).hexdigest())
    return _of_table(path, options, sheet)


def _of_body(body: Any, options: Header, file: str) -> _Given:
    rows = body.get("rows") if isinstance(body, dict) else None
    if not isinstance(rows, list | tuple) or not all(isinstance(row, dict) for row in rows):
        raise BadFile(
            "a catalogue in JSON is an object with a header's members and `rows`, a list of objects"
        )
    header = {name: value for name, value in body.items() if name not in ("rows", "v")}
    return _Given({**header, **options}, rows, range(1, len(rows) + 1), file)


def _of_table(path: Path, options: Header, sheet: str | None) -> _Given:
    kind = options.get("kind")
    if kind not in COLUMNS:
        raise BadValue(f"a table needs --kind, one of {', '.join(COLUMNS)}", field="kind")
    columns = COLUMNS[str(kind)]
    table = read(path, headings(columns), sheet=sheet, rows_max=content.ROWS_MAX)
    rows, places, faults = [], [], []
    for row in table.rows:
        values, wrong = translate(row, columns)
        faults += wrong
        if not wrong:
            rows.append(row_of(values))
            places.append(row.line)
    return _Given(options, rows, places, table.digest, table.left_out, tuple(faults))


# -- judging -----------------------------------------------------------------------------------------------


def _made(given: _Given, violations: Callable[[], Catalogue | None]) -> Catalogue:
    """Return the content; raises BadValue for the header, BadRows that names every row.

    violations: returns the catalogue whose codes the items of a checklist may look for
    """
    if not given.rows and not given.faults:
        raise BadFile("the file has no rows")
    wrong = content.faults(given.header, given.rows) if given.rows else []
    for fault in wrong:
        if fault.place is None:
            raise BadValue(f"{fault.member}: {fault.detail}", field=fault.member)
    if not wrong and given.header["kind"] == "checklist":
        wrong = _unknown_violations(given.rows, violations())
    faults = [*given.faults, *(_row_fault(given, fault) for fault in wrong)]
    if faults:
        rows = len(given.rows) + len({fault.line for fault in given.faults})
        raise BadRows(sorted(faults, key=lambda fault: fault.line), rows)
    return content.write(given.header, given.rows)


def _row_fault(given: _Given, fault: ContentFault) -> RowFault:
    words = chinese(fault.code, fault.detail)
    return RowFault(given.lines[fault.place or 0], fault.member, fault.code, fault.detail, words)


def _violations(
    connection: Connection, ledger: int, header: Header, known: Sequence[Listed]
) -> Catalogue | None:
    """Return the violation catalogue that holds where and when a checklist begins to, None where there is none."""
    region, day = header.get("region"), str(header.get("valid_from"))
    # What holds everywhere may rest only on what holds everywhere.
    here = [one for one in known if region or one.region is None]
    found = choosing.violations(here, region=str(region or ""), day=day)
    return holding.carried(connection, ledger, found.digest) if found else None


def _unknown_violations(rows: Sequence[Header], known: Catalogue | None) -> list[ContentFault]:
    """Return the items that look for a violation which the violation catalogue does not have."""
    if known is None:
        return []
    codes = {row["code"] for row in known.rows}
    detail = "the violation catalogue that holds there has no such code"
    return [
        ContentFault(place, "violation_code", NotInCatalogue.code, detail)
        for place, row in enumerate(rows)
        if "violation_code" in row and row["violation_code"] not in codes
    ]


def _version(known: Sequence[Listed], made: Catalogue) -> Listed | None:
    """Return the catalogue of this very content, None if it is new; raises CatalogueExists."""
    for one in known:
        if one.digest == made.digest:
            return one
        same = all(
            one.header.get(name) == made.header.get(name) for name in ("kind", "code", "region", "version")
        )
        if same:
            raise CatalogueExists(f"{one.code} {one.header['version']} holds as {one.digest[:16]}")
    return None


# -- committing --------------------------------------------------------------------------------------------


def _submit(services: Services, made: Catalogue, file: str, progress: Progress) -> int:
    from server.commit.acts import act, new_id

    def keep(connection: Connection, _: Result) -> None:
        catalogue_store.keep(connection, services.ledger.id, made)

    values = {name: made.header[name] for name in RECORDED if name in made.header}
    values |= {"digest": made.digest, "file": file, "rows": len(made.rows), "size": len(made.text)}
    progress("commit", 0, len(made.rows))
    draft = Draft("create", "catalogue", new_id(services), values)
    result = act(services, [draft], kind="setting", after=keep)
    progress("commit", len(made.rows), len(made.rows))
    return result.first
