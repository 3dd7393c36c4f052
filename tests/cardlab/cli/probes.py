"""A command for tests of the command line itself."""

from __future__ import annotations

import click

from cardlab.errors import HarnessError


@click.command()
def command() -> None:
    """Fail with what another party said."""
    raise HarnessError("it says a\nGOOD: \x1b[2J", hint="\x9b2J")
