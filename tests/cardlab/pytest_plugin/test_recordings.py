"""``--record`` and ``--card replay:FILE``: a recorded run repeats without a card; a test that changed is told so."""

from __future__ import annotations

import re

import pytest

from tests.cardlab.pytest_plugin.project import SETTINGS, Project
from tests.cardlab.pytest_plugin.test_outside_project import lines, project

__all__ = ["project"]

TESTS = """
    import pytest
    from hypothesis import given, settings, strategies as st
    from cardlab.runtime.interface import Media

    PIN = b"1234"

    def test_credit(card):
        card.send(0x80, 0x20, data=PIN)
        card.send(0x80, 0x30, data=b"\\x01\\x00")
        assert card.send(0x80, 0x52) == b"\\x01\\x00\\x00\\x01"

    def test_random(card):
        print("drawn", card.entropy.draw(8).hex())
        card.select(card.manager().selected)
        card.send(0x80, 0x50, data=card.entropy.draw(8))

    def test_power(card_factory):
        with card_factory() as card:
            card.send(0x80, 0x20, data=PIN)
            assert card.tear(0x80, 0x30, data=b"\\x00\\x07", at=1)
            assert card.send(0x80, 0x52) == bytes(4)

    @settings(max_examples=10, deadline=None)
    @given(amount=st.integers(1, 1000))
    def test_examples(card_factory, amount):
        with card_factory() as card:
            card.send(0x80, 0x20, data=PIN)
            card.send(0x80, 0x30, data=amount.to_bytes(2, "big"))
            assert int.from_bytes(card.send(0x80, 0x52)[:2], "big") == amount

    @pytest.mark.needs("inside")
    def test_inside(card_source):
        from cardlab.runtime.jcardsim.library import ClassLibrary
        with card_source.open(ClassLibrary(), seed=1) as card:
            assert card.simulated.free_memory
"""


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Project:
    """A project, and the recording of a run of its tests."""
    made = Project(tmp_path_factory.mktemp("original"))
    made.write("pyproject.toml", SETTINGS)
    made.copy_purse()
    made.write("test_it.py", lines(TESTS))
    result = made.run("-q", "--record", "run.txt")
    assert "5 passed" in result.output, result.output
    return made


def test_a_recorded_run_repeats_without_a_card(recording: Project) -> None:
    text = (recording.folder / "run.txt").read_text(encoding="utf-8")
    assert text.startswith("# card transcript 1\natr: 3BE000FF8131FE4514\nharness: ")
    assert "test: test_it.py::test_credit\ncard: 1\nsecrets: left out\n" in text
    assert "31323334" not in text  # the PIN
    assert "! lost" in text
    result = recording.run("-q", "-s", "--card", "replay:run.txt")
    assert "4 passed, 1 skipped" in result.output, result.output
    skipped = recording.run("-rs", "-k", "inside", "--card=replay:run.txt").output
    assert "--card replay lacks a memory that can be looked into" in skipped
    assert "4 passed" in recording.run("-q", "-n", "2", "--card", "replay:run.txt").output


def test_replay_takes_nothing_from_a_simulated_card(recording: Project) -> None:
    """What the card answers comes from the file: an answer that is altered there reaches the test."""
    text = (recording.folder / "run.txt").read_text(encoding="utf-8")
    altered = text.replace("< 010000019000", "< 020000019000")
    assert altered != text
    recording.write("altered.txt", altered)
    output = recording.run("-q", "-k", "credit", "--card", "replay:altered.txt").output
    assert "assert b'\\x02\\x00\\x00\\x01' == b'\\x01\\x00\\x00\\x01'" in output


