"""The Java Card versions that are known, and what goes with each; imports nothing."""

from __future__ import annotations

from collections.abc import Mapping

JAVA_CARD_VERSIONS = ("3.0.4", "3.0.5", "3.1", "3.2")
JAVA_CARD = "3.0.4"
"""What applets are converted for when nobody says otherwise."""
JAVA_LEVELS: Mapping[str, str] = {"3.0.4": "1.6", "3.0.5": "1.7", "3.1": "1.7", "3.2": "1.8"}
"""The newest Java (language and class files) that kits of a Java Card version take."""
