"""The applet's mutants: one list a file, what is on record about them, and what puts them on cards."""
