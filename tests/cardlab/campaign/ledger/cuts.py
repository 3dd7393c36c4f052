"""The ledger's campaign of power cuts: ``cardlab tear tests/cardlab/campaign/ledger/cuts.py``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cardlab.campaign.carried import Carried, Sending, carried
from cardlab.campaign.tears.scene import TearCampaign, TearScene, TornSeen
from cardlab.pytest_plugin import Applet

SOURCES = Path(__file__).with_name("src")
APPLET = Applet.create(sources=SOURCES, class_name="com.example.ledger.Ledger", aid="F00000000103")
OLD_OR_NEW = "it is neither old nor new"


def read(ready: Sending) -> bytes:
    """Sum and number of entries, two bytes each, then the text."""
    return ready.card.send(0x80, 0x30)


def scene(base: Carried, command: str, state: str, apdu: str) -> TearScene:
    def old_or_new(seen: TornSeen) -> bool:
        return seen.now in (seen.before, seen.done)

    def in_words(seen: TornSeen) -> str:
        return f"sum and entries are {seen.now[:4].hex()}"

    stage = base.sending(apdu)
    return TearScene(command, state, stage, read, APPLET.aid, {OLD_OR_NEW: old_or_new}, explain=in_words)


@contextmanager
def campaign() -> Iterator[TearCampaign]:
    """For ``cardlab tear``."""
    with carried(APPLET) as base:
        base.card.send(0x80, 0x10, 5)
        loose = scene(base, "ENTER", "one after the other", "80100700")
        whole = scene(base, "ENTER", "in a transaction", "80200700")
        erase = scene(base, "ERASE", "a text", "80400000")
        yield TearCampaign("Ledger", base.digest, base.sources, (loose, whole, erase))
