"""The desk for programs: JSON over the same queries and acts as the pages, by the same session."""
