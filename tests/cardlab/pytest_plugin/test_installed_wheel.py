"""The wheel in an environment of its own, for a project that calls its folders as ours are called."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.cardlab.pytest_plugin.project import EXAMPLE, SETTINGS, Project
from tests.cardlab.pytest_plugin.test_outside_project import lines

ROOT = Path(__file__).resolve().parents[3]
FOLDERS = ("harness", "applet", "tests", "scripts", "docs", "cap", "card", "reader", "runtime", "transport", "project")

pytestmark = pytest.mark.slow


@dataclass(frozen=True, slots=True)
class Environment:
    """A virtual environment with the wheel in it."""

    folder: Path

    @property
    def python(self) -> str:
        return str(self.folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """What pip would install, without the network: the other packages are this environment's, our checkout is not."""
    wheels, made = tmp_path_factory.mktemp("wheel"), Environment(tmp_path_factory.mktemp("environment"))
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(wheels)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    venv.create(made.folder, with_pip=False)
    ask = [made.python, "-c", "import sysconfig; print(sysconfig.get_paths()['purelib'])"]
    site = Path(subprocess.run(ask, check=True, capture_output=True, text=True).stdout.strip())
    [wheel] = wheels.glob("*.whl")
    zipfile.ZipFile(wheel).extractall(site)
    # A path in a .pth file is looked through as it is: .pth files there, the checkout's among them, do not count.
    (site / "others.pth").write_text(sysconfig.get_paths()["purelib"] + "\n", encoding="utf-8")
    return made


@pytest.fixture
def project(installed: Environment, tmp_path: Path) -> Project:
    made = Project(tmp_path, python=installed.python)
    made.write("pyproject.toml", SETTINGS)
    made.copy_purse()
    for name in FOLDERS:
        made.write(f"{name}/__init__.py", f'MINE = "{name}"\n')
    return made


OURS = """
    import importlib, sys
    import cardlab
    import pytest

    @pytest.mark.parametrize("name", NAMES)
    def test_own_packages(name, card):
        assert importlib.import_module(name).MINE == name

    def test_the_wheel_is_used(card):
        assert cardlab.__file__.startswith(sys.prefix)
        assert card.send(0x80, 0x52) == bytes(4)
"""


def test_a_project_with_folders_of_the_same_names_is_no_trouble(project: Project) -> None:
    project.write("tests/test_own.py", lines(OURS).replace("NAMES", repr(FOLDERS)))
    project.write("test_purse.py", (EXAMPLE / "test_purse.py").read_text(encoding="utf-8"))
    result = project.run("-q", PYTHONPATH="")
    assert result.code == 0, result.output
    assert f"{ROOT}/" not in result.output
    assert "passed" in result.output


def test_its_new_project_passes(installed: Environment, tmp_path: Path) -> None:
    command = [installed.python, "-I", "-m", "cardlab.cli", "new", "my-purse"]
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True)
    result = Project(tmp_path / "my-purse", python=installed.python).run("-q", PYTHONPATH="")
    assert "5 passed" in result.output, result.output
