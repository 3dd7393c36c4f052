"""SCP03 and nothing else (D1): the Card API tells protocols apart nowhere, so the applet reads the domain's answer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from cardlab.card.manager import services
from cardlab.card.manager.registry import Application
from cardlab.card.manager.state import ManagedCard
from cardlab.globalplatform.scp03 import Channel, InitializeUpdateResponse, SecurityLevel
from cardlab.iso7816.apdu import CommandApdu
from cardlab.iso7816.status import SW
from cardlab.runtime.interface import Media, Service
from cardlab.transport import exchange
from jpki.client.constants import Slot
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.heap import applet_object

pytestmark = pytest.mark.needs("inside")

HOST_CHALLENGE = bytes(range(8))
OFFSET_PROTOCOL = 11  # in INITIALIZE UPDATE's answer: 10 bytes of diversification, version, protocol (Table 7-2)
SCP02_LENGTH = 28  # bytes of its answer: one of key information less, a sequence counter and a shorter challenge

Bend = Callable[[bytes], bytes]


def named(protocol: int) -> Bend:
    """The answer of a domain that does the same and calls it otherwise."""
    return lambda answer: answer[:OFFSET_PROTOCOL] + bytes((protocol,)) + answer[OFFSET_PROTOCOL + 1 :]


@pytest.fixture
def bend(monkeypatch: pytest.MonkeyPatch) -> Callable[[Bend], None]:
    """Makes the applet's security domain answer INITIALIZE UPDATE otherwise."""
    genuine = services._process_security

    def bent_by(bending: Bend) -> None:
        def process(card: ManagedCard, caller: Application, command: CommandApdu) -> bytes:
            answer = genuine(card, caller, command)
            return bending(answer) if command.ins == 0x50 else answer

        monkeypatch.setattr(services, "_process_security", process)

    return bent_by


def initialize_update(jpki: JpkiCard) -> tuple[int, bytes]:
    answer = jpki.send(0x80, 0x50, 0x00, 0x00, HOST_CHALLENGE, 256)
    return answer.sw, answer.data


def authenticate(jpki: JpkiCard, answer: bytes) -> int:
    """EXTERNAL AUTHENTICATE as the genuine answer, which the host knows, asks for."""
    update = InitializeUpdateResponse.from_bytes(named(0x03)(answer))
    channel = Channel(jpki.card.keys.session(HOST_CHALLENGE, update.card_challenge))
    command = CommandApdu(0x84, 0x82, SecurityLevel.FULL, 0x00, channel.keys.host_cryptogram)
    return exchange(jpki.card, channel.wrap_command(command)[1]).sw


ANSWERS: dict[str, Bend] = {
    "SCP01": named(0x01),
    "SCP02": lambda answer: named(0x02)(answer)[:SCP02_LENGTH],
    "SCP02, as long as SCP03": named(0x02),
    "SCP11": named(0x11),
    "one bit more": named(0x83),
    "cut before it": lambda answer: answer[:OFFSET_PROTOCOL],
    "nothing": lambda answer: b"",
}


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS.keys())
def test_another_protocol_is_refused(jpki: JpkiCard, bend: Callable[[Bend], None], answer: Bend) -> None:
    told: list[bytes] = []

    def bending(genuine: bytes) -> bytes:
        told.append(genuine)
        return answer(genuine)

    bend(bending)
    assert initialize_update(jpki) == (SW.FUNCTION_NOT_SUPPORTED, b"")
    assert authenticate(jpki, told[0]) != SW.OK, "and the domain's half of a session is gone"
    assert jpki.sw(0x84, 0xF2, 0x00, 0x00, le=256) == SW.SECURITY_STATUS_NOT_SATISFIED


@pytest.mark.parametrize("cell", [0, 1], ids=["value", "complement"])
def test_the_protocol_is_looked_at_twice(jpki: JpkiCard, cell: int) -> None:
    """One cell that lies opens no session with another protocol."""
    assert authenticate_with(jpki, cell, 0x0110) == SW.FUNCTION_NOT_SUPPORTED
    assert jpki.sw(0x84, 0xF2, 0x00, 0x00, le=256) == SW.SECURITY_STATUS_NOT_SATISFIED


@pytest.mark.parametrize("cell", [0, 1], ids=["value", "complement"])
def test_one_cell_that_tells_of_no_protocol_opens_no_session(jpki: JpkiCard, cell: int) -> None:
    """As after a deselection that a fault kept from one cell: a lower number is another one too."""
    assert authenticate_with(jpki, cell, 0x0003) == SW.FUNCTION_NOT_SUPPORTED


