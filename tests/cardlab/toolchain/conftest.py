"""What several of these tests need: Javas that only answer questions, and an environment of one's own."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

FakeJava = Callable[..., Path]


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home folder that nobody used before; the jars stay where this machine has them."""
    repository = os.environ.get("M2_REPO") or str(Path.home() / ".m2" / "repository")
    folder = tmp_path / "home"
    folder.mkdir()
    monkeypatch.setenv("HOME", str(folder))
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder / "cache"))
    monkeypatch.setenv("M2_REPO", repository)
    return folder


@pytest.fixture
def fake_java(tmp_path: Path) -> FakeJava:
    """Makes a Java home whose ``bin/java`` prints what it is told to; returns the home."""

    def make(name: str, says: str, *, exit_code: int = 0, library: bool = True) -> Path:
        java_home = tmp_path / name
        executable = java_home / "bin" / "java"
        executable.parent.mkdir(parents=True)
        asked = java_home / "asked"
        repeat = 'while IFS= read -r line; do echo "$line" >&2; done'
        script = f"echo x >> '{asked}'\n{repeat} <<'EOT'\n{says}\nEOT\nexit {exit_code}\n"
        executable.write_text(f"#!/bin/sh\n{script}")  # no program but the shell: PATH may be empty
        executable.chmod(executable.stat().st_mode | stat.S_IXUSR)
        if library:
            (java_home / "lib" / "server").mkdir(parents=True)
            (java_home / "lib" / "server" / "libjvm.so").touch()
        return java_home

    return make
