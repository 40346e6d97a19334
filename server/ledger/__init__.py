"""The ledger seen from outside: its public endpoints, proofs for strangers, and the audit."""
