"""Several parties at once: flows from application to use, interrupted anywhere, in any order."""
