"""The server's keys: ledger key, opening keys, recovery key, and the KEK over data at rest."""
