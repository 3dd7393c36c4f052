"""What would be measured wrongly is not measured: the programs beside the bench, and what they lack."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from typing import Any

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


def test_a_card_that_does_not_come_into_its_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reader, "_SERVED", -1.0)
    monkeypatch.setattr(reader, "list_readers", tuple)
    daemon: Any = SimpleNamespace(readers=("a reader",))
    with (
        pytest.raises(HarnessError, match=r"^the card did not come into its reader") as told,
        reader._connected(daemon),
    ):
        pass
    assert told.value.hint == "try `jpki card serve --pcscd`"
