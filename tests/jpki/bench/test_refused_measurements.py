"""What would be measured wrongly is not measured: the programs beside the bench, and what they lack."""

from __future__ import annotations

import sys

import pytest

from cardlab.errors import HarnessError, MissingDependencyError
from jpki.bench import reader, responder
from jpki.bench.startup import startup

FAILING = "/bin/false"


def test_a_process_that_fails_has_no_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", FAILING)
    with pytest.raises(HarnessError, match=r"^the process whose start is measured failed: "):
        startup(runs=1)
    with pytest.raises(HarnessError, match=r"^the responder whose rate is measured did not answer: "):
        responder._asked("http://127.0.0.1:1", b"request", 1)


def test_a_reader_whose_programs_are_not_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "find_pcscd", lambda: None)
    monkeypatch.setattr(reader, "find_vpcd", lambda: None)
    with pytest.raises(MissingDependencyError, match=r"^there is no pcscd, vsmartcard-vpcd") as refused:
        reader.in_reader(rounds=1, turn=0.1, warm_up=0.0, signatures=1)
    assert "lab-engineer.md" in refused.value.hint
