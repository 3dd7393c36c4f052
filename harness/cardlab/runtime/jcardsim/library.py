"""Class files behind load files: what a card may execute once the load file that they convert to has arrived.

JCardSim executes class files; what a card is sent are CAP components. A class library binds the two: it finds the class
files by the bytes that they convert to, so a card never runs anything else than what was loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

from cardlab.errors import UsageError

if TYPE_CHECKING:  # a library is made of executables, so whoever makes one has imported the toolchain
    from cardlab.toolchain.executable import Executable, Package


class ClassLibrary:
    """The classes that cards may execute, by the load file that they convert to. It can serve any number of cards."""

    def __init__(self, executables: Iterable[Executable] = ()) -> None:
        self._found = {sha256(one.data_block).digest(): one for one in executables}

    @classmethod
    def from_cap(cls, *paths: Path) -> ClassLibrary:
        """Of CAP files that carry their class files; later ones may import earlier ones. Raises what from_cap does."""
        from cardlab.toolchain.executable import Executable

        made: list[Executable] = []
        for path in paths:
            try:
                raw = path.read_bytes()
            except OSError as error:
                raise UsageError(f"{path} cannot be read: {error.strerror}", hint="name a CAP file") from error
            made.append(Executable.from_cap(raw, libraries=made))
        return cls(made)

    def __iter__(self) -> Iterator[Executable]:
        return iter(self._found.values())

    def including(self, *executables: Executable) -> ClassLibrary:
        """These and others."""
        return ClassLibrary((*self, *executables))

    def find(self, data_block: bytes) -> Package | None:
        """The classes that convert to a load file data block, None when there are none."""
        found = self._found.get(sha256(data_block).digest())
        return None if found is None else found.package
