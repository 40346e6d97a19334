"""The refusals: every way in which the sender must act, each with a stable code.

A Refusal is an answer, not a fault. The server turns it into problem+json (RFC 9457) or
into the verdict of one change; the phone shows `detail` and `next`. Codes are never renamed.
"""

from __future__ import annotations

from typing import Any, ClassVar


class Refusal(Exception):
    """The sender must act; `next` says what to do and `item`/`field` where the fault is."""

    code: ClassVar[str] = "refused"
    next: ClassVar[str] = "Read the detail, mend what it names and send again."

    def __init__(self, detail: str = "", *, item: str | None = None, field: str | None = None, **facts: Any):
        super().__init__(detail or (self.__doc__ or "").strip())
        self.detail = detail or (self.__doc__ or "").strip()
        self.item = item
        self.field = field
        self.facts = facts


# -- the wire ---------------------------------------------------------------------------------


class NotCanonical(Refusal):
    """A line is not RFC 8785 canonical JSON with integers only."""

    code = "not_canonical"
    next = "Encode the line canonically: sorted keys, no blanks, integers below 2^53, no duplicates."


class Malformed(Refusal):
    """The text or one of its members does not have the form that the protocol gives it."""

    code = "malformed"
    next = "Compare the item with docs/protocol.md and send a new change."


class TooLarge(Refusal):
    """A limit of the wire was exceeded."""

    code = "too_large"
    next = "Split the work into smaller change-sets."


class Unopenable(Refusal):
    """The envelope cannot be opened with the key it names."""

    code = "unopenable"
    next = "Fetch /v1/keys and seal the same text again; if it happens again, enrol anew."


class BadSignature(Refusal):
    """A signature does not verify, or is of another kind than expected."""

    code = "bad_signature"
    next = "Sign with the enrolled device key; if it happens again, enrol anew."


class BadProof(Refusal):
    """A tree proof, receipt or checkpoint does not verify: the ledger contradicts what was seen."""

    code = "bad_proof"
    next = "Stop syncing, keep the phone as it is and tell your supervisor."


class WrongLedger(Refusal):
    """The change-set was made for another ledger."""

    code = "wrong_ledger"
    next = "Enrol the phone at this ledger; the work for the other one must be sent there."


# -- who is asking ------------------------------------------------------------------------------


class UnknownDevice(Refusal):
    """No device of this ledger has this id."""

    code = "unknown_device"
    next = "Enrol the phone with a fresh invite."


class DeviceRevoked(Refusal):
    """The device was revoked, lost or replaced; what it sends is kept in quarantine."""

    code = "device_revoked"
    next = "Ask your administrator; what the phone holds stays on it until it has been handed over."


class ProofExpired(Refusal):
    """The request's proof is outside its five minutes; the answer carries the server's time."""

    code = "proof_expired"
    next = "Correct the clock's offset by the Date header of this answer and try once more."


class SignInRequired(Refusal):
    """This needs a signed-in user or a device's proof."""

    code = "sign_in_required"
    next = "Sign in, or send the device's proof in the Authorization header."


class NotAllowed(Refusal):
    """Your role, region or assignment does not allow this."""

    code = "not_allowed"
    next = "Ask the lead inspector or the supervisor to assign it to you."


class OwnWork(Refusal):
    """Whoever made a thing, or belongs to its inspection, may not approve it."""

    code = "own_work"
    next = "Leave it to a supervisor who was not part of the inspection."


class InviteUnknown(Refusal):
    """The invite does not exist, has expired or was used by another phone."""

    code = "invite_unknown"
    next = "Ask your administrator for a new invite; it is good for 15 minutes."


class PinMismatch(Refusal):
    """The phone pinned another ledger key than this server's."""

    code = "pin_mismatch"
    next = "Do not go on: scan the invite again from your own bureau's screen."


# -- the device's chain -------------------------------------------------------------------------


class SequenceGap(Refusal):
    """The phone skipped a change-set; it must send the missing one first."""

    code = "gap"
    next = "Send the change-set with the expected seq first."


class DeviceFork(Refusal):
    """Two different change-sets carry one seq, or the chain does not join: a cloned or restored phone."""

    code = "device_fork"
    next = "Ask your supervisor for an invite that replaces this phone, and enrol it anew; nothing is thrown away."


class RekeyRequired(Refusal):
    """The opening key is retired; the same text must be sealed under a current one."""

    code = "rekey_required"
    next = "Fetch /v1/keys and seal the same text again."


class LedgerBehind(Refusal):
    """The phone proved a checkpoint beyond this ledger: the server was restored from a backup."""

    code = "ledger_behind"
    next = "Keep the phone as it is; the operator must run `wardledger ledger recover`."


# -- one change -----------------------------------------------------------------------------------


class UnknownType(Refusal):
    """The record type is not known."""

    code = "unknown_type"
    next = "Update the app; the change is kept."


class UnknownField(Refusal):
    """The record type has no such field."""

    code = "unknown_field"
    next = "Correct the record and send a new change."


class BadValue(Refusal):
    """A value does not fit its field."""

    code = "bad_value"
    next = "Correct the field named here and send a new change."


class BadCode(BadValue):
    """A code has the wrong form or check digit."""

    code = "bad_code"
    next = "Compare the code with its source, character by character."


