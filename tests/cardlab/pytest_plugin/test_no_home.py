"""A home that cannot be written to is named, and what to do; nothing is said of the network."""

from __future__ import annotations

import pytest

from tests.cardlab.pytest_plugin.project import Project
from tests.cardlab.pytest_plugin.test_outside_project import project

__all__ = ["project"]

HOW = "give HOME a folder that can be; XDG_CACHE_HOME names another for what is built, M2_REPO for jars"


@pytest.mark.parametrize("variable", ["HOME", "XDG_CACHE_HOME", "M2_REPO"])
def test_a_folder_that_cannot_be_made(project: Project, variable: str) -> None:
    project.write("test_it.py", "def test_it(card): ...\n")
    project.write("file", "")
    there = {"M2_REPO": ""} if variable == "HOME" else {}
    result = project.run("-q", **there, **{variable: str(project.folder / "file" / "home")})
    assert f"{project.folder}/file" in result.output
    assert "cannot be written: Not a directory" in result.output
    assert HOW in result.output
    assert "connection" not in result.output
    assert "Traceback" not in result.output
