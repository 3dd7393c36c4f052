"""Starts the engine."""

from __future__ import annotations

import pytest

from tests.cardlab.runtime.engine.lab import Lab


@pytest.fixture(scope="session")
def lab() -> Lab:
    """The engine with all algorithms."""
    return Lab.started()
