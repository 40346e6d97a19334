"""The desk: the pages a supervisor works at, in a browser."""
