"""Who uses the system: users, passwords, sessions, invites."""
