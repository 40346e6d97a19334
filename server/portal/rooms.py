"""The portal's addresses, one file per noun; importing this puts them all on the blueprints."""

from server.portal import acknowledgements, views

__all__ = ["acknowledgements", "views"]
