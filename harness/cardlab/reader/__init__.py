"""A card without plastic in a reader without metal: serves any ``Transport`` to PC/SC through vsmartcard's driver.

``VirtualReader`` puts a card into one slot; ``daemon.PrivateDaemon`` is a PC/SC service of one's own that has slots.
"""

from cardlab.reader.server import DEFAULT_PORT, VirtualReader, serve

__all__ = ["DEFAULT_PORT", "VirtualReader", "serve"]
