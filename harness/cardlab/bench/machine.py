"""What the figures were taken on."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Machine:
    """Everything that decides how fast this is."""

    python: str
    java: str
    jpype: str
    system: str
    processor: str
    cores: int

    def __str__(self) -> str:
        return (
            f"{self.python}, {self.java}, JPype {self.jpype}, {self.system}, "
            f"{self.processor}, {self.cores} core{'s' * (self.cores != 1)}"
        )


def this_machine() -> Machine:
    """The machine this runs on; finds Java."""
    from importlib.metadata import version

    from cardlab.toolchain.java import find_java

    java = find_java()
    return Machine(
        python=f"{platform.python_implementation()} {platform.python_version()}",
        java=f"Java {java.version} ({java.origin})",
        jpype=version("jpype1"),
        system=f"{platform.system()} {platform.machine()}",
        processor=_processor(),
        cores=_cores(),
    )


def _cores() -> int:
    """Those that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _processor() -> str:
    try:
        for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
            name, _, value = line.partition(":")
            if name.strip() == "model name":
                return value.strip()
    except OSError:
        pass
    return platform.processor() or "unknown processor"
