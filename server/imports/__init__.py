"""What other systems hand over as files: institutions and census lists, each file one ledger entry."""
