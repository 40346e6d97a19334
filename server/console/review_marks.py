"""What the codes of the review of evidence look like: levels and grounds of risk, orders, ages."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from server.console.marks import BED_FLAGS, PROBLEM, WAITING, Mark, Table

RISKS: Table = {
    "high": Mark(_l("High risk"), *PROBLEM),
    "some": Mark(_l("Some risk"), *WAITING),
    "none": Mark(_l("No risk noticed")),
}
GROUNDS: Table = {
    **BED_FLAGS,
    "file_corrupt": Mark(_l("File altered"), *PROBLEM),
    "file_missing": Mark(_l("File not here yet"), *WAITING),
    "conflict": Mark(_l("Open conflict"), "problem", "split"),
    "late_capture": Mark(_l("Arrived more than a day after it was captured"), *WAITING),
    "no_second_officer": Mark(_l("No second officer"), *WAITING),
}
SORTS: Table = {
    "age": Mark(_l("Waiting longest first")),
    "risk": Mark(_l("Highest risk first")),
    "newest": Mark(_l("Newest first")),
}
AGES: Table = {
    "1": Mark(_l("waiting for 1 day or more")),
    "3": Mark(_l("waiting for 3 days or more")),
    "7": Mark(_l("waiting for 7 days or more")),
}
