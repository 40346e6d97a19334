"""What phone and server agree on to the byte: pure functions, no clock, file, socket or log."""
