"""Sends events to a card and to the model, and compares: one place where every answer is checked."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from cardlab.globalplatform.scp03 import (
    Channel,
    InitializeUpdateResponse,
    ProtectionError,
    SecurityLevel,
    StaticKeys,
    secured_class,
)
from cardlab.iso7816.apdu import CommandApdu, MalformedApduError, ResponseApdu
from cardlab.pytest_plugin import Capability, LabCard
from cardlab.runtime.interface import Media
from jpki.model.events import CardEvent, Garbage, Reset, Secured, SentCommand
from jpki.model.expectation import Expectation
from jpki.model.jpki import INS_EXTERNAL_AUTHENTICATE, INS_INITIALIZE_UPDATE, JpkiModel, without_channel
from jpki.model.state import INSTANCE_AID, ModelState, Slot
from tests.jpki.applet.machine_properties import Properties, Seen

HEADER_LENGTH = 4  # bytes: CLA INS P1 P2
MEDIA_MASK = 0xF0  # of the protocol byte
HOST_CHALLENGE = bytes(range(8))


class DisagreementError(AssertionError):
    """The card did not answer as the model says; the message holds the whole conversation."""


@dataclass(slots=True)
class Host:
    """The host's end of the last secure channel that was opened: ``position`` counts the commands wrapped in it."""

    channel: Channel
    number: int
    position: int = 0


