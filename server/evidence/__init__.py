"""Evidence files: from the last byte's arrival to verified, and back to whoever may look."""
