"""The wire: how the messages of the protocol are read, as marshmallow schemas."""
