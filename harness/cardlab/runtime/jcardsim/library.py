"""Class files behind load files: what a card may execute once the load file that they convert to has arrived.

JCardSim executes class files; what a card is sent are CAP components. A class library binds the two: it finds the class
files by the bytes that they convert to, so a card never runs anything else than what was loaded.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # a library is made of packages, so whoever makes one has imported the toolchain
    from cardlab.toolchain.cap_package import Loadable
    from cardlab.toolchain.executable import Executable, Package


class ClassLibrary:
    """The classes that cards may execute, by the load file that they convert to. It can serve any number of cards.

    Of ``packages`` without class files it knows why they have none.
    """

    def __init__(self, packages: Iterable[Loadable] = ()) -> None:
        self._found: dict[bytes, Executable] = {}
        self._missing: dict[bytes, str] = {}
        for one in packages:
            self._take(one)

    def _take(self, one: Loadable) -> None:
        from cardlab.toolchain.cap_package import CapPackage

        identity = sha256(one.data_block).digest()
        if isinstance(one, CapPackage):
            self._missing[identity] = one.why
        else:
            self._found[identity] = one

    @classmethod
    def from_cap(cls, *paths: Path) -> ClassLibrary:
        """Of CAP files that carry their class files; later ones may import earlier ones. Raises what from_cap does."""
        from cardlab.toolchain.cap_package import read_file
        from cardlab.toolchain.executable import Executable

        made: list[Executable] = []
        for path in paths:
            made.append(Executable.from_cap(read_file(path), libraries=made))
        return cls(made)

    @classmethod
    def as_far_as_known(cls, *paths: Path) -> ClassLibrary:
        """Of CAP files of which some may carry no class files; later ones may import earlier ones.

        Raises UsageError and IntegrityError for what is no CAP file.
        """
        from cardlab.toolchain.cap_package import read_packages

        return cls(read_packages(paths))

    def missing(self, data_block: bytes) -> str:
        """Why there are no classes for a load file data block, as far as that is known."""
        return self._missing.get(sha256(data_block).digest(), "it was given none that convert to it")

    def __iter__(self) -> Iterator[Executable]:
        return iter(self._found.values())

    def including(self, *packages: Loadable) -> ClassLibrary:
        """These and others."""
        both = ClassLibrary((*self, *packages))
        both._missing = {**self._missing, **both._missing}
        return both

    def find(self, data_block: bytes) -> Package | None:
        """The classes that convert to a load file data block, None when there are none."""
        found = self._found.get(sha256(data_block).digest())
        return None if found is None else found.package
