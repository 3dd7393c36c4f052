"""Reads the published vectors that the package ``cryptography-vectors`` carries."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import cryptography_vectors


def text(name: str) -> str:
    """The content of a file of vectors."""
    root = Path(next(iter(cryptography_vectors.__path__)))
    return (root / name).read_text("latin-1")


@dataclass
class Vector:
    """``NAME = value`` lines between two blank ones; ``section`` is what stood in brackets before."""

    section: str
    values: dict[str, str] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def __getitem__(self, name: str) -> str:
        return self.values[name]

    def octets(self, name: str, length: int | None = None) -> bytes:
        """A value in hex; with ``length`` its number is brought to so many bytes."""
        value = self.values[name]
        octets = bytes.fromhex("0" + value if len(value) % 2 else value)
        return octets if length is None else int.from_bytes(octets, "big").to_bytes(length, "big")


def vectors(name: str, keep: tuple[str, ...] = ()) -> Iterator[Vector]:
    """The vectors of a file in NIST's format; values named in ``keep`` hold for those that follow."""
    section, values, kept = "", dict[str, str](), dict[str, str]()
    for line in [*text(name).splitlines(), ""]:
        line = line.strip()
        if line.startswith("["):
            section = line.strip("[]")
        elif "=" in line and not line.startswith("#"):
            key, value = (part.strip() for part in line.split("=", 1))
            (kept if key in keep else values)[key] = value
        elif not line and values:
            yield Vector(section, kept | values)
            values = {}


def commented(name: str) -> Iterator[tuple[str, bytes]]:
    """Title and octets in the format of PKCS #1's vectors: ``# Title:`` and lines of hex after it."""
    title, octets = "", b""
    for line in [*text(name).splitlines(), "#"]:
        line = line.strip()
        if line.startswith("#"):
            if octets:
                yield title, octets
            title, octets = line.strip("#: "), b""
        elif title and line:
            try:
                octets += bytes.fromhex(line)
            except ValueError:
                title = ""


def examples(name: str, last: str) -> Iterator[dict[str, bytes]]:
    """What stood before each title that begins with ``last``, the key's parts among it, with titles in lower case."""
    found: dict[str, bytes] = {}
    for title, octets in commented(name):
        found[title.lower()] = octets
        if title.lower().startswith(last):
            yield dict(found)
