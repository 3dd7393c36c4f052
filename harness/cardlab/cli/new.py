"""``cardlab new``: an applet with its tests, to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from cardlab.cli.card.managing import AID
from cardlab.cli.output import Output, json_option
from cardlab.errors import UsageError


@click.command()
@click.argument("name")
@click.option("--aid", type=AID, metavar="AID", help="The applet's.  [default: F0 and what follows from NAME]")
@click.option("--package", metavar="PACKAGE", help="Its Java package.  [default: com.example.NAME]")
@click.option("--here", is_flag=True, help="In the present folder instead of a new one called NAME.")
@json_option
def command(name: str, aid: bytes | None, package: str | None, here: bool, as_json: bool) -> None:
    """Make a small applet with tests that run at once: change both into yours.

    \b
        cardlab new my-purse --aid F00000000101
        cd my-purse && pytest
    """
    from cardlab.project import NewProject

    project = NewProject.named(name, package=package, aid=aid)
    folder = Path() if here else Path(name)
    if not here and folder.exists():
        raise UsageError(f"{folder} is there already; nothing was written", hint="name another one, or go in: --here")
    written = project.write(folder)
    facts = {
        "folder": str(folder),
        "class": f"{project.package}.{project.class_name}",
        "aid": project.aid.hex().upper(),
        "files": [str(path) for path in written],
    }
    first = "pytest" if here else f"cd {folder} && pytest"
    Output(as_json).facts(facts, [*map(str, written), f"run its tests: {first}"])
