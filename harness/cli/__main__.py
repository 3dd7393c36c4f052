"""``python -m harness.cli`` is ``jpki``."""

from harness.cli import main

main()
