"""``python -m cardlab.cli`` is ``cardlab``."""

from cardlab.cli import main

main()
