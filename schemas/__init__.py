"""The field in words: record types, wire shapes and codes that phone and server share."""
