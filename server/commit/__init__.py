"""The one door: everything that changes the ledger or a projection goes through `commit`."""
