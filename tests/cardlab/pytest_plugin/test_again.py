"""A card that a test asks for again and again is copied where that can be, and no test sees a difference."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.cardlab.pytest_plugin.project import SETTINGS, Project

RUNTIMES = pytest.mark.parametrize("runtime", ["vm", "jcardsim"])
ALIKE = """
def told(card):
    \"\"\"What the card holds, what follows from its seed, and what from the host's.\"\"\"
    held = card.send(0x80, 0x52)
    card.send(0x80, 0x20, data=b"1234")
    card.send(0x80, 0x30, data=b"\\0\\1")
    card.select(b"")
    challenge = card.send(0x80, 0x50, data=bytes(8))
    return held, challenge, card.entropy.draw(8)

def test_they_are_alike(card_factory):
    seen = []
    for _ in range(6):
        with card_factory() as card:
            seen.append(told(card))
    assert len(set(seen)) == 1, seen

def test_open_ones_differ(card_factory):
    for _ in range(4):
        with card_factory() as one, card_factory() as other:
            assert told(one)[1:] != told(other)[1:]

def test_so_do_blank_ones_and_others(card_factory):
    for _ in range(4):
        with card_factory(blank=True) as blank, card_factory(seed=1) as seeded:
            seeded.send(0x80, 0x52)
            blank.transport.reset()
            assert "blank" in repr(blank)
"""
FAILS = """
def test_on_the_fourth(card_factory):
    for number in range(4):
        with card_factory() as card:
            card.send(0x80, 0x52)
            assert number < 3
"""


@pytest.fixture
def purse(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("pyproject.toml", SETTINGS)
    made.copy_purse()
    return made


@RUNTIMES
def test_cards_that_are_asked_for_alike_are_alike(purse: Project, runtime: str) -> None:
    purse.write("test_alike.py", ALIKE)
    result = purse.run("-q", "--card-runtime", runtime)
    assert (result.code, "3 passed" in result.output) == (0, True), result.output


@RUNTIMES
def test_the_report_says_where_its_first_lines_were_sent(purse: Project, runtime: str) -> None:
    purse.write("test_fails.py", FAILS)
    result = purse.run("-q", "--card-runtime", runtime)
    assert result.code == 1, result.output
    assert "[installed com.example.purse.Purse" in result.output
    assert ("[all of this was sent to one card, of which this is a copy]" in result.output) == (runtime == "vm")


TWICE = """
import faulthandler
import pytest

class Twice:
    @pytest.hookimpl(tryfirst=True)
    def pytest_runtest_teardown(self):
        assert not faulthandler.is_enabled()

for _ in range(2):
    assert pytest.main(["-q", "-p", "no:cacheprovider", "test_alike.py"], [Twice()]) == 0
faulthandler.enable()
assert pytest.main(["-q", "-p", "no:cacheprovider", "test_alike.py"], [Twice()]) == 0
"""


def test_pytest_runs_again_in_the_same_process(purse: Project) -> None:
    """Java, which the first run started, keeps its signals: pytest's faulthandler would end the process with them."""
    purse.write("test_alike.py", ALIKE)
    purse.write("twice.py", TWICE)
    done = subprocess.run([purse.python, "twice.py"], cwd=purse.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.count("3 passed") == 3
