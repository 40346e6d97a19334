"""Who may do what: everything asks here, and what is not allowed is denied."""
