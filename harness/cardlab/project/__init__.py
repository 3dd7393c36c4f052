"""A new applet with its tests, as a folder that runs at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from string import Template

from cardlab.errors import UsageError
from cardlab.iso7816 import aid as aids

_TEMPLATES = Path(__file__).with_name("templates")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*(?:[-_][A-Za-z0-9]+)*")
_PACKAGE = re.compile(r"[a-z_][a-z0-9_]*(?:\.[a-z_][a-z0-9_]*)*")
_IMPORTED = frozenset({"APDU", "Applet", "ISO7816", "ISOException", "JCSystem", "Util", "Object"})  # by the template
_PLATFORM = frozenset({"java", "javacard", "javacardx"})  # where packages are the platform's
# A part of a package's name must not be one (Java Language Specification 3.9).
_KEYWORDS = frozenset(
    """
    abstract assert boolean break byte case catch char class const continue default do double else enum extends false
    final finally float for goto if implements import instanceof int interface long native new null package private
    protected public return short static strictfp super switch synchronized this throw throws transient true try void
    volatile while
    """.split()  # noqa: SIM905 - fifty words are read more easily than fifty strings
)


@dataclass(frozen=True, slots=True)
class NewProject:
    """An applet that is to be written: the project's name, the class and its package, and its AID.

    Raises UsageError when one of them cannot be.
    """

    name: str
    class_name: str
    package: str
    aid: bytes

    def __post_init__(self) -> None:
        if self.class_name in _IMPORTED:
            raise UsageError(f"the applet's class would be called {self.class_name}", hint="give it another name")
        parts = self.package.split(".")
        if (
            not _PACKAGE.fullmatch(self.package)
            or _KEYWORDS & {*parts}
            or parts[0] in ("java", "javacard", "javacardx")
        ):
            raise UsageError(f"{self.package!r} cannot be an applet's package", hint="write it like com.example.purse")
        if fault := aids.length_fault(self.aid):
            raise UsageError(f"the AID {aids.text(self.aid)} {fault}", hint="F00000000101 is one")

    @classmethod
    def named(cls, name: str, *, package: str | None = None, aid: bytes | None = None) -> NewProject:
        """With what follows from the name: ``my-purse`` is MyPurse in com.example.mypurse. Raises UsageError."""
        if not _NAME.fullmatch(name):
            raise UsageError(f"{name!r} is no name for an applet", hint="take letters and digits, like my-purse")
        words = re.split(r"[-_]", name)
        joined = "".join(words).lower()
        class_name = "".join(word[0].upper() + word[1:] for word in words)
        return cls(name, class_name, package or f"com.example.{joined}", aid or _own_aid(name))

    def files(self) -> dict[str, str]:
        """Every file of the project: its path in the folder, and what is in it."""
        source = f"src/{self.package.replace('.', '/')}/{self.class_name}.java"
        module = f"tests/test_{self.name.replace('-', '_').lower()}.py"
        return {
            "pyproject.toml": self._filled("pyproject.toml"),
            source: self._filled("Applet.java"),
            module: self._filled("test_applet.py"),
            "README.md": self._filled("README.md"),
            ".gitignore": self._filled("gitignore"),
        }

    def write(self, folder: Path) -> list[Path]:
        """Write the project; raises UsageError, and writes nothing, when one of its files is there already."""
        files = {folder / path: text for path, text in self.files().items()}
        if there := [str(path) for path in files if path.exists() or path.is_symlink()]:
            raise UsageError(
                f"{there[0]} is there already; nothing was written", hint="name another folder, or move it"
            )
        for path, text in files.items():
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(text, encoding="utf-8")
            except OSError as error:
                hint = "name a folder that can be written"
                raise UsageError(f"{path} cannot be written: {error.strerror}", hint=hint) from error
        return list(files)

    def _filled(self, template: str) -> str:
        return Template((_TEMPLATES / f"{template}.template").read_text(encoding="utf-8")).substitute(self._values)

    @property
    def _values(self) -> Mapping[str, str]:
        return {
            "name": self.name,
            "class_name": self.class_name,
            "package": self.package,
            "aid": aids.text(self.aid),
        }


def _own_aid(name: str) -> bytes:
    """One of those that nobody registers, F0 and more (ISO/IEC 7816-4:2020, 12.2.3), the same for a name each time."""
    return b"\xf0" + sha256(name.encode()).digest()[:4] + b"\x01"
