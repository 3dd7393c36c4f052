"""The pages below docs/ that programs write, and the one width to which all of them are wrapped."""
