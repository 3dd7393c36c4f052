"""The applet's rules once more, as a pure function: what a card must answer, written from docs/applet.md alone."""
