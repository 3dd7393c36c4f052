"""Puts a mutant on the cards of a test run."""

from __future__ import annotations

import tempfile
from pathlib import Path

import pytest

from cardlab.campaign.mutants import build_mutant
from cardlab.errors import HarnessError
from jpki import package, sources
from jpki.evidence.mutants import Mutants

ROOT = Path(__file__).resolve().parents[4]


def put_into_applet(name: str, config: pytest.Config) -> None:
    """Have this process's cards carry the mutant of this name instead of the applet."""
    folder = tempfile.TemporaryDirectory(prefix="mutant-")
    config.add_cleanup(folder.cleanup)
    try:
        classes = build_mutant(Mutants(ROOT).named(name), sources.applet_sources(), Path(folder.name))
    except HarnessError as error:
        raise pytest.UsageError(f"{error}\n{error.hint}") from error
    compile_applet = package.__dict__["compile_applet"]  # the one place where sources become cards
    config.add_cleanup(lambda: package.__dict__.update(compile_applet=compile_applet))
    package.__dict__["compile_applet"] = lambda: classes
