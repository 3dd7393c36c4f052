"""What is installed: the wheel carries everything that a checkout has and the harness needs."""

from __future__ import annotations

import os
import subprocess
import sys
import zipfile
from importlib.metadata import distribution
from pathlib import Path

import pytest

from tests.cardlab.cap.handmade import class_file

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    [built] = folder.glob("*.whl")
    return built


@pytest.mark.slow
def test_wheel_carries_sources_and_data(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    applet = {
        f"jpki/_applet/{one.relative_to(ROOT / 'applet').as_posix()}" for one in ROOT.glob("applet/src/**/*.java")
    }
    runtime = {one.relative_to(ROOT / "harness").as_posix() for one in ROOT.glob("harness/**/*.java")}
    tokens = {one.relative_to(ROOT / "harness").as_posix() for one in ROOT.glob("harness/cardlab/cap/exports/*.json")}
    assert applet
    assert runtime
    assert len(tokens) > 20
    assert applet | runtime | tokens | {"cardlab/toolchain/jars.lock.json"} <= names


@pytest.mark.slow
def test_an_installed_wheel_converts(wheel: Path, tmp_path: Path) -> None:
    """What pip puts into site-packages, in front of the checkout: its own token tables, a CAP file from them."""
    site, classes = tmp_path / "site", tmp_path / "classes"
    zipfile.ZipFile(wheel).extractall(site)
    classes.mkdir()
    (classes / "Hand.class").write_bytes(class_file(b"\xb1"))

    def cardlab(*arguments: str) -> str:
        code = "import cardlab; print(cardlab.__file__); from cardlab.cli import main; main()"
        done = subprocess.run(
            [sys.executable, "-P", "-c", code, *arguments],
            cwd=tmp_path,
            env=os.environ | {"PYTHONPATH": str(site)},
            check=True,
            capture_output=True,
            text=True,
        )
        where, _, rest = done.stdout.partition("\n")
        assert Path(where).is_relative_to(site)
        return rest

    assert "javacard.framework" in cardlab("cap", "exports")
    cardlab("cap", "convert", "classes", "--aid", "F000000001", "-o", "hand.cap")
    assert cardlab("cap", "verify", "hand.cap") == "sound\n"


def test_entry_points_load() -> None:
    mine = distribution("cardlab").entry_points
    assert {(one.group, one.name) for one in mine} == {
        ("console_scripts", "cardlab"),
        ("console_scripts", "jpki"),
        ("pytest11", "javacard"),
    }
    for one in mine:
        one.load()


def test_default_install_needs_no_native_build() -> None:
    """pyscard compiles against PC/SC where there is no wheel, so only the extra `pcsc` may ask for it."""
    asked = [one for one in distribution("cardlab").requires or [] if one.startswith("pyscard")]
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
