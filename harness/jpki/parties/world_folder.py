"""What is where in the folder of a world: ``phones/NAME`` and ``residents/NAME``, each with its ``card``."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

from cardlab.errors import UsageError

PHONES, RESIDENTS = "phones", "residents"


@dataclass(frozen=True, slots=True)
class WorldFolder:
    """Who is in a world. Everybody who has a card is: it is written last, at once or not at all."""

    path: Path

    @property
    def ca_records(self) -> Path:
        """The CA's file."""
        return self.path / "ca.sqlite"

    def require(self) -> None:
        """Raises UsageError when no world is there."""
        if not self.ca_records.is_file():
            raise UsageError(f"{self.path} holds no world", hint="make one with: jpki world new --world FOLDER")

    def make(self) -> None:
        """Make what is not there yet; raises UsageError when that cannot be."""
        try:
            for kind in (PHONES, RESIDENTS):
                (self.path / kind).mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(
                f"{self.path} cannot hold a world: {error.strerror}", hint="name another folder"
            ) from error

    def names(self, kind: str) -> tuple[str, ...]:
        """All of a kind."""
        return tuple(sorted(path.parent.name for path in (self.path / kind).glob("*/card")))

    def existing(self, kind: str, name: str) -> Path:
        """The folder of one; raises UsageError when there is no such one."""
        names = self.names(kind)
        if name not in names:
            known = ", ".join(names) or "none"
            raise UsageError(f"there is no {name} among the {kind} of this world ({known})", hint="add it first")
        return self.path / kind / name

    def new(self, kind: str, name: str) -> Path:
        """An empty folder for a new one; raises UsageError when there is one of this name, or it is none."""
        if not name.isidentifier():
            raise UsageError(f"{name!r} is no name: use letters, digits and underscores")
        folder = self.path / kind / name
        if (folder / "card").exists():
            raise UsageError(f"{name} is among the {kind} of this world already", hint="choose another name")
        shutil.rmtree(folder, ignore_errors=True)  # what an interrupted call left
        folder.mkdir()
        return folder
