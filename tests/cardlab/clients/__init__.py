"""Clients that others wrote, from package registries, against applets that speak their protocols in part."""
