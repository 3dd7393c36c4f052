"""The Java Card virtual machine that executes loaded CAP components (README.md)."""
