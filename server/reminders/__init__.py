"""Reminders: what a deadline asks for, when it may go, and in what words."""
