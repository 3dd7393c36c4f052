"""The applet behaves as plan 4's model says: every state, every command, and random sequences (B3, B4, B5, B7)."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cardlab.iso7816.status import UnexpectedStatusError
from cardlab.pytest_plugin import CardSource, LabCard, Prepared
from jpki.client.constants import PinState, Slot
from jpki.client.errors import WrongPinError
from jpki.package import jpki_library
from jpki.plans.card import CommandKind, CommandOutcome, PinPhase, Secret, SpecialStates, SymbolicCard, SymbolicCommand
from jpki.plans.explore import explore
from jpki.plans.situation import Situation
from jpki.plans.six import SpecialTransition
from tests.jpki.applet.cards import JpkiCard

SLOT = Slot.AUTHENTICATION
RULES = SpecialStates(tries=SLOT.tries)
PINS = {Secret.TEMPORARY: b"0000", Secret.USER: b"1234", Secret.THIEF: b"9999", Secret.WRONG: b"5555"}
PHASES = {
    PinState.INITIAL: PinPhase.INITIAL,
    PinState.SETTABLE: PinPhase.SETTABLE,
    PinState.ACTIVE: PinPhase.ACTIVE,
    PinState.BLOCKED: PinPhase.BLOCKED,
}
COMMANDS = (
    SymbolicCommand(CommandKind.SET, Secret.TEMPORARY),
    SymbolicCommand(CommandKind.RESET),
    *(SymbolicCommand(CommandKind.VERIFY, secret) for secret in PINS),
    SymbolicCommand(CommandKind.CHANGE, new=Secret.USER),
    SymbolicCommand(CommandKind.CHANGE, new=Secret.THIEF),
    SymbolicCommand(CommandKind.USE),
    SymbolicCommand(CommandKind.POWER),
)
GENERATE = SymbolicCommand(CommandKind.GENERATE)
FEWER = settings().max_examples // 4  # each example is a dozen commands to a card, and as many sessions of the TSM


@dataclass(slots=True)
class Applet:
    """The real applet, driven by the model's commands."""

    jpki: JpkiCard

    def do(self, command: SymbolicCommand) -> CommandOutcome:
        """Send a command and say how it ended."""
        try:
            self._send(command)
        except WrongPinError:
            return CommandOutcome.WRONG
        except UnexpectedStatusError:
            return CommandOutcome.REFUSED
        return CommandOutcome.DONE

    def seen(self) -> tuple[PinPhase, int, bool]:
        """What GET STATUS shows of the state."""
        slot = self.jpki.tsm().status().slots[SLOT]
        tries = slot.tries_left if slot.pin_state is not PinState.INITIAL else 0
        return PHASES[slot.pin_state], tries, slot.has_key

    def _send(self, command: SymbolicCommand) -> None:
        client, secret = self.jpki.client, PINS[command.secret or command.new or Secret.WRONG]
        match command.kind:
            case CommandKind.SET:
                self.jpki.tsm().set_pin(SLOT, secret)
            case CommandKind.RESET:
                self.jpki.tsm().reset_pin(SLOT)
            case CommandKind.GENERATE:
                self.jpki.tsm().generate_key_pair(SLOT)
            case CommandKind.VERIFY:
                client.verify(SLOT, secret)
            case CommandKind.CHANGE:
                client.change_pin(SLOT, secret)
            case CommandKind.USE:
                client.sign_message(SLOT, b"text")
            case CommandKind.POWER:
                self.jpki.reset()
            case _:
                raise AssertionError(f"the applet has no {command.kind.value}")


@dataclass(frozen=True, slots=True)
class Images:
    """Saved cards: the applet installed, and the same with a key."""

    blank: Prepared[None]
    keyed: Prepared[None]

    @contextmanager
    def open(self, *, key: bool) -> Iterator[LabCard]:
        with (self.keyed if key else self.blank).open() as (card, _):
            yield card


