"""What Schemathesis loads before it begins: how a body that is no JSON goes over the wire."""

from __future__ import annotations

import schemathesis
from schemathesis import SerializationContext


@schemathesis.serializer("application/vnd.wardledger.outbox")
def outbox(_: SerializationContext, value: object) -> bytes:
    """Return made-up bytes as they are, and whatever else was made up as its words."""
    content = getattr(value, "data", value)
    return content if isinstance(content, bytes) else str(content).encode("utf-8", "surrogatepass")
