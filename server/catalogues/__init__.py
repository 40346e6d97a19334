"""Which catalogues hold, what is frozen on an inspection, and which codes that lets through."""
