"""The API's addresses, one file per noun; importing this puts them all on the blueprint."""

from server.api.blueprint import blueprint
from server.api.views import acts, description, items, records, session, types

__all__ = ["acts", "blueprint", "description", "items", "records", "session", "types"]