CHANGES = {
    "other data": (
        'data=b"\\x01\\x00")\n    assert card',
        'data=b"\\x01\\x02")\n    assert card',
        r"line \d+: the transcript has 8030000002010000, got INS 30 8030000002010200; they differ from byte 7",
    ),
    "one more": (
        "def test_random",
        "    card.reset()\n\ndef test_random",
        r"run\.txt: the transcript ends after \d+ steps, got a reset",
    ),
    "one less": (
        "    assert card.send(0x80, 0x52) == b",
        "    return\n    assert card.send(0x80, 0x52) == b",
        r"the test ended, and the recorded one went on with run\.txt: line \d+: 8052000000",
    ),
    "another name": ("def test_credit", "def test_debit", r"run\.txt holds no card of this test"),
}


def test_a_test_that_changed_is_told_where(recording: Project) -> None:
    text = (recording.folder / "test_it.py").read_text(encoding="utf-8")
    try:
        for old, new, message in CHANGES.values():
            assert old in text
            recording.write("test_it.py", text.replace(old, new, 1))
            result = recording.run("-q", "-rs", "-k", "credit or debit", "--card", "replay:run.txt", COLUMNS="300")
            assert re.search(message, result.output), result.output
    finally:
        recording.write("test_it.py", text)


def test_random_numbers_of_the_test_itself_are_a_difference(project: Project) -> None:
    project.write(
        "test_it.py",
        "import os\n\ndef test_it(card):\n    card.manager()\n    card.select(card.manager().selected)\n"
        "    card.send(0x80, 0x50, data=os.urandom(8))\n",
    )
    assert project.run("-q", "--record", "run.txt").code == 0
    result = project.run("-q", "--card", "replay:run.txt", COLUMNS="300")
    assert result.code == 1
    assert "got INITIALIZE UPDATE" in result.output
    assert "draw that from card.entropy" in result.output


def test_recordings_that_are_none(project: Project) -> None:
    project.write("test_it.py", "def test_it(): ...\n")
    project.write("text.txt", "hello\n")
    project.write("half.txt", "# card transcript 1\natr: 3B00\n> 00A4040000\n")
    for arguments, message in (
        (("--card", "replay:none.txt"), "--card replay:none.txt: No such file or directory"),
        (("--card", "replay"), "--card replay names no file"),
        (("--card", "replay:text.txt"), "not a transcript: the first line is not"),
        (("--card", "replay:half.txt"), "line 3: the last command has no response"),
        (("--record", "no/such/folder.txt"), "--record no/such/folder.txt: No such file or directory"),
        (("--card", "sim", "--destructive", "X"), "--card sim takes no --destructive"),
    ):
        result = project.run(*arguments)
        assert result.code == pytest.ExitCode.USAGE_ERROR, result.output
        assert message in result.output
    assert "a recording is made in one process" in project.run("-n", "2", "--record", "run.txt").output


NEEDS = """
    import pytest
    from cardlab.pytest_plugin import Capability

    @pytest.mark.needs({needs})
    def test_it(card): ...
"""


WITHOUT_READER = """
    from dataclasses import replace
    from cardlab import kinds
    from cardlab.kinds import vpcd
    vpcd.KIND = replace(vpcd.KIND, tests=None)
"""


def test_a_capability_that_there_is_not_is_an_error(project: Project) -> None:
    project.write("test_it.py", lines(NEEDS.replace("{needs}", '"wings"')))
    result = project.run("-q")
    assert result.code == pytest.ExitCode.USAGE_ERROR
    assert "test_it.py::test_it: needs('wings') is no capability of a card (there are blank, many," in result.output


def test_a_test_that_is_skipped_on_every_kind_of_card_is_an_error(project: Project) -> None:
    project.write("test_it.py", lines(NEEDS.replace("{needs}", 'Capability.PCSC, "power_cut"')))
    assert "1 skipped" in project.run("-q").output  # the virtual reader has both
    project.write("conftest.py", lines(WITHOUT_READER))
    result = project.run("-q")
    assert result.code == pytest.ExitCode.USAGE_ERROR
    assert "test_it.py::test_it needs power that fails within a command; a reader between" in result.output
    assert "no kind of card has all of that" in result.output
