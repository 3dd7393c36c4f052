"""The API packages of a simulated card, by the token tables that converters and linkers use."""

from __future__ import annotations

from functools import cache

from cardlab.cap.exportfile import ExportFile
from cardlab.cap.exports import Exports, builtin, platforms
from cardlab.java_card import JAVA_CARD, JAVA_CARD_VERSIONS

GLOBALPLATFORM = "1.6"  # org.globalplatform as the runtime has it
_COMPACT = (2, 3)
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


def version(text: str) -> str:
    """The Java Card version as it is called here, ``3.1`` for a kit's ``3.1.0``. ValueError for one without tables."""
    short = text.removesuffix(".0")
    if short not in JAVA_CARD_VERSIONS:
        raise ValueError(f"there are no token tables of Java Card {text}; there are {', '.join(JAVA_CARD_VERSIONS)}")
    return short


def cap_format(java_card: str) -> tuple[int, int]:
    """The CAP format that kits write for a Java Card version: 2.3 compact from 3.1 on."""
    return (2, 1) if java_card.startswith("3.0.") else _COMPACT
