"""How long it takes from the start of a process to the applet's first answer, and what the time goes into."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import dataclass
from time import monotonic

from cardlab.bench.measure import Sample
from cardlab.errors import HarnessError

STAGES = ("interpreter and imports", "virtual machine", "card", "applet loaded, installed", "its first answer")


@dataclass(frozen=True, slots=True)
class Startup:
    """The whole, and its stages in their order."""

    total: Sample
    stages: dict[str, Sample]


def startup(*, runs: int) -> Startup:
    """Start that many processes, one after the other, after one that fills the caches."""
    _run()
    taken = [_run() for _ in range(runs)]
    stages = {name: Sample.of([one[number] for one in taken]) for number, name in enumerate(STAGES)}
    return Startup(Sample.of([sum(one) for one in taken]), stages)


def _run() -> list[float]:
    """The stages' times in one process, in seconds. The monotonic clock is the same in all processes."""
    started = monotonic()
    done = subprocess.run(
        [sys.executable, "-m", "jpki.bench.probe"], capture_output=True, text=True, timeout=120, check=False
    )
    if done.returncode != 0:
        raise HarnessError(f"the process whose start is measured failed: {done.stderr.strip().splitlines()[-1:]}")
    moments: list[float] = json.loads(done.stdout)
    return [after - before for before, after in zip([started, *moments], moments, strict=False)]
