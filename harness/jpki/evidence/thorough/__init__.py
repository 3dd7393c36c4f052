"""Thorough runs of the tests in parts: what a part is, what it depends on, and the record of who passed when."""
