"""``python -m jpki.cli`` is ``jpki``."""

from jpki.cli import main

main()
