"""The applet against its model (B, C, D5), and against properties that need no model."""

from __future__ import annotations

import pytest
from hypothesis import seed, settings
from hypothesis.stateful import run_state_machine_as_test

from cardlab.pytest_plugin import CardSource
from jpki.model.state import Suite
from tests.blocks import in_blocks
from tests.jpki.applet.machine import JpkiMachine
from tests.jpki.applet.machine_cards import Cards

STEPS = 40
PARTS, BLOCKS = 3, 30  # to share the work among processes; of a thorough run, each of which can be run alone


@pytest.fixture(scope="module")
def cards(card_source: CardSource, tmp_path_factory: pytest.TempPathFactory) -> Cards:
    return Cards(tmp_path_factory.mktemp("cards"), card_source)


def machine(source: Cards, suite: Suite = Suite.RSA_2048) -> type[JpkiMachine]:
    """The state machine with cards from ``source``, their applet installed with this suite."""

    class Machine(JpkiMachine):
        cards = source

    Machine.suite = suite
    Machine.__name__ = Machine.__qualname__ = "JpkiMachine"
    return Machine


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Thorough runs in more blocks, with fewer lives in each."""
    in_blocks(metafunc, BLOCKS, PARTS)


@pytest.mark.slow
@pytest.mark.hypothesis  # as @given has it: what it reaches is not counted
@pytest.mark.needs("expendable", "interfaces")
def test_card_and_model_agree_whatever_the_host_does(cards: Cards, block: int, pytestconfig: pytest.Config) -> None:
    """Every rule of docs/reference/applet.md, in any order, with resets, other applets and wrong input in between.

    The properties that need no model are those of machine_properties.py (A3-A5, B1, B3-B7, C1-C6, D1, D5).
    """
    # Each block draws from a seed of its own: where runs are repeatable (CI), all would be the same otherwise.
    source = seed(block)(machine(cards)) if settings().derandomize else machine(cards)
    lives = settings().max_examples
    if pytestconfig.getoption("--profile") == "thorough":
        lives = lives * PARTS // BLOCKS
    run_state_machine_as_test(source, settings=settings(max_examples=lives, stateful_step_count=STEPS))


@pytest.mark.slow
@pytest.mark.hypothesis
@pytest.mark.needs("expendable", "interfaces")
def test_so_they_do_with_the_second_suite(cards: Cards) -> None:
    """The same rules with ECDSA on P-384, but for the keys and what they sign: fewer lives suffice."""
    some = settings(stateful_step_count=STEPS, max_examples=max(10, settings().max_examples // 4))
    run_state_machine_as_test(machine(cards, Suite.P_384), settings=some)
