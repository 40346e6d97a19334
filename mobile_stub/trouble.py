"""What goes wrong on the phone itself, and what a server's refusal looks like from here.

A Trouble is the phone's own word, never sent; a ServerRefused carries the Refusal that the server
answered, so that it cannot be taken for one that the phone's own checks raised.
"""

from __future__ import annotations

from typing import ClassVar

from schemas.wire.problem import Problem
from sync.errors import Refusal


class Trouble(Exception):
    """Something the phone's user must know; `next` says what to do."""

    code: ClassVar[str] = "trouble"
    next: ClassVar[str] = "Read the detail; what was recorded is kept."

    def __init__(self, detail: str = ""):
        super().__init__(detail or (self.__doc__ or "").strip())
        self.detail = str(self)


class Unclear(Trouble):
    """The command does not say all that it needs to."""

    code = "unclear"
    next = "See --help of the command."


class Drifting(Trouble):
    """What the ledger sent of a place and what it sums up there do not agree, also after all was fetched anew."""

    code = "drifting"
    next = "Nothing is lost; tell your administrator, who runs `wardledger ledger audit`."


class OutdatedApp(Trouble):
    """The bureau lets this version of the app record nothing more; what it recorded is sent as ever."""

    code = "outdated_app"
    next = "Sync until nothing is left to send, then install the present app."


class WrongPin(Trouble):
    """The PIN does not open this phone, or its identity file is damaged."""

    code = "wrong_pin"
    next = "Enter the PIN again; without it what the phone holds cannot be read."


class WeakPin(Trouble):
    """A PIN has at least six characters."""

    code = "weak_pin"
    next = "Choose a PIN of six characters or more."


class NotEnrolled(Trouble):
    """This phone is not enrolled yet."""

    code = "not_enrolled"
    next = "Ask your administrator for an invite and enrol."


class AlreadyEnrolled(Trouble):
    """This phone is enrolled already; its keys and records are never overwritten."""

    code = "already_enrolled"
    next = "Use another folder for another phone."


class Offline(Trouble):
    """The server cannot be reached."""

    code = "offline"
    next = "Go on recording; sync again when there is a network."


class NotTheServer(Trouble):
    """Something answered that does not speak as the server does."""

    code = "not_the_server"
    next = "Check the network: a sign-in page of a guest network may stand in between."


class BareStatus(NotTheServer):
    """An error status without a problem, as gateways and uploads answer."""

    def __init__(self, status: int):
        super().__init__(f"status {status} without a problem")
        self.status = status


class CatalogueDiffers(Trouble):
    """A catalogue is not the one that its digest names; it was not kept."""

    code = "catalogue_differs"
    next = "Sync again; if it happens again, tell your administrator: the server's copy is damaged."


class NoCatalogue(Trouble):
    """This phone holds no catalogue for the inspection."""

    code = "no_catalogue"
    next = "Sync where there is a network; what was recorded meanwhile is kept."


class StaleKeys(Trouble):
    """The server's key list has run out."""

    code = "stale_keys"
    next = "Sync again later; if it happens again, tell your administrator."


class SyncRunning(Trouble):
    """Another sync of this phone is running."""

    code = "sync_running"
    next = "Wait until it has ended."


class ChainDiffers(Trouble):
    """The server knows another chain of this phone: its folder was copied or restored from a backup."""

    code = "chain_differs"
    next = "Stop using this phone and enrol a new one; nothing that was recorded here is thrown away."


class ServerBehind(Trouble):
    """The server lacks sets for which this phone holds receipts: it was restored from a backup."""

    code = "server_behind"
    next = "Keep the phone as it is and tell your administrator; its receipts show what is missing."


class Damaged(Trouble):
    """A row of the journal does not open, or is not what was written."""

    code = "damaged"
    next = "Keep the phone as it is and tell your administrator."


class Alarmed(Trouble):
    """The ledger contradicted what this phone had seen; recording goes on, sealing and syncing are stopped."""

    code = "alarmed"
    next = "Keep the phone as it is and tell your supervisor at once."


class Stopped(Trouble):
    """The server stopped this phone; what it recorded is kept on it."""

    code = "stopped"
    next = "Ask your administrator to enrol the phone anew."


class ReadingLocked(Trouble):
    """This phone has been out of touch for too long, so it shows nothing of what it holds; recording goes on."""

    code = "reading_locked"
    next = "Sync where there is a network; what you record meanwhile is kept and sent."


class Wiped(Trouble):
    """This phone was reported lost and has erased itself; nothing is left on it."""

    code = "wiped"
    next = "Ask your administrator for an invite and enrol it anew."


class ServerRefused(Exception):
    """The server's answer was a problem."""

    def __init__(self, problem: Problem, retry_after_seconds: int | None = None):
        super().__init__(f"{problem.code}: {problem.refusal.detail}")
        self.problem = problem
        self.refusal: Refusal = problem.refusal
        self.code = problem.code
        self.status = problem.status
        self.retry_after_seconds = retry_after_seconds
