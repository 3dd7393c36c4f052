"""Build, install, simulate and test Java Card applets."""