def authenticate_with(jpki: JpkiCard, cell: int, bits: int) -> int:
    """EXTERNAL AUTHENTICATE where these bits of one cell of the protocol that was announced are others."""
    sw, answer = initialize_update(jpki)
    assert sw == SW.OK
    twin = applet_object(jpki.card.simulated).field("tsmCommands").field("protocol")
    cells = [one & 0xFFFF for one in twin.field("cells")]
    cells[cell] ^= bits
    twin.put("cells", b"".join(one.to_bytes(2, "big") for one in cells))
    return authenticate(jpki, answer)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Service]:
    """What the applet asks its security domain for."""
    services_asked: list[Service] = []
    serve = services._serve_session

    def listening(card: ManagedCard, caller: Application, service: Service, argument: bytes) -> bytes:
        services_asked.append(service)
        return serve(card, caller, service, argument)

    monkeypatch.setattr(services, "_serve_session", listening)
    return services_asked


def test_the_domain_is_told_that_the_selection_ends(jpki: JpkiCard, asked: list[Service]) -> None:
    """GP Card API, SecureChannel.resetSecurity: not every card ends a session with its applet's selection itself."""
    jpki.channel()
    asked.clear()
    jpki.select_other()
    assert Service.RESET_SECURITY in asked


def test_the_domain_is_told_that_a_command_which_does_not_verify_ends_the_session(
    jpki: JpkiCard, asked: list[Service]
) -> None:
    """D1: domains differ in whether they end it themselves (GP Card API, SecureChannel.unwrap)."""
    jpki.channel()
    asked.clear()
    assert jpki.sw(0x84, 0xF2, 0x00, 0x00, bytes(8), 256) == SW.SECURE_MESSAGING_INCORRECT
    assert Service.RESET_SECURITY in asked


def test_no_command_is_unwrapped_in_a_session_without_mac(jpki: JpkiCard, asked: list[Service]) -> None:
    """D1: what a domain makes of one is its own affair (GP Card API, SecureChannel.unwrap), so none is asked."""
    jpki.channel(SecurityLevel(0x00))
    asked.clear()
    assert jpki.sw(0x84, 0xF2, 0x00, 0x00, bytes(8), 256) == SW.SECURE_MESSAGING_INCORRECT
    assert Service.UNWRAP not in asked


@pytest.mark.parametrize(
    ("cla", "ins"), [(0x80, 0x50), (0x84, 0x82)], ids=["INITIALIZE UPDATE", "EXTERNAL AUTHENTICATE"]
)
def test_no_session_is_opened_over_contactless(jpki: JpkiCard, asked: list[Service], cla: int, ins: int) -> None:
    """D1: whatever its domain would make of the command, it is not asked."""
    jpki.reset(Media.CONTACTLESS_TYPE_A)
    asked.clear()
    assert jpki.sw(cla, ins, 0x00, 0x00, bytes(8), 256) == SW.CONDITIONS_NOT_SATISFIED
    assert Service.PROCESS_SECURITY not in asked


