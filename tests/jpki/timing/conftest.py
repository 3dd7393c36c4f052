"""One round of all flows, recorded once in a process."""

from __future__ import annotations

import pytest

from jpki.timing.flows import rounds
from jpki.timing.trace import Trace


@pytest.fixture(scope="session")
def recorded(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Trace]:
    """By the names of the flows."""
    (one,) = rounds(tmp_path_factory.mktemp("world"), 1)
    return one
