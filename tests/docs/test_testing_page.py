"""docs/guide/applet-developer.md: every file on the page is written, every command run, every output compared."""

from __future__ import annotations

import shlex
from pathlib import Path

from tests.cardlab.pytest_plugin.project import Project
from tests.docs.pages import Command, agrees, steps


def test_the_page_can_be_followed(tmp_path: Path) -> None:
    project, commands = Project(tmp_path), 0
    for step in steps("testing.md"):
        if not isinstance(step, Command):
            project.write(step.name, step.text)
            continue
        program, *arguments = shlex.split(step.line)
        assert program == "pytest"
        printed = project.run(*arguments, COLUMNS="80").output
        assert agrees(step.output, printed), f"$ {step.line}\n{printed}\nThe page shows:\n{step.output}"
        commands += 1
    assert commands >= 4


def test_other_output_does_not_agree() -> None:
    assert agrees("F\n", "\njavacard: compiling a.B ...\nF\n")
    assert agrees("one\n...\nthree in 1.20s\n", "one\n2\n2\nthree in 0.10s\n")
    assert not agrees("one\n", "one\ntwo\n")
    assert not agrees("one\n...\nthree\n", "one\ntwo\n")
