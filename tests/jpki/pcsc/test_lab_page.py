"""docs/guide/lab-engineer.md as its reader follows it: the commands of "A first run" print what the page shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import DOCS, agrees
from tests.jpki.pcsc.test_cli import serving
from tests.jpki.pcsc.waiting import wait_for

SECTION = re.compile(r"^## A first run\n(.*?)^## ", re.MULTILINE | re.DOTALL)
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
CHANGES = re.compile(r"\d\d:\d\d:\d\d\.\d{3}|127\.0\.0\.1:\d+|(?<==)/\S+(?=/pcscd\.comm)|\d+\.\d ms")


def shown(text: str) -> str:
    """What stays the same from run to run."""
    return CHANGES.sub("~", text)


def commands(block: str) -> list[tuple[str, str]]:
    """Each command line of a block with what it prints."""
    found = []
    for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
        line, _, output = part.partition("\n")
        found.append((line, output))
    return found


@pytest.mark.slow
def test_the_page_can_be_followed(tmp_path: Path) -> None:
    page = (DOCS / "guide" / "lab-engineer.md").read_text(encoding="utf-8")
    section = SECTION.search(page)
    assert section
    steps = [command for block in BLOCK.findall(section[1]) for command in commands(block)]
    (serve, greeting), *others, (same, view) = steps
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
