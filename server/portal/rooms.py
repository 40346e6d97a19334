"""The portal's addresses, one file per noun; importing this puts them all on the blueprints."""

from server.portal import acknowledgements, report_views, views

__all__ = ["acknowledgements", "report_views", "views"]
