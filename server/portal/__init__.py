"""The institution portal: what a party sees, answers, asks for and appeals against."""
