"""The openssl command as another implementation to ask."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.waiting import PATIENCE


def openssl(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run openssl in a folder; skips the test where there is none, but not on a build server."""
    program = shutil.which("openssl")
    if program is None:
        if os.environ.get("CI"):
            pytest.fail("openssl is not on the PATH; the build server must have it")
        pytest.skip("openssl is not on the PATH")
    return subprocess.run(
        [program, *arguments], cwd=folder, capture_output=True, text=True, check=False, timeout=PATIENCE
    )
