"""The command line ``cardlab``: one command a file, loaded when it is used."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from cardlab.cli.app import Entry, command_line, run_group

# A new command is a file with a click command named ``command``, and a line here.
COMMANDS: Mapping[str, Entry] = {
    "bench": Entry("cardlab.cli.bench", "Measure the runtimes: what executes applets."),
    "cap": Entry("cardlab.cli.cap", "Convert, inspect, compare and verify CAP files."),
    "card": Entry("cardlab.cli.card", "The simulated card in a PC/SC reader, and any card in any reader."),
    "faults": Entry("cardlab.cli.faults", "Disturb every instruction of commands: what do faults break?"),
    "mutate": Entry("cardlab.cli.mutate", "Change an applet's sources at every place: do its tests notice?"),
    "tear": Entry("cardlab.cli.tear", "Cut the power at every persistent write of commands: what is left?"),
    "new": Entry("cardlab.cli.new", "Make a small applet with tests that run at once."),
}
GROUP = command_line("cardlab", COMMANDS, "Build, install, simulate and test Java Card applets.")


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors meant for people are printed, not raised."""
    return run_group(GROUP, arguments)


def main() -> None:
    """Entry point of ``cardlab``; ends the process with the exit code of docs/reference/exit-codes.md."""
    sys.exit(run(sys.argv[1:]))
