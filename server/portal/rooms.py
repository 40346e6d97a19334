"""The portal's addresses, one file per noun; importing this puts them all on the blueprints."""

from server.portal import acknowledgements, asking_views, report_views, statement_views, views

__all__ = ["acknowledgements", "asking_views", "report_views", "statement_views", "views"]
