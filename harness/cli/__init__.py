"""The command line ``jpki``: one command a file, loaded when it is used."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point of ``jpki``; ends the process with the exit code of docs/exit-codes.md."""
    from harness.cli.app import run

    sys.exit(run(sys.argv[1:]))
