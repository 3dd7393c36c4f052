"""What the compiler does not find, or does not take, may be in another version of the API or of Java."""

from __future__ import annotations

import re

from cardlab.cap.wanted import who_has_class
from cardlab.java_card import JAVA_LEVELS

_UNKNOWN = re.compile(r"\b((?:javacardx?|org\.globalplatform)\.[\w.]+) cannot be resolved")
_LEVEL = re.compile(r"\blevel (1\.\d) or (?:greater|above)")


def newer_versions(complaints: str) -> str:
    """``javacard.security.X; Java Card 3.1 has it``, for a compiler's complaints; empty for none."""
    found = {name: who_has_class(name.replace(".", "/")) for name in _UNKNOWN.findall(complaints)}
    found |= {f"Java {level}": _who_takes(level) for level in _LEVEL.findall(complaints)}
    return ", ".join(f"{name}{has}" for name, has in found.items() if has)


def _who_takes(level: str) -> str:
    first = next((one for one, newest in JAVA_LEVELS.items() if newest >= level), "")
    return f"; Java Card {first} has it" if first else ""
