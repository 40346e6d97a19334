"""The demo: a generated city, marked as such in every name, code and address."""
