"""Faults in every instruction that commands of an applet execute, and what comes of them."""
