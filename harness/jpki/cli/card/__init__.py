"""``jpki card``: ``cardlab card`` with the JPKI applet for what is served, installed, inspected and deleted."""

from __future__ import annotations

from cardlab.cli.app import Entry, LazyGroup
from cardlab.cli.card import ENTRIES

# In place of the generic commands, those that know the applet.
_OWN = {
    "serve": Entry("jpki.cli.card.serve", "Put simulated cards with the applet into virtual readers."),
    "info": Entry("jpki.cli.card.info", "Say what a card is, without changing anything on it."),
    "install": Entry("jpki.cli.card.install", "Load the JPKI applet, or another CAP file, and install it."),
    "delete": Entry("jpki.cli.card.delete", "Take an application or a load file off a card."),
}

command = LazyGroup(
    name="card",
    entries={**ENTRIES, **_OWN},
    help="Cards with the JPKI applet, simulated and in any reader (docs/guide/lab-engineer.md).",
    context_settings={"help_option_names": ["-h", "--help"]},
)
