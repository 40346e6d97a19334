"""The desk's addresses, one file per noun; importing this puts them all on the blueprint."""

from server.console.views import cases, evidence, findings, home, ledger, registers, rounds, sign_in

__all__ = ["cases", "evidence", "findings", "home", "ledger", "registers", "rounds", "sign_in"]
