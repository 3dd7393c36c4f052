"""``cardlab card``: the simulated card in a reader, and any card in any reader; one command a file."""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.cli.app import Entry, LazyGroup

ENTRIES: Mapping[str, Entry] = {
    "serve": Entry("cardlab.cli.card.serve", "Put simulated cards into virtual readers."),
    "list": Entry("cardlab.cli.card.list", "List the readers and what is in them."),
    "info": Entry("cardlab.cli.card.info", "Say what a card is, without changing anything on it."),
    "apdu": Entry("cardlab.cli.card.apdu", "Send commands to a card and check what it answers."),
    "content": Entry("cardlab.cli.card.content", "List what is on a card: applications, domains, load files."),
    "install": Entry("cardlab.cli.card.install", "Load a CAP file and install its applet."),
    "delete": Entry("cardlab.cli.card.delete", "Take an application or a load file off a card."),
}

command = LazyGroup(
    name="card",
    entries=ENTRIES,
    help="The simulated card in a PC/SC reader, and any card in any reader (docs/guide/lab-engineer.md).",
    context_settings={"help_option_names": ["-h", "--help"]},
)