class BadTransition(Refusal):
    """The state does not allow this step."""

    code = "bad_transition"
    next = "Pull, look at the record's present stage, and take the step that it allows."


class BaseUnknown(Refusal):
    """The base is no version of this record."""

    code = "base_unknown"
    next = "Pull the record and make the change again on what you then see."


class BaseAhead(Refusal):
    """The base lies beyond the head of the ledger."""

    code = "base_ahead"
    next = "Send the checkpoint that shows it; the server may have been restored from a backup."


class RecordVoided(Refusal):
    """The record was already void at the base of this change."""

    code = "record_voided"
    next = "Restore the record first if it was voided by mistake."


class RecordExists(Refusal):
    """A record with this id exists already."""

    code = "record_exists"
    next = "Make a new id for a new record, or send an edit."


class RecordUnknown(Refusal):
    """The record that this refers to is not in the ledger."""

    code = "record_unknown"
    next = "Nothing: the change is held until the record arrives."


class IdReused(Refusal):
    """This change id was used before for another line."""

    code = "id_reused"
    next = "Make a new id; both lines are kept."


class ConflictOpen(Refusal):
    """The field has an open conflict, which must be decided first."""

    code = "conflict_open"
    next = "Open the conflict, choose or write the value, then go on."


class TransactionRefused(Refusal):
    """Another member of the same group was refused, so the whole group was."""

    code = "tx_member"
    next = "Mend the member named here and send the group again."


# -- files, requests, the desk -----------------------------------------------------------------------


class FileUnverified(Refusal):
    """The file has not arrived whole and verified, so nothing can be decided on it."""

    code = "file_unverified"
    next = "Wait until the phone has uploaded the file, or ask the inspector to sync."


class FileCorrupt(Refusal):
    """The stored bytes are not what was signed at capture."""

    code = "file_corrupt"
    next = "Do not decide on it; run `wardledger doctor` and restore the file from a backup."


class UploadConflict(Refusal):
    """The upload stands at another offset, or another request has taken it over."""

    code = "upload_conflict"
    next = "Ask for the offset with HEAD and go on from there."


class ChecksumMismatch(Refusal):
    """The bytes are not those that were announced; nothing of the part is kept."""

    code = "checksum_mismatch"
    next = "Send the part again from the offset named here; after damage of the whole file that is 0."


class UploadGone(Refusal):
    """The upload was ended, or nobody went on with it until it expired."""

    code = "upload_gone"
    next = "Create a new upload and send the file from its beginning."


class TusVersion(Refusal):
    """The header Tus-Resumable is missing or names a version that is not served."""

    code = "tus_version"
    next = "Send the header Tus-Resumable: 1.0.0."


class UnsupportedType(Refusal):
    """A part has another content type than application/offset+octet-stream."""

    code = "unsupported_type"
    next = "Send the part with Content-Type: application/offset+octet-stream."


class StorageFull(Refusal):
    """There is no room, for a file or for the ledger; what had arrived is kept."""

    code = "storage_full"
    next = "Nothing: it goes on by itself when there is room. The operator must make some."


class BackupUnsound(Refusal):
    """The copy does not pass the audit or is not what was written; it was not kept."""

    code = "backup_unsound"
    next = "Run `wardledger ledger audit` and `wardledger doctor --all`: either the source or the target is damaged."


class StorageDown(Refusal):
    """The store of files does not answer; nothing was changed."""

    code = "storage_down"
    next = "Try again after the seconds in Retry-After; the operator runs `wardledger doctor`."


class RangeUnsatisfiable(Refusal):
    """The range that was asked for lies outside the file."""

    code = "range_unsatisfiable"
    next = "Ask for a range within the size that Content-Range names, or for the whole."


class VersionChanged(Refusal):
    """The item changed since it was shown."""

    code = "version_changed"
    next = "Look at the new version, then decide."


class NotFound(Refusal):
    """There is no such thing, or it is not yours to see."""

    code = "not_found"
    next = "Check the address."


class Busy(Refusal):
    """A queue is full or the database did not answer in time; nothing was done."""

    code = "busy"
    next = "Try again after the seconds in Retry-After."


class TooManyRequests(Refusal):
    """This phone, address or login asks more often than it may; nothing was done."""

    code = "too_many_requests"
    next = "Try again after the seconds in Retry-After."


class DatabaseDown(Refusal):
    """The database does not answer; what was acknowledged before is kept, and sending again does no harm."""

    code = "database_down"
    next = "Try again after the seconds in Retry-After; the operator runs `wardledger doctor`."


class LedgerStopped(Refusal):
    """The ledger does not sign: its database and the signer's own record disagree."""

    code = "ledger_stopped"
    next = "The operator must run `wardledger doctor`; phones keep what they hold."


class NotInCatalogue(Refusal):
    """The code is not in the catalogue that holds here: the one frozen on the inspection, or that of the day."""

    code = "not_in_catalogue"
    next = "Choose a code of the catalogue that holds; sync first if this phone has not fetched it."


def every_refusal() -> dict[str, type[Refusal]]:
    """Return {code: class} of every refusal; the one table that status codes and docs are made from."""
    found: dict[str, type[Refusal]] = {}
    waiting: list[type[Refusal]] = [Refusal]
    while waiting:
        kind = waiting.pop()
        assert kind.code not in found, f"code {kind.code} is used twice"
        found[kind.code] = kind
        waiting.extend(kind.__subclasses__())
    return found
