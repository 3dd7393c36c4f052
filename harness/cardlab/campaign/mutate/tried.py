"""What tests execute, remembered: it is found out once for sources and tests as they are."""

from __future__ import annotations

import json
import pickle
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Self

from cardlab.campaign import fingerprints
from cardlab.campaign.mutate.messages import Ground, Tried
from cardlab.campaign.mutate.record import Run
from cardlab.campaign.mutate.traces import Traces
from cardlab.files import replace_file
from cardlab.toolchain import places

_FORM = "2"  # another one when something else is found out of tests


@dataclass(frozen=True, slots=True)
class TriedTests:
    """A file in the build folder."""

    path: Path

    @classmethod
    def of(cls, ground: Ground, run: Run) -> Self:
        """For these sources and tests, with these arguments."""
        name = fingerprints.combined([_FORM, run.sources, run.tests, run.cap, *ground.arguments])
        return cls(places.build_folder() / "mutants" / f"{name}.json")

    def read(self) -> dict[str, Tried]:
        """By test; nothing where there is no file, or a damaged one."""
        try:
            rows = json.loads(self.path.read_text(encoding="utf-8"))
            found = [Tried(test, seconds, passed, _lines(lines), why) for test, seconds, passed, lines, why in rows]
        except (OSError, ValueError, TypeError):
            return {}
        return {one.test: one for one in found}

    def write(self, tried: Iterable[Tried]) -> None:
        """Keep it; a folder that cannot be written costs time, nothing else."""
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self.path, json.dumps([astuple(one) for one in tried]).encode())

    def read_traces(self) -> Traces | None:
        """What tests ask of cards; None when that is not kept."""
        try:
            found = pickle.loads(self._traces.read_bytes())  # noqa: S301 - the build folder is as trusted as code
        except (OSError, ValueError, EOFError, AttributeError, ImportError, pickle.UnpicklingError):
            return None
        return found if isinstance(found, Traces) else None

    def write_traces(self, traces: Traces) -> None:
        """Keep it, as write() does."""
        with suppress(OSError):
            self.path.parent.mkdir(parents=True, exist_ok=True)
            replace_file(self._traces, pickle.dumps(traces))

    @property
    def _traces(self) -> Path:
        return self.path.with_suffix(".traces")


def _lines(rows: Iterable[tuple[str, int]]) -> tuple[tuple[str, int], ...]:
    return tuple((file, line) for file, line in rows)
