"""Golden vectors: messages that every implementation of the protocol must read alike, one JSON file a subject.

Everything in them follows from fixed seeds, so that `python -m schemas.vectors --check` finds any drift; only
envelopes are drawn by chance when they are first sealed, and are kept as long as they open to their text.
A signed token stands as the list of its parts, and a change-set's text as its manifest and its lines.
"""
