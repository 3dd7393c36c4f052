"""The record of hunts for mutants: a file that people keep with their tests, so that everybody's tables say the same.

    {"a PIN is never blocked": {"test": {"by": "test_pins.py::test_blocking", "fingerprint": "0d5e..."}}}

An entry counts while its fingerprint is that of the sources, the mutant and the tests of today; what does not count was
not hunted.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cardlab.campaign.kept import read_kept, write_kept
from cardlab.locking import hold_file

_WAIT = 30.0  # seconds for another hunt that is writing


@dataclass(frozen=True, slots=True)
class Found:
    """What one hunt found: ``by`` noticed the mutant, nothing did when it is empty.

    ``lives``: how many random lives had been begun then, or were tried in vain; 0 where the hunt is not a random one.
    """

    by: str
    fingerprint: str
    lives: int = 0


class Record:
    """The file; hunts in several processes may write into it."""

    def __init__(self, path: Path) -> None:
        """Read it, if it is there; raises IntegrityError when it is no record."""
        self._path = path
        self._entries = _read(path)

    def get(self, mutant: str, way: str, fingerprint: str) -> Found | None:
        """What was found for the mutant of this name in one way of hunting; None: it was not hunted so as it is now."""
        found = self._entries.get(mutant, {}).get(way)
        return found if found and found.fingerprint == fingerprint else None

    def put(self, mutant: str, way: str, found: Found) -> None:
        """Keep one result, at once: a hunt takes long and may be interrupted."""
        with hold_file(self._path, wait=_WAIT):
            self._entries = _read(self._path)
            self._entries.setdefault(mutant, {})[way] = found
            self._write()

    def keep_only(self, mutants: Iterable[str], ways: Iterable[str]) -> None:
        """Forget mutants that are no more, and other ways of hunting than these."""
        with hold_file(self._path, wait=_WAIT):
            entries, names, kept = _read(self._path), set(mutants), set(ways)
            self._entries = {
                name: {way: found for way, found in of_mutant.items() if way in kept}
                for name, of_mutant in entries.items()
                if name in names
            }
            self._write()

    def _write(self) -> None:
        content = {
            mutant: {way: _content(found) for way, found in sorted(ways.items())}
            for mutant, ways in sorted(self._entries.items())
        }
        write_kept(self._path, json.dumps(content, indent=1, ensure_ascii=False) + "\n")


def _content(found: Found) -> dict[str, Any]:
    return {name: value for name, value in asdict(found).items() if value or name != "lives"}


def _read(path: Path) -> dict[str, dict[str, Found]]:
    return read_kept(path, "hunts", _entries, hint="take it from the repository again") if path.is_file() else {}


def _entries(content: dict[str, Any]) -> dict[str, dict[str, Found]]:
    return {name: {way: Found(**found) for way, found in ways.items()} for name, ways in content.items()}
