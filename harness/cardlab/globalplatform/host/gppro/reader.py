"""Which reader GlobalPlatformPro takes.

It takes the one reader whose name contains what it was given. When that is not exactly one, it does not stop: it takes
the only reader with a card in it, whichever that is. So the name must be right before it is started.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from cardlab.errors import TransportError

_INDEX = re.compile(r"\d{1,2}")


def choose(reader: str, readers: Sequence[str]) -> tuple[str, ...]:
    """The other readers, for it to ignore; raises TransportError when it could take another one than ``reader``."""
    if reader not in readers:
        known = ", ".join(readers) or "none"
        raise TransportError(f"there is no reader {reader!r}", hint=f"readers: {known}")
    others = tuple(other for other in readers if other != reader)
    name = reader.lower()
    alike = [other for other in others if name in other.lower() or other.lower() in name]
    if alike or _INDEX.fullmatch(reader):
        raise TransportError(
            f"GlobalPlatformPro cannot tell the reader {reader!r} from {', '.join(alike) or 'a number'}",
            hint="unplug the other reader, or use --installer builtin",
        )
    return others
