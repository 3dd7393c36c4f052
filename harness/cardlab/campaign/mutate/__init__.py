"""Mutants by operators: an applet's sources changed at every place, and who of its tests notices (F4)."""
