"""What the desk asks: console and API share these; each list starts from what its reader may see.

A query returns the nouns of `server.console.pages`: codes stay codes, times are aware UTC, names of
patients arrive masked. Nothing here decides or writes.
"""
