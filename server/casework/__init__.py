"""Deciding: pure functions from an actor, a command and the present state to drafts, or a Refusal."""
