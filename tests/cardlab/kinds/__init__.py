"""The kinds of cards."""
