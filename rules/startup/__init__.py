"""How the program is started, and whether it can be."""
