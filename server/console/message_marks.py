"""How messages are shown: states, channels, what is wrong and how it is mended, by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from schemas.records import reminder
from server.console.marks import DELIVERIES, WAITING, Mark, Table, choices

STATES: Table = {
    "": Mark(_l("All")),
    "dead": Mark(_l("Wants your look"), "problem", "alert"),
    **DELIVERIES,
    "sending": Mark(_l("Being sent"), *WAITING),
}
MENDINGS = choices(reminder.MENDINGS)
DO: Table = {
    "resent": Mark(_l("Send it again"), "plain", "mail"),
    "arrived": Mark(_l("It has arrived"), "plain", "tick"),
    "given_up": Mark(_l("Give it up"), "plain", "cross"),
}
WRONG: Table = {
    "address": Mark(_l("There is no address that this channel can use. Correct it, then send again.")),
    "refused_address": Mark(
        _l("The provider says that the address does not exist or takes nothing. Correct it, then send again.")
    ),
    "undelivered": Mark(
        _l(
            "The gateway took the text, but the phone did not get it. Ask for another number, then send again."
        )
    ),
    "refused": Mark(
        _l(
            "The provider refused the message for good, or for three working days. Ask its operator, then send again."
        )
    ),
    "silent": Mark(
        _l(
            "The provider had the message and did not answer. Ask whether it has arrived before you send it again."
        )
    ),
    "interrupted": Mark(
        _l("A scheduler was ended while it sent this. Ask whether it has arrived before you send it again.")
    ),
    "restored": Mark(
        _l("A backup was restored while this waited. Ask whether it has arrived before you send it again.")
    ),
}
SUPERSEDED: Table = {
    "closed": Mark(_l("the case was closed")),
    "due_changed": Mark(_l("the deadline was changed")),
    "higher_rung": Mark(_l("a later message took its place")),
    "not_addressed": Mark(_l("nobody is reached this way any more")),
}
FAULTS: Table = {
    "bad_value": Mark(_l("Say why, in 2 to 500 characters.")),
    "bad_transition": Mark(
        _l("That is not possible any more: see its state, or whether a later message took its place.")
    ),
    "version_changed": Mark(_l("Somebody else has just mended it.")),
}
