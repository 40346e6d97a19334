"""Refusals told to people: what happened, what was kept, what to do, in the reader's language.

By the stable codes of `sync.errors`. A code that is not here gets the last words of all, with its own
code below them, so a new refusal is never shown as a stack of English.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _l

from sync.errors import Refusal

UNDECIDED = _l("Nothing was decided and nothing was changed.")
UNCHANGED = _l("Nothing was changed; everything that was stored is still there.")


@dataclass(frozen=True)
class Told:
    """A refusal in words; becomes strings of the reader's language when it is rendered."""

    happened: LazyString | str
    kept: LazyString | str = UNCHANGED
    next: LazyString | str = ""


TOLD: Mapping[str, Told] = {
    "sign_in_required": Told(
        _l("This needs somebody who is signed in"), UNCHANGED, _l("Sign in, then ask again.")
    ),
    "wrong_password": Told(
        _l("User name and password do not fit together"),
        UNCHANGED,
        _l("Check both. After five failures the account rests for 15 minutes."),
    ),
    "assertion_wanted": Told(
        _l("This decision is to be signed with your passkey"),
        UNDECIDED,
        _l("Decide again on the page, in a browser with scripts; it asks for your passkey by itself."),
    ),
    "assertion_unfit": Told(
        _l("What your passkey signed is not this decision"),
        UNDECIDED,
        _l("The item has changed meanwhile, or something else was signed. Look at it again, then decide."),
    ),
    "proof_wanted": Told(
        _l("This session has stood open for a while: prove again who you are"),
        UNCHANGED,
        _l("Confirm with your password or a passkey at My account, then go on."),
    ),
    "wrong_code": Told(
        _l("The code is not right, or was used already"),
        UNCHANGED,
        _l("Wait for the next code. After five failures the second factor rests for 15 minutes."),
    ),
    "unknown_filter": Told(
        _l("The list cannot be narrowed by a word of this name"),
        UNCHANGED,
        _l("Use the words that the description of the programming interface names."),
    ),
    "idempotency_key_reused": Told(
        _l("This key was used for another request before"),
        UNCHANGED,
        _l("Make a new key for a new request."),
    ),
    "request_in_progress": Told(
        _l("The same request is still being worked on"),
        _l("It is carried out once."),
        _l("Wait a moment, then send the same request again."),
    ),
    "version_changed": Told(
        _l("This item changed while you were looking at it"),
        UNDECIDED,
        _l("Look at the new version, then decide."),
    ),
    "own_work": Told(
        _l("You made this item, or belong to its inspection"),
        UNDECIDED,
        _l("Leave it to a supervisor who was not part of the inspection."),
    ),
    "recused": Told(
        _l("You are recused from this institution or inspection"),
        UNDECIDED,
        _l("Leave it to a colleague. A supervisor or an administrator of the region can lift the recusal."),
    ),
    "not_allowed": Told(
        _l("Your role or region does not include this"),
        UNDECIDED,
        _l("Ask the supervisor in charge, or an administrator to change your role."),
    ),
    "officer_unfit": Told(
        _l("An officer may not go on this inspection"),
        UNDECIDED,
        _l("Look at the certificates and recusals of its officers; send another, or choose another day."),
    ),
    "file_corrupt": Told(
        _l("The stored file is not what was signed at capture"),
        _l("Nothing was decided. The record and its ledger entry are untouched."),
        _l("Do not decide on this item. Tell an administrator: the file must be restored from a backup."),
    ),
    "file_erased": Told(
        _l("The key of this file was erased by law"),
        _l("Its digests and its ledger entries are there, and prove what was captured."),
        _l("Nobody can open the file any more."),
    ),
    "file_unverified": Told(
        _l("The file has not arrived completely"),
        UNDECIDED,
        _l("Wait until the phone has uploaded it, or ask the inspector to sync."),
    ),
    "storage_down": Told(
        _l("The store of files does not answer"),
        UNCHANGED,
        _l("Try again in a minute. If it happens again, tell an administrator."),
    ),
    "bad_proof": Told(
        _l("The ledger does not prove this item"),
        UNDECIDED,
        _l("Do not use this item. Tell an administrator to run the full audit."),
    ),
    "number_taken": Told(
        _l("Others signed off at the same moment and took the number"),
        UNDECIDED,
        _l("Sign off again: the next free number is given."),
    ),
    "not_fit_to_close": Told(
        _l("The case lacks what a closing wants"),
        UNDECIDED,
        _l(
            "What is missing is named below. Return the report with its reason, or settle it and verify again."
        ),
    ),
    "bad_transition": Told(
        _l("The item is no longer at a stage that allows this"),
        UNDECIDED,
        _l("Look at its present stage; somebody may have decided already."),
    ),
    "undo_expired": Told(
        _l("The minute in which a review can be taken back is over"),
        UNDECIDED,
        _l("The review stands. Void the item with a reason if it must not count."),
    ),
    "built_upon": Told(
        _l("Something has been built on this review meanwhile"),
        UNDECIDED,
        _l("The review stands. Look at what refers to the item before you go on."),
    ),
    "not_all": Told(
        _l("Not all of the chosen items can be decided on"),
        UNDECIDED,
        _l("Go back, leave out what cannot be decided on, and send the rest again."),
    ),
    "conflict_open": Told(
        _l("Two values stand against each other"),
        UNDECIDED,
        _l("The lead inspector decides between them first."),
    ),
    "candidates_changed": Told(
        _l("Another value came in while you were deciding"),
        UNDECIDED,
        _l("Look at every value that stands there now, then decide again."),
    ),
    "conflict_settled": Told(
        _l("Somebody has decided this conflict already"), UNDECIDED, _l("Look at what was decided.")
    ),
    "already_superseded": Told(
        _l("Another phone has taken this phone's place already"),
        UNCHANGED,
        _l("Make an invite that replaces the newer phone, or one that replaces none."),
    ),
    "bad_value": Told(
        _l("Something that was entered does not fit"),
        UNDECIDED,
        _l(
            "Correct it and send it again: a return needs a reason and a sentence, a term 1 to 250 working days."
        ),
    ),
    "not_in_catalogue": Told(
        _l("The code is not in the catalogue that holds here"),
        UNDECIDED,
        _l("Choose a code of the catalogue that is frozen on the inspection, or that holds on its day."),
    ),
    "catalogue_exists": Told(
        _l("This version of the catalogue is there already, with another content"),
        UNCHANGED,
        _l("Bring what differs in as a new version."),
    ),
    "record_voided": Told(
        _l("This item was withdrawn"), UNDECIDED, _l("Look at its history before you go on.")
    ),
    "not_found": Told(
        _l("There is no such page, or it is not yours to see"),
        UNCHANGED,
        _l("Check the address, or start from the to-do list."),
    ),
    "form_expired": Told(
        _l("This page was open in another session"),
        _l("Nothing was sent. What you typed is still on the page before this one."),
        _l("Go back, reload the page and send it again."),
    ),
    "too_large": Told(
        _l("There is no small version of this file"), UNCHANGED, _l("Open the original instead.")
    ),
    "busy": Told(
        _l("The server has too much to do at this moment"), UNDECIDED, _l("Try again in a few seconds.")
    ),
    "too_many_requests": Told(
        _l("More was asked from here than one may ask at once"),
        UNDECIDED,
        _l("Wait a minute, then try again."),
    ),
    "database_down": Told(
        _l("The database does not answer"),
        _l("What was stored before is kept. Whether the last step was stored is not certain."),
        _l("Try again in a minute and look whether it was done. If it happens again, tell an administrator."),
    ),
    "ledger_stopped": Told(
        _l("The ledger has stopped signing, so nothing can be decided"),
        _l("Everything that was recorded is kept; phones keep what they hold."),
        _l("Tell an administrator at once."),
    ),
    "http_405": Told(
        _l("This address cannot be asked in this way"), UNCHANGED, _l("Start from the to-do list.")
    ),
    "http_413": Told(_l("What was sent is too large"), UNCHANGED, _l("Send less at once.")),
    "http_500": Told(
        _l("The server made a mistake"),
        _l("What was stored before is kept. Whether the last step was stored is not certain."),
        _l("Look whether it was done before you repeat it, and tell an administrator the code below."),
    ),
}
LAST_WORDS = Told(
    _l("This could not be done"),
    UNDECIDED,
    _l("Try again; if it happens again, tell an administrator the code below."),
)
SAME = {"http_404": "not_found", "bad_code": "bad_value"}


def told_by_code(code: str) -> Told:
    """Return the words for a code."""
    return TOLD.get(SAME.get(code, code), LAST_WORDS)


def told(refusal: Refusal) -> Told:
    """Return the words for a refusal."""
    return told_by_code(refusal.code)
