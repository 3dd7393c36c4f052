"""What is installed: the wheel carries everything that a checkout has and the harness needs."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_wheel_carries_java_sources_and_lock_files(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [wheel] = tmp_path.glob("*.whl")
    names = set(zipfile.ZipFile(wheel).namelist())
    applet = {
        f"harness/_applet/{one.relative_to(ROOT / 'applet').as_posix()}" for one in ROOT.glob("applet/src/**/*.java")
    }
    runtime = {one.relative_to(ROOT).as_posix() for one in ROOT.glob("harness/**/*.java")}
    assert applet
    assert runtime
    assert applet | runtime | {"harness/toolchain/jars.lock.json"} <= names


def test_entry_points_load() -> None:
    mine = distribution("jpki-harness").entry_points
    assert {(one.group, one.name) for one in mine} == {("console_scripts", "jpki"), ("pytest11", "javacard")}
    for one in mine:
        one.load()


def test_default_install_needs_no_native_build() -> None:
    """pyscard compiles against PC/SC where there is no wheel, so only the extra `pcsc` may ask for it."""
    asked = [one for one in distribution("jpki-harness").requires or [] if one.startswith("pyscard")]
    assert asked
    assert all("extra == 'pcsc'" in one or 'extra == "pcsc"' in one for one in asked)
    assert "\npyscard==" not in "\n" + (ROOT / "scripts" / "requirements.lock").read_text(encoding="utf-8")


def test_every_locked_package_has_hashes() -> None:
    text = (ROOT / "scripts" / "requirements.lock").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert len(lines) > 20
    for line in lines:
        assert "==" in line.split()[0], line
        assert "--hash=sha256:" in line, line
