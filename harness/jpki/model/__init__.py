"""The applet's rules once more, as a pure function: what a card must answer, from docs/reference/applet.md alone."""
