"""What runtimes may offer; each says in its ``BACKEND`` which of these it has."""

from __future__ import annotations

from enum import Enum, unique


@unique
class Feature(Enum):
    """What a runtime may offer beyond loading, installing, selecting and processing; the value says it to people."""

    APPLETS = "executes any applet"
    LOADED_CODE = "executes the load file itself, without class files"
    GLOBALPLATFORM = "org.globalplatform for applets, with personalization"
    IMAGES = "saves a card and restores it"
    TEARS = "power cuts at numbered opportunities"
    WRITE_TEARS = "... of which every persistent write is one"
    TRANSACTIONS = "transactions (JCRE 3.0.5, 7)"
    NON_ATOMIC = "... that leave alone what the API writes past them (Util, arrayFillNonAtomic)"
    CHANNELS = "logical channels 1 to 19 (JCRE 3.0.5, 4.3)"
    FIREWALL = "the applet firewall (JCRE 3.0.5, 6)"
    BUDGET = "a limit of instructions for each command"
    INSPECTOR = "a look into memory"
    FORK = "a copy of a whole card"
    COST = "what commands cost: instructions, writes by cell, cryptographic operations"
