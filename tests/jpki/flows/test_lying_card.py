"""What the SP-TSM believes of a card: that a thing was done when the card's state says so, not before (A4, B6)."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cardlab.transport import Transport
from jpki.client.constants import Slot
from jpki.parties.ca.status import CertStatus
from jpki.parties.messages import PeerError
from jpki.parties.phone.app import PhoneApp
from jpki.parties.phone.managing import BOTH
from jpki.parties.sp_tsm.access import OWN_KEY_VERSION
from jpki.parties.world import World
from tests.jpki.flows.lying import Lies, LyingCard
from tests.jpki.flows.truth import check_slot_in_use
from tests.jpki.flows.worlds import PINS, Images, Person

RESET_PIN, DELETE_SLOT, GENERATE, STORE = (0x2C, 0x03), (0xE4, 0x00), (0x46, 0x80), (0xE2, 0x80)


@pytest.fixture
def lies() -> Lies:
    """What the card of p1 lies about; nothing until a test says so."""
    return Lies()


@pytest.fixture
def world(images: Images, tmp_path: Path, lies: Lies) -> Iterator[World]:
    """Hanako has both certificates on p1."""
    shutil.copytree(images.folder / "issued", tmp_path / "world")
    with images.open(tmp_path / "world", seed="keys") as before:
        device = before.provider_records.device(before.cards.simulated(before.phone_card("p1")).se_id)
        assert device is not None

    def layer(lower: Transport) -> Transport:
        return LyingCard(lower, device.own_keys, OWN_KEY_VERSION, lies)

    with images.open(tmp_path / "world", seed="lying", layer=layer) as world:
        yield world


def good(world: World) -> set[int]:
    """Serial numbers of Hanako's certificates that count."""
    everything = world.ca.certificates_of("hanako")
    return {one.serial for one in everything if world.ca.status(one.serial).state is CertStatus.GOOD}


ACTS: dict[str, tuple[tuple[int, int], Callable[[PhoneApp, World], object], str]] = {
    "an earlier holder's keys": (
        DELETE_SLOT,
        lambda app, world: app.issue(world.my_number_card("hanako")),
        "the card still holds what an earlier holder left",
    ),
    "a key that is revoked": (
        DELETE_SLOT,
        lambda app, world: app.revoke(world.my_number_card("hanako"), BOTH),
        "the card still holds the key",
    ),
    "a PIN": (
        RESET_PIN,
        lambda app, world: app.reset_pin(world.my_number_card("hanako"), BOTH),
        "the PIN was not reset",
    ),
    "a new key": (
        GENERATE,
        lambda app, world: app.renew(world.my_number_card("hanako"), BOTH),
        "the card does not come to the state that it should have",
    ),
    "a certificate": (
        STORE,
        lambda app, world: app.renew(world.my_number_card("hanako"), BOTH),
        "the card does not come to the state that it should have",
    ),
}


@pytest.mark.parametrize("about", ACTS)
def test_a_card_that_does_not_do_what_it_says(world: World, lies: Lies, about: str) -> None:
    """Every answer verifies, and still nothing is built on it; with an honest card the same request goes on."""
    lie, act, reason = ACTS[about]
    app = world.app("p1", Person())
    lies.commands = frozenset({lie})
    with pytest.raises(PeerError, match=reason):
        act(app, world)
    assert lies.told
    case, *others = world.provider_records.open_cases()
    assert not others and app.pending is not None and case.request_id == app.pending.request_id
    assert world.provider_records.certificates_from(case.request_id) == [] or lie == STORE
    lies.commands = frozenset()
    app.resume()
    assert world.provider_records.open_cases() == []
    if about != "a key that is revoked":
        for slot in Slot:
            check_slot_in_use(world, "p1", "hanako", slot, PINS[slot])


def test_the_card_of_these_tests_is_honest_otherwise(world: World, lies: Lies) -> None:
    app, before = world.app("p1", Person()), good(world)
    app.renew(world.my_number_card("hanako"), BOTH)
    assert lies.told == []
    assert len(good(world)) == len(before) and good(world) != before