@dataclass(slots=True)
class Driver:
    """A card, the model's state beside it, and the host's end of the secure channel."""

    card: LabCard
    model: JpkiModel
    state: ModelState
    keys: StaticKeys
    properties: Properties = field(default_factory=Properties)
    host: Host | None = None
    wrapped: list[SentCommand] = field(default_factory=list)
    log: list[str] = field(default_factory=list)

    # -- events

    def reset(self, media: Media = Media.CONTACT) -> None:
        """Reset the card, or cut its power between two commands: for a card that is the same."""
        self.state, _ = self.model.step(self.state, Reset(media & MEDIA_MASK))
        self.log.append(f"-- reset, {media.name}")
        self.card.reset(media)
        self.properties.session_ended()

    def send(self, event: SentCommand) -> ResponseApdu:
        """Send a command and compare the answer with the model's; returns it without its protection."""
        before = self.state
        after, expectation = self.model.step(before, event)
        response = self._transmit(event.wire.to_bytes())
        fits = after.session.channel is not None and after.session.channel is not before.session.channel
        if fits and event.secured is not None and self.host is not None:
            response = self._unwrapped(response)
        self._compare(event, expectation, response)
        self.state = self.model.observe(after, expectation, response)
        plain = event.secured.plain if fits and event.secured else event.wire
        level = int(self.host.channel.level) if self.host else 0
        self.properties.saw(Seen(plain, response, before, genuine=fits, level=level))
        return response

    def garbage(self, raw: bytes) -> None:
        """Send bytes that may or may not be a command; readers carry none that are shorter than a header."""
        if len(raw) < HEADER_LENGTH and Capability.PCSC in self.card.capabilities:
            return
        try:
            self.send(SentCommand(CommandApdu.from_bytes(raw)))
        except MalformedApduError:
            event = Garbage(raw)
            self.state, expectation = self.model.step(self.state, event)
            self._compare(event, expectation, self._transmit(raw))

    def plain(self, cla: int, ins: int, p1: int, p2: int, data: bytes = b"", le: int | None = 256) -> ResponseApdu:
        """Send a command without protection."""
        return self.send(SentCommand(CommandApdu(cla, ins, p1, p2, data, le)))

    def select(self, aid: bytes = INSTANCE_AID, p2: int = 0x0C) -> ResponseApdu:
        """SELECT by name."""
        response = self.plain(0x00, 0xA4, 0x04, p2, aid)
        self.properties.selected(aid, accepted=response.ok)
        return response

    # -- the secure channel

    def open_channel(self, level: int, *, key_version: int = 0, genuine: bool = True, flaw: int = 0) -> bool:
        """INITIALIZE UPDATE and EXTERNAL AUTHENTICATE; ``flaw`` is XORed into the last byte of a false one."""
        answer = self.plain(0x80, INS_INITIALIZE_UPDATE, key_version, 0, HOST_CHALLENGE)
        if not answer.ok:
            return False
        update = InitializeUpdateResponse.from_bytes(answer.data)
        channel = Channel(self.keys.session(HOST_CHALLENGE, update.card_challenge))
        command = CommandApdu(0x84, INS_EXTERNAL_AUTHENTICATE, level, 0, channel.keys.host_cryptogram)
        channel, wrapped = channel.wrap_command(command)
        if not genuine:
            wrapped = wrapped.with_data(wrapped.data[:-1] + bytes((wrapped.data[-1] ^ (flaw or 1),)))
        if not self.send(SentCommand(wrapped, genuine=genuine)).ok or self.state.session.channel is None:
            return False
        self.host = Host(channel.opened(SecurityLevel(level)), self.state.session.channel.number)
        return True

    def wrap(self, ins: int, p1: int, p2: int, data: bytes = b"") -> SentCommand:
        """Wrap a command at the host's end (class 84 without protection when no channel was ever opened)."""
        plain = CommandApdu(0x80, ins, p1, p2, data, 256)
        host = self.host
        if host is None:
            return SentCommand(CommandApdu(secured_class(0x80), ins, p1, p2, data, 256))
        position, host.position = host.position, host.position + 1
        host.channel, wire = host.channel.wrap_command(plain)
        secured = Secured(host.number, position, plain) if host.channel.level & SecurityLevel.C_MAC else None
        command = SentCommand(wire, secured)
        self.wrapped.append(command)
        return command

    def tsm(self, ins: int, p1: int, p2: int, data: bytes = b"") -> ResponseApdu:
        """Send a TSM command through whatever is left of the channel."""
        return self.send(self.wrap(ins, p1, p2, data))

    @property
    def has_channel(self) -> bool:
        """Whether host and card are in the same session, at the same place."""
        channel, host = self.state.session.channel, self.host
        if channel is None or host is None:
            return False
        return (channel.number, channel.position) == (host.number, host.position)

    def altered(self, command: SentCommand, bit: int) -> None:
        """Send a command with one bit flipped."""
        raw = bytearray(command.wire.to_bytes())
        raw[bit // 8 % len(raw)] ^= 1 << bit % 8
        try:
            wire = CommandApdu.from_bytes(bytes(raw))
        except MalformedApduError:
            self.garbage(bytes(raw))
            return
        if (wire.header, wire.data) == (command.wire.header, command.wire.data):
            return  # Le: no MAC covers it, and it decides nothing but how much of an answer the platform lets out
        secured = command.secured
        if secured is not None and not _covered_alike(wire, command.wire):
            secured = Secured(secured.channel, secured.position, secured.plain, intact=False)
        self.send(SentCommand(wire, secured))

    def set_counter(self, name: Slot, value: int) -> None:
        """Tell the model that a signature counter was set behind its back."""
        slot = self.state.slot(name)
        assert slot.key is not None
        self.state = self.state.with_slot(name, replace(slot, key=replace(slot.key, counter=value)))

    # -- comparing

    def _transmit(self, raw: bytes) -> ResponseApdu:
        self.log.append(f"> {raw.hex()}")
        response = ResponseApdu.from_bytes(self.card.transmit(raw))
        self.log.append(f"< {response.data.hex()} {response.sw:04X}")
        return response

    def _unwrapped(self, response: ResponseApdu) -> ResponseApdu:
        assert self.host is not None
        try:
            return self.host.channel.unwrap_response(response)
        except ProtectionError as error:
            raise self._disagreement(
                f"D1: the response {response.sw:04X} is not protected as it must be: {error}"
            ) from error

    def _compare(self, event: CardEvent, expectation: Expectation, response: ResponseApdu) -> None:
        problem = expectation.problem(response)
        if problem:
            raise self._disagreement(f"{event}\n{problem}")

    def _disagreement(self, text: str) -> DisagreementError:
        return DisagreementError("\n".join((*self.log[-60:], text)))


def _covered_alike(one: CommandApdu, other: CommandApdu) -> bool:
    """Whether a MAC cannot tell them apart: it covers the class without its logical channel (Amendment D, 6.2.4)."""
    return (without_channel(one.cla), one.header[1:], one.data) == (
        without_channel(other.cla),
        other.header[1:],
        other.data,
    )
