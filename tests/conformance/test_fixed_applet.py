"""What the least of runtimes does: one small applet, loaded, installed, selected, deleted through the card manager."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.errors import UsageError
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.installation import Installation
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.iso7816.status import SW
from cardlab.runtime.backend import Backend
from cardlab.runtime.choices import PlatformChoices
from cardlab.runtime.feature import Feature
from cardlab.runtime.interface import Media, RuntimeRefusal, TransmissionProtocol
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.transport import exchange
from tests.conformance.cards import FakeServices, fixed, install_data, load_file
from tests.conformance.toy import FIXED_PACKAGE, Ins

NEEDS: frozenset[Feature] = frozenset()
MODULE = FIXED_PACKAGE + b"\x01"
INSTANCE, OTHER = MODULE + b"\x01", MODULE + b"\x02"


def manager(card: SimulatedCard) -> GlobalPlatformClient:
    """A channel to the issuer security domain."""
    client = GlobalPlatformClient(card)
    client.select()
    client.authenticate(DEFAULT_KEYS)
    return client


@pytest.fixture
def card(backend: Backend) -> Iterator[SimulatedCard]:
    """A card with the applet installed, under an AID that is not the module's."""
    with SimulatedCard(CardConfig(), seed=1, runtime=backend, classes=ClassLibrary([fixed()])) as card:
        client = manager(card)
        client.load(FIXED_PACKAGE, fixed().data_block)
        client.install(Installation(FIXED_PACKAGE, MODULE, INSTANCE, parameters=b"parameters"))
        yield card


def select(card: SimulatedCard, aid: bytes = INSTANCE) -> ResponseApdu:
    return exchange(card, CommandApdu(0x00, 0xA4, 0x04, 0x00, aid, 256))


def send(card: SimulatedCard, ins: Ins, data: bytes = b"", *, le: int | None = 256, cla: int = 0) -> ResponseApdu:
    return exchange(card, CommandApdu(cla, ins, 0, 0, data, le))


def test_it_answers_once_it_is_selected(card: SimulatedCard) -> None:
    assert select(card).ok
    assert send(card, Ins.COUNT) == ResponseApdu(b"\x01\x01", SW.OK)
    assert send(card, Ins.ECHO, b"echo") == ResponseApdu(b"echo", SW.OK)


def test_install_gets_aid_privileges_and_parameters(card: SimulatedCard) -> None:
    select(card)
    assert send(card, Ins.INSTALLED_WITH).data == install_data(INSTANCE, b"parameters")


def test_what_is_persistent_outlives_a_reset(card: SimulatedCard) -> None:
    select(card)
    send(card, Ins.COUNT)
    card.reset()
    assert send(card, Ins.COUNT).sw != SW.OK, "after a reset the issuer security domain is selected"
    select(card)
    assert send(card, Ins.COUNT) == ResponseApdu(b"\x02\x01", SW.OK)


@pytest.mark.parametrize("medium", Media)
def test_it_sees_how_the_card_is_reached(card: SimulatedCard, medium: Media) -> None:
    card.reset(medium)
    select(card)
    assert send(card, Ins.PROTOCOL).data == bytes((medium | TransmissionProtocol.T1,))


def test_contacts_can_have_another_protocol(card: SimulatedCard) -> None:
    """Protocol and medium are two things; T=0 is for contacts alone."""
    for medium, expected in ((Media.CONTACT, 0x00), (Media.USB, 0xA1)):
        card.runtime.reset(TransmissionProtocol.T0, medium)
        card.runtime.select(INSTANCE, bytes((0, 0xA4, 4, 0, len(INSTANCE))) + INSTANCE)
        assert card.runtime.process(bytes((0, Ins.PROTOCOL, 0, 0, 0))) == bytes((expected,)) + b"\x90\x00"


def test_a_refusal_is_a_status_word_without_data(card: SimulatedCard) -> None:
    select(card)
    assert card.transmit(bytes.fromhex("00046A8000")) == bytes.fromhex("6A80")
    assert send(card, Ins.ECHO, b"again").ok, "and the applet stays selected"


