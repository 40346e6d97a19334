"""Rows stay in, nouns come out. Stores never commit; `transaction()` does."""
