"""Measuring speed: how times are taken, and what is measured of every runtime."""
