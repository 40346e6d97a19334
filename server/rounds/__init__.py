"""Ward rounds as acts of the server: samples drawn, remote rounds called and ended, what follows from answers."""
