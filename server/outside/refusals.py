"""The refusals of what is asked of the world outside, and of what other logs ask of this witness."""

from __future__ import annotations

from sync.errors import Refusal


class OutsideDown(Refusal):
    """The time-stamping authority or the witness does not answer."""

    code = "outside_down"
    next = "Nothing: it is asked again by itself. Look at the address if it goes on."


class BadTimestamp(Refusal):
    """The time-stamping authority's answer proves nothing; it was not kept."""

    code = "bad_timestamp"
    next = "Compare WARDLEDGER_TSA_URL and WARDLEDGER_TSA_CERTS with what the authority publishes; set the clock right."


class NotConfigured(Refusal):
    """What this needs is not in the settings."""

    code = "not_configured"
    next = "See docs/operating.md, An independent clock and witnesses."


class UntrustedLog(Refusal):
    """No key that this witness trusts for the log signed the checkpoint, or one of them did not sign what is there."""

    code = "untrusted_log"
    next = "Give the witness's operator the log's verifier key, as `wardledger ledger witnesses` prints it."


class NotConsistent(Refusal):
    """The proof does not lead from the head that this witness cosigned before to the one that is presented."""

    code = "not_consistent"
    next = "Send the proof from the size that the witness knows; if it is right, one of the two trees was rewritten."


class KnownSize(Refusal):
    """The witness cosigned another size of the log than the request is made from."""

    code = "known_size"
    next = "Send the proof from the size that the answer names."
