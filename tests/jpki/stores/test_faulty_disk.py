"""A process that is killed, or whose disk is full, at any write: nothing is half done, and the next command goes on."""

from __future__ import annotations

import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.jpki.stores.faulty import Fault, share

SHARE = {"quick": 2, "default": 4}
ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def interposer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The compiled library; skips where there is no compiler, but not on a build server."""
    compiler = shutil.which("gcc") or shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        if os.environ.get("CI"):
            pytest.fail("the build server must be Linux with a C compiler")
        pytest.skip("needs Linux and a C compiler")
    library = tmp_path_factory.mktemp("interposer") / "faulty_disk.so"
    source = Path(__file__).with_name("faulty_disk.c")
    flags = ["-shared", "-fPIC", "-O1", "-Wall", "-Wextra", "-Werror"]
    subprocess.run([compiler, *flags, "-o", str(library), str(source), "-ldl"], check=True)
    return library


def test_whatever_the_disk_does(interposer: Path, image: Path, tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """SIGKILL at a write, a write that is half done, a disk that is full from there, in every command that writes.

    A share by chance; thorough all of it. FAULT in the environment is one of them, as a failure names it.
    """
    profile = pytestconfig.getoption("--profile")
    what = os.environ.get("FAULT", "all")
    if "FAULT" not in os.environ and profile != "thorough":
        seed = "the same" if os.environ.get("CI") else str(random.random())
        what = "\n".join(map(str, share(SHARE[profile], seed)))
    command = [sys.executable, "-m", "tests.jpki.stores.faulty", str(image), str(tmp_path), what]
    environment = {**os.environ, "LD_PRELOAD": str(interposer)}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{what}\n{done.stderr[-2000:]}"
    found = {fault: wrong for fault, wrong in json.loads(done.stdout).items() if wrong}
    again = [f"FAULT={fault!r} pytest tests/jpki/stores/test_faulty_disk.py" for fault in found]
    assert found == {}, "\n".join(again)


def test_a_share_is_that_of_its_seed() -> None:
    assert share(5, "a") == share(5, "a") != share(5, "b")
    assert [Fault.read(str(one)) for one in share(5, "a")] == share(5, "a")
