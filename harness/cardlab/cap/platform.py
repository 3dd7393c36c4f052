"""The API packages of a simulated card, by the token tables that converters and linkers use."""

from __future__ import annotations

from functools import cache

from cardlab.cap.exportfile import ExportFile
from cardlab.cap.exports import Exports, builtin, platforms

JAVA_CARD_VERSIONS = ("3.0.4", "3.0.5")
JAVA_CARD = "3.0.4"
GLOBALPLATFORM = "1.6"  # org.globalplatform as the runtime has it
TARGET_GLOBALPLATFORM = "1.5"  # what applets are converted for: cards with a later minor version take them too


@cache
def api(java_card: str = JAVA_CARD, globalplatform: str = GLOBALPLATFORM) -> Exports:
    """The packages of a Java Card version and of the GlobalPlatform Card API."""
    return builtin(java_card, globalplatform)


def tables(java_card: str = JAVA_CARD, globalplatform: str = GLOBALPLATFORM) -> tuple[ExportFile, ...]:
    """The same, one after the other."""
    found, sets = api(java_card, globalplatform), platforms()
    names = (*sets[java_card], *sets[f"globalplatform-{globalplatform}"])
    return tuple(table for name in names if (table := found.package(name.replace(".", "/"))) is not None)
