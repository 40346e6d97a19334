"""What is taken along: tables, files for printing, archives for checking."""
