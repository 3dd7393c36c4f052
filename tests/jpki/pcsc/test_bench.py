"""What `jpki bench` says of a card in a reader is measured on one."""

from __future__ import annotations

import subprocess
import sys

import pytest

from tests.waiting import PATIENCE

MEASURE = """\
import json
from dataclasses import asdict
from jpki.bench.reader import in_reader
from jpki.bench.report import _in_reader
found = in_reader(rounds=2, turn=0.05, warm_up=0.5, signatures=2)
assert found.through_reader.lowest > 0 and found.opensc and found.opensc.min > 0
assert 0 < found.ratio < 1 and 0 <= found.client_share < 1
assert found.signature.n == 2 and found.opensc.n == 3
print("\\n".join(_in_reader(found)))
"""


@pytest.mark.slow
def test_a_card_in_a_reader() -> None:
    """In a process of its own, as a process can be led to one service only."""
    done = subprocess.run(
        [sys.executable, "-c", MEASURE], capture_output=True, text=True, timeout=PATIENCE, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "through pcscd to another process" in done.stdout
    assert "a run of OpenSC's pkcs15-crypt, n = 3" in done.stdout
