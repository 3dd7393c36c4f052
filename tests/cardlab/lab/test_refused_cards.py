"""What a kind of card does not have, and supplies that cannot be opened: refused in words, before anything is done."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.errors import CardError, MissingDependencyError, TransportError, UsageError
from cardlab.globalplatform.host.identity import CardIdentity
from cardlab.globalplatform.host.registry import Registry
from cardlab.globalplatform.key_source import TEST_KEYS
from cardlab.kinds.dry import DryRun
from cardlab.kinds.sim import SimulatedCards
from cardlab.lab import virtual
from cardlab.lab.capability import Capability
from cardlab.lab.kind import SupplyOptions
from cardlab.lab.labcard import LabCard
from cardlab.lab.real import RealCards
from cardlab.lab.rig import PlainRig
from cardlab.lab.source import CardSource
from cardlab.lab.virtual import CardsInReaders, VirtualRig
from cardlab.runtime.interface import Media
from cardlab.transport import Layer
from cardlab.transport.pcsc import PcscTransport
from tests.cardlab.lab.answering import LACKS, OPTIONS, ORDER, Answering, People


def lab(*, program: object = None) -> LabCard:
    return LabCard(PlainRig(Answering()), TEST_KEYS, frozenset(), 1, program)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("asks", "lacking"),
    [
        (lambda: PlainRig(Answering()).reset(Media.CONTACT), Capability.INTERFACES),
        (lambda: PlainRig(Answering()).cut_power_at(1), Capability.POWER_CUT),
        (lambda: lab().simulated, Capability.INSIDE),
        (lambda: lab(program=object()).installer(), Capability.PCSC),
        (lambda: CardSource(DryRun("a reader", OPTIONS)).fork(lab()), Capability.FORK),
        (lambda: DryRun("a reader", OPTIONS).restore(Path("image"), ORDER), Capability.INSIDE),
    ],
    ids=range(6),
)
def test_what_a_kind_of_card_does_not_have(asks: Callable[[], object], lacking: Capability) -> None:
    with pytest.raises(UsageError, match=rf"{LACKS}{lacking.value}") as refused:
        asks()
    assert refused.value.hint == f'mark the test: @pytest.mark.needs("{lacking.name.lower()}")'


def test_moments_are_counted_from_one() -> None:
    with pytest.raises(UsageError, match=r"^power cut at -1: moments are counted from 1") as refused:
        lab().cut_power_at(-1)
    assert refused.value.hint == "0 cuts nothing"


# -- real cards, and readers -------------------------------------------------------------------------------------------


class InReader(Layer):
    """A simulated card as the one in a reader."""

    reader = "a reader"


@pytest.fixture
def inserted(monkeypatch: pytest.MonkeyPatch) -> InReader:
    card = InReader(SimulatedCard(seed=1))
    monkeypatch.setattr(PcscTransport, "open", lambda *_, **__: card)
    return card


def test_keys_that_nobody_named() -> None:
    with pytest.raises(UsageError, match="does not say which keys the card has; they are never guessed") as refused:
        RealCards("a reader", OPTIONS)
    assert "--card-keys test only if the card has the public test keys" in refused.value.hint


@pytest.mark.parametrize(
    ("said", "words"),
    [("", "nobody has said that they may. Nothing was written"), ("3B-00", "--destructive names 3B-00. Nothing was")],
)
def test_a_card_that_nobody_confirmed(said: str, words: str, inserted: InReader) -> None:
    identity = CardIdentity.read(inserted)
    with pytest.raises(UsageError, match=words) as refused:
        RealCards("a reader", SupplyOptions(People(), keys="test", destructive=said))
    assert str(identity) in str(refused.value)
    assert f"--destructive={identity}" in refused.value.hint


def test_one_card_at_a_time_and_none_from_an_image(inserted: InReader) -> None:
    named = str(CardIdentity.read(inserted))
    supply = RealCards("a reader", SupplyOptions(People(), keys="test", destructive=named))
    with pytest.raises(UsageError, match=LACKS):
        supply.restore(Path("image"), ORDER)
    first = supply.open(ORDER)
    with pytest.raises(UsageError, match=LACKS):
        supply.open(ORDER)
    first.close()
    supply.open(ORDER).close()


def test_a_card_that_is_not_as_it_was(inserted: InReader, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a test brought is deleted, and the card says that more is there than before, or less."""
    named = str(CardIdentity.read(inserted))
    supply = RealCards("a reader", SupplyOptions(People(), keys="test", destructive=named))
    rig: Any = supply.open(ORDER)
    rig._guard.added.add(bytes.fromhex("F000000009010A"))
    supply._before = Registry(None, (), ())
    with pytest.raises(CardError, match=r"^the card is not as it was: A000000151000000") as refused:
        rig.close()
    assert refused.value.hint == "look at its registry and delete what does not belong there"
    assert "perhaps still on the card: F000000009010A" in "".join(refused.value.__notes__)


def test_readers_without_their_programs(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(virtual, "find_pcscd", lambda: None)
    monkeypatch.setattr(virtual, "find_vpcd", lambda: None)
    with pytest.raises(MissingDependencyError, match=r"^--card vpcd needs pcscd, vsmartcard-vpcd") as refused:
        CardsInReaders(SimulatedCards(None))
    assert "apt-get install pcscd vsmartcard-vpcd" in refused.value.hint


def test_more_cards_than_there_are_readers() -> None:
    supply: Any = CardsInReaders.__new__(CardsInReaders)
    supply._makes = SimpleNamespace(open=lambda order: None)
    supply._slots = [SimpleNamespace(is_free=False)] * 4
    with pytest.raises(UsageError, match=r"^4 cards are in the readers, and there are no more") as refused:
        supply.open(ORDER)
    assert refused.value.hint == "close cards after use"


def test_cards_in_readers_are_sent_commands_until_they_are_taken_out() -> None:
    sent: list[bytes] = []

    def transmit(command: bytes) -> bytes:
        sent.append(command)
        return b"\x90\0"

    slot = SimpleNamespace(insert=lambda card: None, transmit=transmit, is_free=False)
    rig = VirtualRig(slot, SimulatedCard(seed=1))  # type: ignore[arg-type]
    for short in (b"", b"\0", bytes(3)):
        with pytest.raises(UsageError, match=rf"^a reader does not carry {len(short)} bytes") as refused:
            rig.transmit(short)
        assert refused.value.hint == "a command has four at least"
    assert rig.transmit(bytes(4)) == b"\x90\0"
    rig.close()
    with pytest.raises(TransportError, match=r"^the card was taken out of its reader") as lost:
        rig.transmit(bytes(4))
    assert lost.value.hint == "open another one"
    assert sent == [bytes(4)]
