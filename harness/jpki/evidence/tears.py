"""Where the record of torn writes is, and of which load file it has to be (F4)."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from jpki.package import jpki_executable

RECORD = Path("tests", "jpki", "applet", "tearing", "record.json")


def cap_digest() -> str:
    """SHA-256 of the applet's CAP file, in hexadecimal."""
    return sha256(jpki_executable().cap).hexdigest()
