"""Statistics, attribution, link model and pages of ``jpki timing``."""
