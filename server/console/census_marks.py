"""Words of a census at the desk."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from schemas.records import encounter
from server.console.marks import Mark, Table, either

FAULTS: Table = {
    "file": Mark(_l("Choose a file: .xlsx, or CSV in UTF-8 or GB18030.")),
    "bad_file": Mark(_l("The file cannot be read as a list.")),
    "too_large": Mark(_l("The file is too large for the desk; it can be imported by the command line.")),
    "institution": Mark(_l("There is no institution of this code in your region.")),
    "wrong_institution": Mark(_l("Most patients of this list are known from another hospital.")),
    "day": Mark(_l("The day of the list is today or a day before.")),
    "seen": Mark(_l("This is not the file that was looked at: look at it first. Nothing was imported.")),
    "bad_rows": Mark(_l("Rows are wrong; nothing was imported.")),
    "changed": Mark(_l("The list changed meanwhile: look at it again. Nothing was imported.")),
}
COLUMNS: Table = {
    **{one.name: Mark(either(one.zh, one.en)) for one in encounter.TYPE.fields},
    "age": Mark(_l("Age")),
    "fixmedins_code": Mark(_l("Institution’s code")),
}
