"""docs/guide/lab-engineer.md as its reader follows it: the commands of "A first run" print what the page shows; and the
example of docs/reference/readers.md."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.docs.pages import Command, Left, agrees, commands, steps
from tests.jpki.pcsc.test_cli import serving
from tests.waiting import wait_for

CHANGES = re.compile(r"\d\d:\d\d:\d\d\.\d{3}|127\.0\.0\.1:\d+|(?<==)/\S+(?=/pcscd\.comm)|\d+\.\d ms")


def shown(text: str) -> str:
    """What stays the same from run to run."""
    return CHANGES.sub("~", text)


@pytest.mark.slow
def test_the_page_can_be_followed(tmp_path: Path) -> None:
    blocks = [step.text for step in steps("guide/lab-engineer.md") if isinstance(step, Left)]
    (serve, greeting), *others, (same, view) = _lines(one for block in blocks for one in commands(block))
    assert serve == same
    assert serve.startswith("jpki card serve ")
    with serving(tmp_path, *serve.split()[3:]) as served:
        served.wait_for("in the reader")
        lines = greeting.count("\n")
        assert agrees(shown(greeting), shown("".join(served.said.splitlines(keepends=True)[:lines])))
        environment = {
            **os.environ,
            **dict(re.findall(r"^export (\w+)=(.*)$", served.said, re.MULTILINE)),
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.environ["PATH"])),
        }
        wait_for(lambda: "3BE000" in run("jpki card list", tmp_path, environment))
        for line, output in others:
            said = run(line, tmp_path, environment)
            assert agrees(output, said) if output else not said, f"{line}\n{said}"
        assert served.end() == 0
        assert agrees(shown(view), shown(served.said)), served.said


@pytest.mark.slow
def test_the_example_of_a_virtual_reader_finds_its_card(tmp_path: Path) -> None:
    """pcscd looks every 0.4 s, so an example that did not wait would fail now and then."""
    (code,) = (
        one.text for one in steps("reference/readers.md") if isinstance(one, Left) and "VirtualReader" in one.text
    )
    for _ in range(3):
        done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.stdout.startswith("6f"), done.stderr
        assert done.stdout.endswith("9000\n"), done.stderr


def _lines(found: Iterable[Command]) -> list[tuple[str, str]]:
    return [(one.line, one.output) for one in found]


def run(line: str, folder: Path, environment: dict[str, str]) -> str:
    """All that a command line says, in a shell."""
    done = subprocess.run(
        ["/bin/bash", "-c", line],
        cwd=folder,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        check=False,
    )
    return done.stdout.decode()
