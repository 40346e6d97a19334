"""Keeping an installation alive: making it, checking it, bringing it up to date."""
