"""How much may be asked at once, by whom: docs/operating.md has a row for each limit."""
