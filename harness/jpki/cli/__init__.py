"""The command line ``jpki``: one command a file, loaded when it is used."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence

from cardlab.cli.app import Entry, command_line, run_group

# A new command is a file with a click command named ``command``, and a line here.
COMMANDS: Mapping[str, Entry] = {
    "activation": Entry("jpki.cli.activation", "Explore and compare the three ways of activating biometrics."),
    "applet": Entry("jpki.cli.applet", "Compile the applet, make its CAP file, say what it measures."),
    "bench": Entry("jpki.cli.bench", "Measure speed."),
    "ca": Entry("jpki.cli.ca", "The test CA: list, revoke, suspend, release, CRL; serve OCSP and CRL."),
    "card": Entry("jpki.cli.card", "Cards with the JPKI applet: serve, install, inspect, delete."),
    "demo": Entry("jpki.cli.demo", "Take the applet through its life on a simulated secure element."),
    "flows": Entry("jpki.cli.flows", "Run every flow between the parties once, and draw it."),
    "pages": Entry("jpki.cli.pages", "Write the generated pages of the documentation, or say which are stale."),
    "phone": Entry("jpki.cli.phone", "Use the phone app: issue, renew, revoke, sign, authenticate, and more."),
    "plans": Entry("jpki.cli.plans", "Explore and compare the six ways of setting a PIN."),
    "sign": Entry("jpki.cli.sign", "Sign a file with a card, as CMS that anybody can verify."),
    "timing": Entry("jpki.cli.timing", "Measure every flow by section and party, and predict it on a phone."),
    "trace": Entry("jpki.cli.trace", "Say which code and which tests cite a requirement."),
    "verify": Entry("jpki.cli.verify", "Verify a signature: by whom, with what certificate, authenticated how."),
    "world": Entry("jpki.cli.world", "Make a world for the phone app: CA, TSMs, residents, phones."),
}
GROUP = command_line("jpki", COMMANDS, "Build, install, simulate and test the JPKI applet, and the service around it.")


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code; errors meant for people are printed, not raised."""
    return run_group(GROUP, arguments)


def main() -> None:
    """Entry point of ``jpki``; ends the process with the exit code of docs/reference/exit-codes.md."""
    sys.exit(run(sys.argv[1:]))
