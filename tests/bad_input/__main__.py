"""Print the table of bad input for docs/protocol.md."""

from tests.bad_input.table import table

print(table())
