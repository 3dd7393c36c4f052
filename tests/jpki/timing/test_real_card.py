"""A card that exists already, measured in the place of a phone's secure element, and given back as it was (D2, F1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.errors import SecureChannelError, UsageError
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.identity import CardIdentity
from cardlab.globalplatform.host.registry import Registry
from cardlab.globalplatform.scp03 import StaticKeys
from jpki.client.constants import INSTANCE_AID, PACKAGE_AID
from jpki.package import jpki_executable, jpki_library
from jpki.timing.flows import FLOWS, rounds
from jpki.timing.realcard import RealCard, lent, require_named

KEYS = StaticKeys(*(bytes(range(first, first + 16)) for first in (1, 2, 3)))
pytestmark = pytest.mark.slow


@pytest.fixture
def real() -> Iterator[RealCard]:
    """A card with keys of its own."""
    with SimulatedCard(replace(CardConfig(), keys=KEYS), classes=jpki_library(), seed="real") as card:
        yield RealCard(card, KEYS, "a card")


def registry(real: RealCard) -> Registry:
    client = GlobalPlatformClient(real.transport)
    client.select()
    client.authenticate(KEYS)
    return client.registry()


def test_each_round_finds_and_leaves_the_card_as_it_was(real: RealCard, tmp_path: Path) -> None:
    """D2: loaded, installed, personalised and deleted by the parties' own commands."""
    before = registry(real)
    traces = []
    for recorded in rounds(tmp_path / "world", 2, FLOWS[:2], real):
        assert registry(real).find(INSTANCE_AID)
        traces.append(recorded)
    assert registry(real) == before
    for one in traces:
        assert any(event.name == "LOAD" for event in one["issue"].apdus)
    assert traces[0]["issue"].tsm_round_trips == 7  # a card of unknown content is looked at first


def test_an_interrupted_measurement_gives_the_card_back(real: RealCard, tmp_path: Path) -> None:
    before = registry(real)
    running = rounds(tmp_path / "world", 1, FLOWS[:1], real)
    next(running)
    assert registry(real) != before
    with pytest.raises(KeyboardInterrupt):
        running.throw(KeyboardInterrupt())  # type: ignore[attr-defined]
    assert registry(real) == before


def test_a_card_in_use_is_refused_and_not_touched(real: RealCard) -> None:
    client = GlobalPlatformClient(real.transport)
    client.select()
    client.authenticate(KEYS)
    client.load(PACKAGE_AID, jpki_executable().data_block)
    with pytest.raises(UsageError, match=f"the card has {PACKAGE_AID.hex().upper()} already"), lent(real):
        raise AssertionError("it was lent")
    assert registry(real).find(PACKAGE_AID)


def test_keys_are_not_guessed(real: RealCard) -> None:
    before = registry(real)
    with pytest.raises(SecureChannelError), lent(replace(real, keys=CardConfig().keys)):
        raise AssertionError("it was lent")
    assert registry(real) == before


def test_the_card_must_be_named(real: RealCard) -> None:
    name = str(CardIdentity.read(real.transport))
    assert name.startswith("3BE000FF8131FE4514-")
    require_named(real.transport, name.lower())
    for wrong in ("", "3BE000FF8131FE4514", name[:-1]):
        with pytest.raises(UsageError, match=name) as caught:
            require_named(real.transport, wrong)
        assert caught.value.hint.endswith(f"--destructive {name}")
    with SimulatedCard(seed="another") as another:
        assert str(CardIdentity.read(another)) != name
