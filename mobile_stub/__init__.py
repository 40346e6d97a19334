"""The reference phone: what an inspector carries, as a program."""