@pytest.mark.parametrize(("le", "sent"), [(None, 5), (256, 5), (3, 3)])
def test_data_go_out_without_le_and_are_cut_to_it(card: SimulatedCard, le: int | None, sent: int) -> None:
    """Cards that are sold answer a command without Le with all they have, and many clients count on it."""
    select(card)
    assert send(card, Ins.ECHO, b"12345", le=le) == ResponseApdu(b"12345"[:sent], SW.OK)


@pytest.mark.parametrize("cla", [0x00, 0x20, 0x80, 0x81, 0xB0, 0xC0, 0xF0, 0xFF])
def test_classes_that_name_no_open_channel_are_the_applets(card: SimulatedCard, cla: int) -> None:
    select(card)
    assert send(card, Ins.COUNT, cla=cla).ok


@pytest.mark.parametrize("command", ["", "0001", "000200000512", "0002000001020304"])
def test_malformed_commands(card: SimulatedCard, command: str) -> None:
    select(card)
    assert card.transmit(bytes.fromhex(command)) == SW.WRONG_LENGTH.to_bytes(2, "big")
    assert card.runtime.process(bytes.fromhex(command)) == SW.WRONG_LENGTH.to_bytes(2, "big")


def test_a_failed_installation_leaves_nothing(card: SimulatedCard) -> None:
    before = card.free_memory
    data = install_data(OTHER, bytes.fromhex("6A81"))
    with pytest.raises(RuntimeRefusal) as refused:
        card.runtime.install(FIXED_PACKAGE, MODULE, OTHER, data)
    assert refused.value.sw == SW.FUNCTION_NOT_SUPPORTED
    assert card.free_memory == before
    assert select(card, OTHER).sw == SW.FILE_NOT_FOUND
    assert card.runtime.install(FIXED_PACKAGE, MODULE, OTHER, install_data(OTHER)) > 0


def test_instances_are_two_things(card: SimulatedCard) -> None:
    manager(card).install(Installation(FIXED_PACKAGE, MODULE, OTHER))
    for aid in (INSTANCE, OTHER):
        select(card, aid)
        assert send(card, Ins.COUNT).data == b"\x01\x01"


def test_what_is_deleted_is_gone(card: SimulatedCard) -> None:
    used = card.free_memory
    manager(card).delete(INSTANCE)
    assert select(card).sw == SW.FILE_NOT_FOUND
    assert card.free_memory > used
    with pytest.raises(RuntimeRefusal) as refused:
        card.runtime.used_memory(INSTANCE)
    assert refused.value.sw == SW.FILE_NOT_FOUND
    manager(card).delete(FIXED_PACKAGE)
    with pytest.raises(RuntimeRefusal) as unknown:
        card.runtime.unload(FIXED_PACKAGE)
    assert unknown.value.sw == SW.REFERENCED_DATA_NOT_FOUND
    assert card.runtime.load(load_file(fixed())) > 0


def test_a_secure_channel_to_the_issuer_is_the_card_managers(card: SimulatedCard) -> None:
    """Whatever executes the applets."""
    assert SecureChannelLayer.open(card, DEFAULT_KEYS, host_challenge=bytes(8)).is_open


def test_what_a_runtime_has_not_is_refused_by_name(card: SimulatedCard, tmp_path: Path) -> None:
    lacking = set(Feature) - card.backend.capabilities
    asked: dict[Feature, Callable[[], object]] = {
        Feature.TEARS: lambda: card.cut_power_at(1),
        Feature.IMAGES: lambda: card.save(tmp_path / "card"),
        Feature.INSPECTOR: card.inspector,
        Feature.FORK: lambda: card.runtime.fork(FakeServices()),
        Feature.COST: card.keep_cost,
        Feature.BUDGET: lambda: card.runtime.limit_instructions(1000),
    }
    for capability in lacking & asked.keys():
        with pytest.raises(UsageError, match=capability.name):
            asked[capability]()


def test_a_choice_that_a_runtime_cannot_do_is_refused_by_name(backend: Backend) -> None:
    """When the card is made, and never ignored."""
    wanted = CardConfig(platform=PlatformChoices(integers=True, checks=False, apdu_buffer=133))
    with pytest.raises(UsageError, match=r"integers|checks|apdu_buffer"):
        SimulatedCard(wanted, runtime=backend)
