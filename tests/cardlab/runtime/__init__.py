"""Runtimes: how they are found and chosen, and what is peculiar to each, in a folder of its own."""
