"""Source lines beside code."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cardlab.cap.debug import DebugClass


class Sources:
    """Java files below some folders, found by package and name as a Debug component says them."""

    def __init__(self, folders: Iterable[Path] = ()) -> None:
        self._files = [file for one in folders for file in sorted(one.rglob("*.java") if one.is_dir() else [one])]
        self._read: dict[str, tuple[str, ...]] = {}

    def line(self, of: DebugClass, number: int) -> str:
        """The text of a line, counted from 1; empty when it is not known."""
        lines = self._lines(of)
        return lines[number - 1] if 0 < number <= len(lines) else ""

    def _lines(self, of: DebugClass) -> tuple[str, ...]:
        folder = of.name.rpartition(".")[0].replace(".", "/")
        path = f"{folder}/{of.source}"
        if path not in self._read:
            self._read[path] = self._found(path)
        return self._read[path]

    def _found(self, path: str) -> tuple[str, ...]:
        """The file at the package's place, or the only one of its name."""
        name = path.rpartition("/")[2]
        named = [file for file in self._files if file.name == name]
        placed = [file for file in named if file.as_posix().endswith(f"/{path}")]
        chosen = placed[:1] or (named if len(named) == 1 else [])
        return tuple(chosen[0].read_text("utf-8", "replace").splitlines()) if chosen else ()
