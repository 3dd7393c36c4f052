"""LOAD of CAP format 2.3: what cards of Java Card 3.1 take, what older ones say of it, and the extended format."""

from __future__ import annotations

from functools import cache

import pytest

from cardlab.cap.container import Component, load_file
from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.errors import CardError, UsageError
from cardlab.globalplatform.installation import Installation
from cardlab.toolchain.executable import Executable, Module, Package
from tests.cardlab.card.cards import classes, client
from tests.cardlab.card.loads import LIBRARY, USER, USER_APPLET

MODERN = ("java-card-3.1", "java-card-3.2")


@cache
def packages(java_card: str) -> tuple[Executable, Executable]:
    """A library, and an applet that imports it, for a Java Card version."""
    library = Executable(Package(LIBRARY, (1, 3), (), classes("cardlib")), java_card)
    module = Module(USER_APPLET, "carduser.User")
    return library, Executable(Package(USER, (2, 0), (module,), classes("carduser")), java_card, libraries=(library,))


def card_of(profile: str) -> SimulatedCard:
    return SimulatedCard(CardConfig.of_profile(profile), seed=1, runtime="vm")


def selected(card: SimulatedCard) -> bytes:
    return card.transmit(b"\0\xa4\4\0" + bytes((len(USER_APPLET),)) + USER_APPLET)


@pytest.mark.parametrize("profile", MODERN)
@pytest.mark.parametrize("java_card", ["3.0.4", "3.1"])
def test_old_and_new_formats_run_on_new_cards(java_card: str, profile: str) -> None:
    """The user's package finds the library's, whichever format each has."""
    card = card_of(profile)
    host = client(card)
    library, user = packages(java_card)
    assert user.converted.components[Component.HEADER][7] == (3 if java_card == "3.1" else 1)
    host.load(LIBRARY, library.data_block)
    host.load(USER, user.data_block)
    host.install(Installation(USER, USER_APPLET, USER_APPLET))
    assert selected(card)[-2:] == b"\x90\0"


def test_an_old_card_names_what_is_too_new() -> None:
    card = card_of("default")
    library, user = packages("3.1")
    for package, words in (
        (library, "CAP format 2.3, this card of Java Card 3.0.4 takes up to 2.2"),
        (user, "javacard.framework (A0000000620101) is wanted as 1.8, this card has 1.5; Java Card 3.1 has it"),
    ):
        with pytest.raises(CardError):
            client(card).load(package.aid, package.data_block)
        assert words in card.explain()
        if package is library:
            client(card).load(LIBRARY, packages("3.0.4")[0].data_block)


def test_the_extended_format_is_refused_by_its_name() -> None:
    card = card_of("java-card-3.1")
    parts = {**packages("3.1")[0].converted.components}
    header = bytearray(parts[Component.HEADER])
    header[9] |= 8  # ACC_EXTENDED
    with pytest.raises(CardError):
        client(card).load(LIBRARY, load_file({**parts, Component.HEADER: bytes(header)}))
    assert "the extended format" in card.explain()


def test_a_runtime_without_the_version_makes_no_card() -> None:
    with pytest.raises(UsageError, match=r"jcardsim has no Java Card 3\.1"):
        SimulatedCard(CardConfig.of_profile("java-card-3.1"), runtime="jcardsim")
