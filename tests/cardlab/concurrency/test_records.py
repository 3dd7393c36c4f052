"""Records in SQLite: many may have them open; a transaction that another process does not end is an error in time."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest

from cardlab.errors import BusyError
from jpki.cli import run
from jpki.parties import store
from jpki.parties.push import PushRecords
from tests.cardlab.concurrency.holders import READER, TRANSACTION, end, holding


@pytest.mark.parametrize("program", [TRANSACTION, READER], ids=["writing", "reading"])
def test_another_process_that_does_not_end(program: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store, "_WAIT", 0.2)
    file = tmp_path / "push.sqlite"
    with closing(PushRecords.open(file)) as records:
        for name in "ab":
            records.token(name, f"token of {name}")
        with holding(program, file) as other:
            with pytest.raises(BusyError, match=r"push\.sqlite is in use by another process"):
                records.token("c", "never")
            with pytest.raises(BusyError, match=r"push\.sqlite is in use by another process"), records.transaction():
                records.token("c", "never")
            end(other)
        assert records.token("c", "token of c") == "token of c"  # nothing of the failed ones is left, or in the way
        with closing(PushRecords.open(file)) as again:
            assert [again.token(name, "new") for name in "abc"] == [f"token of {name}" for name in "abc"]


def test_the_command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(store, "_WAIT", 0.2)
    file = tmp_path / "ca.sqlite"
    assert run(["ca", "create", str(file)]) == 0
    with holding(TRANSACTION, file):
        assert run(["ca", "list", str(file)]) == 0, "who only reads is not hindered"
        assert run(["ca", "crl", str(file), "signing", "-o", str(tmp_path / "crl")]) == 11
    assert "ca.sqlite is in use by another process" in capsys.readouterr().err