def test_what_a_domain_answers_to_external_authenticate_is_passed_on(
    jpki: JpkiCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """GP Card API, SecureChannel.processSecurity: it returns how much there is; SCP03 has nothing."""
    sw, answer = initialize_update(jpki)
    assert sw == SW.OK
    genuine = services._process_security
    monkeypatch.setattr(services, "_process_security", lambda *command: genuine(*command) + b"1")
    update = InitializeUpdateResponse.from_bytes(answer)
    channel = Channel(jpki.card.keys.session(HOST_CHALLENGE, update.card_challenge))
    command = CommandApdu(0x84, 0x82, SecurityLevel.FULL, 0x00, channel.keys.host_cryptogram, 256)
    assert exchange(jpki.card, channel.wrap_command(command)[1]).data == b"1"


@pytest.mark.parametrize("length", [1, 11])
def test_the_hosts_own_challenge_names_no_protocol(
    jpki: JpkiCard, monkeypatch: pytest.MonkeyPatch, length: int
) -> None:
    """D1: it stands where the answer is too short to name one."""
    monkeypatch.setattr(services, "_process_security", lambda *command: bytes(length))
    assert jpki.sw(0x80, 0x50, 0x00, 0x00, b"\x03" * 16, 256) == SW.FUNCTION_NOT_SUPPORTED


def test_scp03_after_a_refusal(jpki: JpkiCard, bend: Callable[[Bend], None]) -> None:
    bend(named(0x02))
    assert initialize_update(jpki)[0] == SW.FUNCTION_NOT_SUPPORTED
    bend(named(0x03))
    sw, answer = initialize_update(jpki)
    assert sw == SW.OK
    assert authenticate(jpki, answer) == SW.OK


def test_a_session_opened_before_does_not_outlive_the_refusal(jpki: JpkiCard, bend: Callable[[Bend], None]) -> None:
    channel = jpki.channel()
    status = CommandApdu(0x80, 0xF2, 0x00, 0x00, le=256)
    assert exchange(channel, status).ok
    bend(named(0x02))
    assert initialize_update(jpki)[0] == SW.FUNCTION_NOT_SUPPORTED
    assert exchange(channel, status).sw == SW.SECURITY_STATUS_NOT_SATISFIED


def keep_a_session_of(
    protocol: int, jpki: JpkiCard, bend: Callable[[Bend], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """INITIALIZE UPDATE and EXTERNAL AUTHENTICATE are refused; the domain, from now on, ends no session for that."""
    told: list[bytes] = []

    def remember(genuine: bytes) -> bytes:
        told.append(genuine)
        return named(protocol)(genuine)

    bend(remember)
    serve = services._serve_session

    def without_reset(card: ManagedCard, caller: Application, service: Service, argument: bytes) -> bytes:
        return b"" if service is Service.RESET_SECURITY else serve(card, caller, service, argument)

    monkeypatch.setattr(services, "_serve_session", without_reset)
    assert initialize_update(jpki)[0] == SW.FUNCTION_NOT_SUPPORTED
    assert authenticate(jpki, told[0]) == SW.FUNCTION_NOT_SUPPORTED


def test_a_domain_that_keeps_its_half_of_the_session_opens_nothing(
    jpki: JpkiCard, bend: Callable[[Bend], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """resetSecurity() of some platforms ends open sessions only: EXTERNAL AUTHENTICATE is refused all the same."""
    serve = services._serve_session
    keep_a_session_of(0x02, jpki, bend, monkeypatch)
    assert jpki.sw(0x84, 0xE4, 0x00, 0x00, Slot.SIGNING.template) != SW.OK
    monkeypatch.setattr(services, "_serve_session", serve)
    bend(named(0x03))
    assert jpki.status().slots[Slot.SIGNING].has_key


@pytest.mark.parametrize("protocol", [0x02, 0x11], ids=["SCP02", "SCP11"])
def test_nothing_is_unwrapped_in_a_session_of_another_protocol_that_a_domain_keeps(
    jpki: JpkiCard, bend: Callable[[Bend], None], monkeypatch: pytest.MonkeyPatch, protocol: int
) -> None:
    """It is no session here: a command that does not verify in it is refused like those in no session."""
    keep_a_session_of(protocol, jpki, bend, monkeypatch)
    assert jpki.sw(0x84, 0xF2, 0x00, 0x00, bytes(8), 256) == SW.SECURITY_STATUS_NOT_SATISFIED


def test_answers_are_wrapped_where_the_session_protects_them(jpki: JpkiCard, asked: list[Service]) -> None:
    """Elsewhere the domain is not asked: cards differ in whether the status word then counts as data."""
    for level in (SecurityLevel.C_ENC, SecurityLevel.C_ENC_R_MAC):
        asked.clear()
        command = CommandApdu(0x80, 0x2C, 0x03, Slot.SIGNING.pin_reference)
        assert exchange(jpki.channel(level), command).ok
        assert (Service.WRAP in asked) is bool(level & 0x10)


LEVELS = {"not authenticated": 0x33, "by another party": 0x73, "nothing at all": 0x00, "the party alone": 0x40}
"""As SecureChannel.getSecurityLevel() tells them (GP Card API 1.0): 80 authenticated, 40 any authenticated."""


@pytest.mark.parametrize("level", LEVELS.values(), ids=LEVELS.keys())
def test_the_session_is_the_security_domains_own(jpki: JpkiCard, monkeypatch: pytest.MonkeyPatch, level: int) -> None:
    """B3, D1: MAC and encryption say nothing of who is at the other end; AUTHENTICATED is asked for with them."""
    channel = jpki.channel()
    serve = services._serve_session

    def at_another_level(card: ManagedCard, caller: Application, service: Service, data: bytes) -> bytes:
        answer = serve(card, caller, service, data)
        return bytes((level,)) if service is Service.GET_SECURITY_LEVEL else answer

    monkeypatch.setattr(services, "_serve_session", at_another_level)
    for command in (
        CommandApdu(0x80, 0x2C, 0x03, Slot.SIGNING.pin_reference),
        CommandApdu(0x80, 0xE4, 0x00, 0x00, Slot.SIGNING.template),
    ):
        assert exchange(channel, command).sw == SW.SECURITY_STATUS_NOT_SATISFIED
    monkeypatch.undo()
    assert jpki.status().slots[Slot.SIGNING].has_key
