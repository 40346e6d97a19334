"""The words of conflicts, late arrivals, quarantine and devices."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from schemas.records import device
from server.console.marks import OK, PROBLEM, WAITING, Mark, Table, choices, stages

CONFLICT_REASONS: Table = {
    "never_merges": Mark(
        _l(
            "Amounts, facts and violation codes never merge by themselves: they decide what is charged, so every "
            "value is kept and a person decides."
        )
    ),
    "unaware": Mark(
        _l("Each was written without knowing of the other. Neither is newer: phones' clocks decide nothing.")
    ),
    "same_thing": Mark(
        _l(
            "Two records carry the same number. Are they one and the same thing, recorded twice, or are they two?"
        )
    ),
    "stage_race": Mark(
        _l("Two steps started from the same stage, and neither leads on to the other. One of them stands.")
    ),
}
CONFLICT_FAULTS: Table = {
    "candidates_changed": Mark(
        _l(
            "Another value came in while you were deciding. Nothing was decided; what you wrote is still there. Look "
            "at every value, then decide again."
        )
    ),
    "version_changed": Mark(
        _l("The record moved while you were deciding. Nothing was decided; what you wrote is still there.")
    ),
    "conflict_settled": Mark(_l("Somebody decided this conflict before you. Your decision was not needed.")),
    "not_in_catalogue": Mark(_l("This code is not in the catalogue that is frozen on the inspection.")),
    "bad_value": Mark(_l("What you wrote does not fit this field. Correct it and decide again.")),
}
CONFLICT_BLOCKS: Table = {
    "lead_decides": Mark(_l("The lead inspector of the inspection decides this. Nobody else may.")),
    "not_permitted": Mark(_l("Your role does not include this decision.")),
}
DEVICE_STAGES = stages(
    device.TYPE,
    {
        "enrolled": OK,
        "forked": ("problem", "split"),
        "lost": PROBLEM,
        "revoked": ("unknown", "cross"),
        "superseded": ("plain", "arrow"),
    },
)
DEVICE_FILTERS: Table = {**DEVICE_STAGES, "trouble": Mark(_l("In trouble"), *PROBLEM)}
DEVICE_TROUBLE: Table = {
    "forked": Mark(_l("Two copies of it send"), "problem", "split"),
    "silent": Mark(_l("Out of touch for longer than its lease"), *WAITING),
    "stuck": Mark(_l("In touch, and its work is stuck"), *PROBLEM),
}
SHUT_REASONS = choices(device.REASONS)
WIPES = choices(device.WIPES)
DEVICE_FAULTS: Table = {
    "bad_value": Mark(_l("Choose a reason from the list. Nothing was changed.")),
    "bad_transition": Mark(
        _l("The phone stands at another stage by now. Nothing was changed; look at it again.")
    ),
    "version_changed": Mark(_l("The phone's record moved meanwhile. Nothing was changed; look at it again.")),
    "already_superseded": Mark(_l("Another phone has taken this phone's place already. No code was made.")),
    "not_found": Mark(_l("There is no such user or phone in your regions. No code was made.")),
}
WAITING_STATES: Table = {"late": Mark(_l("Late"), *WAITING), "held": Mark(_l("Held"), *WAITING)}
WAITING_FAULTS: Table = {
    "bad_value": Mark(
        _l("Choose a reason and add a sentence that tells the inspector why. Nothing was decided.")
    ),
    "version_changed": Mark(
        _l("Somebody ruled on this, or the record moved, meanwhile. Nothing was decided.")
    ),
    "conflict_open": Mark(
        _l("Values stand against each other in this field; that conflict is decided first.")
    ),
    "gap": Mark(_l("The set before this one waits in quarantine too. Let that one in first.")),
    "record_exists": Mark(_l("The set stands in the ledger already.")),
}
KEPT_BECAUSE: Table = {
    "device_fork": Mark(_l("of a second copy of the phone"), "problem", "split"),
    "device_revoked": Mark(_l("sent after the phone was shut out"), *WAITING),
}
