"""One case of bad input: what is sent, what is answered, what the ledger and the quarantine hold afterwards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from werkzeug.test import TestResponse

from tests.bad_input.scene import Scene

Do = Callable[[Scene], TestResponse]
TAKEN = "201"
APPLIED = "applied"


@dataclass(frozen=True)
class Case:
    """A case, stated so that docs/protocol.md can print it.

    sent: in words, unique; do: sends it and returns the answer
    answer: status, with the problem's code if it is one; field: where the fault is, as the answer or outcome says
    entries: what stands in the ledger for it, verdict and code; where there are any, seq is used up
    kept: the code under which the opened text is in quarantine, empty if it is not
    twin: the nearest thing that is accepted
    stopped: what the phone's next set is answered, where it may not go on
    note: what the table says besides
    postgres: whether PostgreSQL, too, is shown it
    """

    sent: str
    do: Do
    answer: str = TAKEN
    entries: tuple[str, ...] = ()
    field: str = ""
    kept: str = ""
    twin: Do | None = None
    stopped: str = ""
    note: str = ""
    postgres: bool = False

    def row(self) -> str:
        """Return the case as a row of the table in docs/protocol.md."""
        status, _, code = self.answer.partition(" ")
        answer = f"{status} `{code}`" if code else status
        used = "yes" if self.entries else "no"
        field = f"`{self.field}`" if self.field else ""
        return (
            f"| {self.sent} | {answer} | {self._told()} | {field} | {'yes' if self.kept else 'no'} | {used} |"
        )

    def _told(self) -> str:
        faulty = dict.fromkeys(entry for entry in self.entries if entry != APPLIED)
        words = [" ".join(f"`{word}`" for word in entry.split()) for entry in faulty]
        if not self.entries:
            words = ["nothing"]
        elif not faulty:
            words = ["in force"]
        elif APPLIED in self.entries:
            words.append("the others in force")
        return "; ".join([*words, self.note] if self.note else words)


def said(answer: TestResponse) -> str:
    """Return an answer's status, with its code if it is a problem."""
    if answer.content_type != "application/problem+json":
        return str(answer.status_code)
    body = answer.get_json()
    assert body["next"], "a problem says what to do"
    assert body["status"] == answer.status_code
    return f"{answer.status_code} {body['code']}"


def one_of_three(fault: str) -> tuple[str, ...]:
    """Return the entries of three changes of which the second is faulty."""
    return (APPLIED, fault, APPLIED)
