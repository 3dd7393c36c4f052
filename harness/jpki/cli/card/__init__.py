"""``jpki card``: ``cardlab card`` with the JPKI applet for what is served, installed, inspected and deleted."""

from __future__ import annotations

from cardlab.cli.app import Entry, LazyGroup

command = LazyGroup(
    name="card",
    entries={
        "serve": Entry("jpki.cli.card.serve", "Put simulated cards with the applet into virtual readers."),
        "list": Entry("cardlab.cli.card.list", "List the readers and what is in them."),
        "info": Entry("jpki.cli.card.info", "Say what a card is, without changing anything on it."),
        "apdu": Entry("cardlab.cli.card.apdu", "Send commands to a card and check what it answers."),
        "content": Entry("cardlab.cli.card.content", "List what is on a card: applications, domains, load files."),
        "install": Entry("jpki.cli.card.install", "Load the JPKI applet, or another CAP file, and install it."),
        "delete": Entry("jpki.cli.card.delete", "Take an application or a load file off a card."),
    },
    help="Cards with the JPKI applet, simulated and in any reader (docs/guide/lab-engineer.md).",
    context_settings={"help_option_names": ["-h", "--help"]},
)
