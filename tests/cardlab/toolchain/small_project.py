"""A repository in small: the real build.py, one locked package, and a ``jpki.cli`` that says how it was called."""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parents[3]

PYPROJECT = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]

[project]
name = "small"
version = "1.0"

[tool.hatch]
"""

# A build backend by the rules of PEP 517 and PEP 660, so that nothing but pip is needed.
BACKEND = """\
import pathlib, zipfile

def build_editable(folder, settings=None, metadata=None):
    name = "small-1.0-py3-none-any.whl"
    with zipfile.ZipFile(pathlib.Path(folder) / name, "w") as wheel:
        wheel.writestr("small.pth", str(pathlib.Path.cwd()))
        wheel.writestr("small-1.0.dist-info/METADATA", "Metadata-Version: 2.1\\nName: small\\nVersion: 1.0\\n")
        wheel.writestr("small-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n")
        wheel.writestr("small-1.0.dist-info/RECORD", "")
    return name

def get_requires_for_build_editable(settings=None):
    return []
"""

COMMAND = """\
import json, os, sys
import locked
print(json.dumps({"arguments": sys.argv[1:], "folder": os.getcwd(), "prefix": sys.prefix}))
sys.exit(7)
"""


@dataclass(frozen=True)
class SmallProject:
    """Where it is, where its one wheel is, and how to run its build.py."""

    root: Path
    wheels: Path

    @property
    def stamp(self) -> Path:
        """What build.py writes last."""
        return self.root / ".venv" / "made-from"

    @property
    def lock(self) -> Path:
        """The lock file of the one package."""
        return self.root / "scripts" / "requirements.lock"

    def environment(self, **more: str) -> dict[str, str]:
        """Few variables, no network: pip finds the wheel in a folder."""
        kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TEMP", "TMP") if name in os.environ}
        home = {"HOME": str(self.root.parent), "PATH": os.defpath}
        return {**kept, **home, "PIP_NO_INDEX": "1", "PIP_FIND_LINKS": self.wheels.as_uri(), **more}

    def start(self, *arguments: str, cwd: Path | None = None, **more: str) -> subprocess.Popen[str]:
        """Start build.py with the Python that runs the tests."""
        command = [sys.executable, str(self.root / "build.py"), *arguments]
        environment = self.environment(**more)
        return subprocess.Popen(
            command, cwd=cwd, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8"
        )

    def run(self, *arguments: str, cwd: Path | None = None, **more: str) -> subprocess.CompletedProcess[str]:
        """Run build.py to its end."""
        process = self.start(*arguments, cwd=cwd, **more)
        out, err = process.communicate(timeout=PATIENCE)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def make(folder: Path) -> SmallProject:
    """Writes the small repository into a folder with a blank in its name."""
    root, wheels = folder / "a small project", folder / "wheels"
    for one in (root / "scripts", root / "jpki" / "cli", wheels):
        one.mkdir(parents=True)
    shutil.copy(ROOT / "build.py", root)
    (root / "pyproject.toml").write_text(PYPROJECT)
    (root / "backend.py").write_text(BACKEND)
    (root / "jpki" / "__init__.py").touch()
    (root / "jpki" / "cli" / "__init__.py").touch()
    (root / "jpki" / "cli" / "__main__.py").write_text(COMMAND)
    project = SmallProject(root, wheels)
    digest = hashlib.sha256(_wheel(wheels).read_bytes()).hexdigest()
    project.lock.write_text(f"locked==1.0 \\\n    --hash=sha256:{digest}\n")
    (root / "scripts" / "pcsc.lock").write_text("reader==1.0 --hash=sha256:" + "0" * 64 + "\n")
    return project


def _wheel(folder: Path) -> Path:
    files = {
        "locked.py": b"",
        "locked-1.0.dist-info/METADATA": b"Metadata-Version: 2.1\nName: locked\nVersion: 1.0\n",
        "locked-1.0.dist-info/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    path = folder / "locked-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        record = []
        for name, content in files.items():
            wheel.writestr(name, content)
            digest = base64.urlsafe_b64encode(hashlib.sha256(content).digest()).rstrip(b"=").decode()
            record.append(f"{name},sha256={digest},{len(content)}\n")
        wheel.writestr("locked-1.0.dist-info/RECORD", "".join(record) + "locked-1.0.dist-info/RECORD,,\n")
    return path
