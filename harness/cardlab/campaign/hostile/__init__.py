"""Hostile load files: mutants of real ones, loaded without a verifier onto cards that hold another applet's secrets."""
