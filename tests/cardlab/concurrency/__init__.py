"""Two processes at once on one card's state file, one world, one file of records: one waits or is refused."""
