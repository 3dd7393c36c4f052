"""``--runtime``: the commands that make simulated cards say which runtimes there are, before they make anything."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.errors import UsageError
from jpki.cli import run


@pytest.mark.parametrize("command", [["demo"], ["world", "add-phone", "phone"], ["card", "serve"]])
def test_an_unknown_runtime_lists_the_known_ones(
    command: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run([*command, "--runtime", "abacus"]) == UsageError.exit_code
    said = capsys.readouterr().err
    assert "there is no runtime abacus" in said
    assert "jcardsim" in said
    assert list(tmp_path.iterdir()) == []
