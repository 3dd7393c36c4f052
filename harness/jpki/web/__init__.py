"""The phone as a page in a browser: its screens, beside them what the parties say to each other and to the card."""
