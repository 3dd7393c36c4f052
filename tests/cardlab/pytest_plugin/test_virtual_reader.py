"""``--card vpcd``: tests of applet and card manager, with state machines and power cuts, on cards behind PC/SC."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cardlab.pytest_plugin.project import Project
from tests.cardlab.pytest_plugin.readers import needs_readers
from tests.cardlab.pytest_plugin.test_outside_project import project
from tests.waiting import PATIENCE

__all__ = ["project"]

ROOT = Path(__file__).resolve().parents[3]
SHARE = [
    "tests/jpki/applet/test_model.py::test_card_and_model_agree_whatever_the_host_does[0]",
    *(f"tests/jpki/applet/test_{name}.py" for name in ("pins", "selection", "tears")),
    *(f"tests/cardlab/card/test_{name}.py" for name in ("model", "power_cut")),
    "tests/example_applet",
    "tests/cardlab/globalplatform/test_on_cards.py",
]
KEY_GENERATION = [  # at each moment of it: that takes long
    f"--deselect=tests/jpki/applet/test_tears.py::test_{name}"
    for name in (
        "issuing_again_leaves_the_old_slot_an_empty_one_or_the_new_one",
        "issuing_into_an_empty_slot_keeps_the_pin",
        "an_interrupted_renewal",
    )
]

pytestmark = needs_readers


@pytest.mark.slow
def test_the_same_tests_pass_in_a_reader() -> None:
    """A share of the suite, in a run of its own: a process talks to one PC/SC service only."""
    foreign = ("PYTEST_", "COV_")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--card", "vpcd", "--profile", "quick"]
    done = subprocess.run(
        [*command, *SHARE, *KEY_GENERATION],
        cwd=ROOT,
        env=kept,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    summary = done.stdout.strip().splitlines()[-1]
    everything = r"\d{3} passed, \d deselected(, \d+ warnings?)? in .*"
    assert re.fullmatch(everything, summary), "this kind of card can do everything"


CARDS = """
    import pytest
    from cardlab.errors import TransportError, UsageError
    from cardlab.runtime.jcardsim.library import ClassLibrary
    from cardlab.runtime.interface import Media

    SELECT = bytes.fromhex("00A4040000")

    @pytest.mark.needs("pcsc", "many", "interfaces")
    def test_readers(card_source):
        from cardlab.transport.pcsc import list_readers
        cards = [card_source.open(ClassLibrary(), seed=number) for number in range(4)]
        assert sum(reader.in_use for reader in list_readers()) == 4
        assert len({card.simulated.se_id for card in cards}) == 4
        with pytest.raises(UsageError, match="4 cards are in the readers"):
            card_source.open(ClassLibrary(), seed=4)
        cards[2].reset(Media.CONTACTLESS_TYPE_B)
        assert [card.simulated.media for card in cards].count(Media.CONTACTLESS_TYPE_B) == 1
        for card in cards:
            assert card.transmit(SELECT)[-2:] == b"\\x90\\x00"
            card.close()
        with card_source.open(ClassLibrary(), seed=5) as card:
            assert card.transmit(SELECT)[-2:] == b"\\x90\\x00"
            assert card.simulated.media is Media.CONTACT
            cards[0].close()
            with card_source.open(ClassLibrary(), seed=6) as other:
                assert card.transmit(SELECT)[-2:] == other.transmit(SELECT)[-2:] == b"\\x90\\x00"
                assert card.rig.reader != other.rig.reader, "closing the first again did not free its reader"
            with pytest.raises(TransportError, match="taken out"):
                cards[0].transmit(SELECT)

    def test_fails(card):
        card.send(0x80, 0x99)
"""


def test_cards_are_in_readers_and_failures_explain_themselves(project: Project) -> None:
    project.write("test_it.py", "\n".join(line.removeprefix("    ") for line in CARDS.strip("\n").splitlines()))
    output = project.run("--card", "vpcd").output
    assert "1 failed, 1 passed" in output, output
    assert "card: vpcd" in output
    assert "> 8099000000  INS 99\n  < 6D00" in output
    assert "vpcd:3: vpcd takes no argument" in project.run("--card", "vpcd:3").output