@pytest.fixture(scope="module")
def images(card_source: CardSource, tmp_path_factory: pytest.TempPathFactory) -> Images:
    def image(make: Callable[[LabCard], None]) -> Prepared[None]:
        folder = tmp_path_factory.mktemp("card")
        return Prepared(card_source, jpki_library(), make, seed="plan 4", image=folder / "card")

    def blank(card: LabCard) -> None:
        jpki = JpkiCard(card)
        jpki.load()
        jpki.install()

    def keyed(card: LabCard) -> None:
        blank(card)
        assert Applet(JpkiCard(card)).do(GENERATE) is CommandOutcome.DONE

    return Images(image(blank), image(keyed))


def step(model: SymbolicCard, applet: Applet, command: SymbolicCommand) -> SymbolicCard:
    """One command to both; they must agree."""
    after, outcome = RULES.answer(model, command)
    assert applet.do(command) is outcome, f"{command} in {model}"
    assert applet.seen() == (after.phase, after.tries, after.key), f"{command} in {model}"
    return after


def way(start: SymbolicCard, wanted: set[tuple[SymbolicCard, SymbolicCommand]]) -> list[SymbolicCommand]:
    """The shortest sequence of commands that ends with a wanted one; empty when none can be reached."""
    queue: deque[tuple[SymbolicCard, list[SymbolicCommand]]] = deque([(start, [])])
    seen = {start}
    while queue:
        now, path = queue.popleft()
        for command in COMMANDS:
            if (now, command) in wanted:
                return [*path, command]
            after, _ = RULES.answer(now, command)
            if after not in seen:
                seen.add(after)
                queue.append((after, [*path, command]))
    return []


def states(start: SymbolicCard) -> Iterator[SymbolicCard]:
    """Every state that the commands lead to."""
    seen, queue = {start}, deque([start])
    while queue:
        now = queue.popleft()
        yield now
        for after in {RULES.answer(now, command)[0] for command in COMMANDS} - seen:
            seen.add(after)
            queue.append(after)


@pytest.mark.slow
@pytest.mark.parametrize("key", [False, True], ids=["no key", "key"])
def test_every_command_in_every_state(images: Images, key: bool) -> None:
    """One long walk that takes each transition of the model at least once."""
    model = SymbolicCard(key=key)
    left = {(state, command) for state in states(model) for command in COMMANDS}
    assert len(left) > 100
    with images.open(key=key) as card:
        applet = Applet(JpkiCard(card))
        applet.jpki.client.select()
        while left:
            for command in way(model, left):
                left.discard((model, command))
                model = step(model, applet, command)


@pytest.mark.slow
@settings(max_examples=FEWER)
@given(key=st.booleans(), before=st.lists(st.sampled_from(COMMANDS), max_size=12), data=st.data())
def test_random_sequences(images: Images, key: bool, before: list[SymbolicCommand], data: st.DataObject) -> None:
    """The same at random, with a key made in between now and then."""
    generates = data.draw(st.integers(0, 9)) == 0
    sequence = [*before, GENERATE, *data.draw(st.lists(st.sampled_from(COMMANDS), max_size=8))] if generates else before
    model = SymbolicCard(key=key)
    with images.open(key=key) as card:
        applet = Applet(JpkiCard(card))
        applet.jpki.client.select()
        for command in sequence:
            model = step(model, applet, command)


@pytest.mark.slow
@settings(max_examples=FEWER)
@given(choices=st.lists(st.integers(0, 100), min_size=5, max_size=15))
def test_whatever_user_app_tsm_and_thief_do(images: Images, choices: list[int]) -> None:
    """Random moves of the parties: the card's part of each explored transition is what the card does."""
    plan, now = SpecialTransition(RULES), Situation(SymbolicCard(key=True))
    explored = {(one.before, one.move): one for one in explore(plan, start=(now,)).transitions}
    with images.open(key=True) as card:
        applet = Applet(JpkiCard(card))
        applet.jpki.client.select()
        for choice in choices:
            moves = [move for move, _, _ in plan.steps(now)]
            taken = explored[now, moves[choice % len(moves)]]
            if taken.move.command is not None:
                assert step(now.card, applet, taken.move.command) == taken.after.card
            now = taken.after
