"""``--installer gp``: GlobalPlatformPro brings the applet under test onto the card; only where GlobalPlatformPro is."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.errors import MissingDependencyError
from cardlab.globalplatform.host.gppro.program import find_gp
from tests.cardlab.pytest_plugin.project import SETTINGS, Project

TESTS = """\
def test_it(card):
    assert card.send(0x80, 0x52) == bytes(4)

def test_failing(card):
    assert card.send(0x80, 0x52) == b"other"
"""


def test_it_loads_and_installs_the_applet_under_test(tmp_path: Path) -> None:
    try:
        version = find_gp().version_text
    except MissingDependencyError as error:
        pytest.skip(f"{error}; {error.hint}")
    project = Project(tmp_path)
    project.write("pyproject.toml", SETTINGS)
    project.copy_purse()
    project.write("test_it.py", TESTS)
    result = project.run("--card", "vpcd", "--installer", "gp")
    assert result.code == pytest.ExitCode.TESTS_FAILED
    assert "1 failed, 1 passed" in result.output
    assert f"[loaded F000000001 by GlobalPlatformPro {version}]" in result.output
    assert f"[installed com.example.purse.Purse as F00000000101 by GlobalPlatformPro {version}]" in result.output
