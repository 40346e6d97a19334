"""How users and what they did are shown: words, tones and signs by code."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from schemas.records import TYPES, deputation, user
from server.console.marks import OK, PROBLEM, WAITING, Mark, Table, either, stages
from server.console.marks import SIGN_IN_FAULTS as OF_PASSWORDS

STAGES: Table = {
    "": Mark(_l("All")),
    **stages(user.TYPE, {"active": OK, "disabled": ("unknown", "cross")}),
    "waiting": Mark(_l("Invited, has no password yet"), "waiting", "clock"),
}
DEPUTATIONS = stages(deputation.TYPE, {"active": OK, "planned": WAITING, "ended": ("plain", "")})
ACCESSES: Table = {
    "sign_in": Mark(_l("Signed in")),
    "sign_out": Mark(_l("Signed out")),
    "read_file": Mark(_l("Opened an original")),
    "read_derivative": Mark(_l("Looked at a small picture")),
    "read_cipher": Mark(_l("Fetched a file to a phone")),
    "read_late_change": Mark(_l("Read a late change")),
    "invited": Mark(_l("Invited a user")),
    "reset_password": Mark(_l("Reset a password")),
    "chose_password": Mark(_l("Chose a password")),
    "factor_on": Mark(_l("Set up a second factor")),
    "factor_off": Mark(_l("Gave up a second factor")),
    "factor_reset": Mark(_l("Took away a second factor")),
    "codes_renewed": Mark(_l("Renewed the recovery codes")),
    "code_spent": Mark(_l("Spent a recovery code")),
    "passkey_added": Mark(_l("Added a passkey")),
    "passkey_removed": Mark(_l("Removed a passkey")),
    "passkey_doubted": Mark(_l("Was refused: the counter of his passkey went back"), *PROBLEM),
    "sessions_ended": Mark(_l("Ended sessions")),
    "take_table": Mark(_l("Took a table away")),
    "search_person": Mark(_l("Looked for a person")),
    "read_dossier": Mark(_l("Took a dossier away")),
    "read_notice": Mark(_l("Took a notice away")),
    "export_bundle": Mark(_l("Took a bundle away, without personal data")),
    "export_private_bundle": Mark(_l("Took a bundle away, with personal data and originals"), *WAITING),
}
LINE_PROOFS: Table = {
    "ok": Mark(_l("Proven by the ledger, computed now"), *OK),
    "waiting": Mark(_l("Waits for its root, at most ten minutes"), *WAITING),
    "bad": Mark(_l("Does not fit what the ledger says"), *PROBLEM),
}
TYPE_NAMES: Table = {name: Mark(either(kind.zh, kind.en)) for name, kind in TYPES.items()}
SIGN_IN_FAULTS: Table = {
    **OF_PASSWORDS,
    "provider_down": Mark(
        _l("The single sign-on does not answer. Sign in with your password, or try again later.")
    ),
    "sign_on_refused": Mark(_l("The single sign-on proved nobody. Nothing was changed; begin again.")),
    "sign_on_unknown": Mark(
        _l(
            "Nobody who may sign in here is linked to you at the single sign-on. Give an administrator your identifier."
        )
    ),
}
