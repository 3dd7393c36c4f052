"""The applet as a pure function: what a card answers to an event, and what it is afterwards.

``step`` gives the expectation and the next state; ``observe`` adds what only the card can know (a challenge, a public
key) from the response it gave. Nothing here has seen the applet's code: docs/reference/applet.md is the only source.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.iso7816.status import SW
from cardlab.iso7816.tlv import encode
from jpki.model import device, user_commands
from jpki.model.events import CardEvent, Garbage, Reinstall, Reset, SentCommand
from jpki.model.expectation import (
    Challenge,
    EcPublicKey,
    Exactly,
    Expectation,
    Length,
    PublicKeyHalf,
    any_of,
    expect,
)
from jpki.model.rules import CommandRejectedError, Result, Rule, done, require, without_chain
from jpki.model.state import INSTANCE_AID, ModelState, OpenChannel, Profile, Session, Suite
from jpki.model.tsm_commands import TSM_COMMANDS

INS_SELECT = 0xA4
INS_STORE_CERTIFICATE = 0xE2
INS_INITIALIZE_UPDATE = 0x50
INS_EXTERNAL_AUTHENTICATE = 0x82
INS_MANAGE_CHANNEL = 0x70
SECURED_CLASS = 0x84
SECURITY_LEVELS = (0x00, 0x01, 0x03, 0x11, 0x13, 0x33)
C_MAC = 0x01
_NOT_OPENED = (
    SW.WARNING, SW.WRONG_LENGTH, SW.CHANNEL_NOT_SUPPORTED, SW.SECURE_MESSAGING_NOT_SUPPORTED,
    SW.COMMAND_CHAINING_NOT_SUPPORTED, SW.FUNCTION_NOT_SUPPORTED, SW.INCORRECT_P1P2, SW.INS_NOT_SUPPORTED,
)  # fmt: skip
"""What MANAGE CHANNEL answers when it opens none: those that do are for other tests."""
_OTHER_CHANNEL = 0x43  # a further interindustry class, or channels 1 to 3 (GPCS 11.1.4)
_PROPRIETARY_CLASSES = 0x80  # from here on (ISO/IEC 7816-4:2020, 5.4.1)
_RESERVED_CLASSES = range(0x20, 0x40)  # ISO/IEC 7816-4:2020, 5.4.1

INTERINDUSTRY: dict[int, Rule] = {
    INS_SELECT: user_commands.select_file,
    0xB0: user_commands.read_binary,
    0x20: user_commands.verify,
    0x24: user_commands.change_pin,
    0x84: user_commands.get_challenge,
}
PROPRIETARY: dict[int, Rule] = {
    0x2A: user_commands.sign,
    0x2E: user_commands.sign_with_indicator,
    0xCA: user_commands.get_data,
    0xDA: device.register,
    0xE4: device.remove,
}
_PLAIN_TSM = (0x46, 0xE2, 0x2C, 0xF2)


@dataclass(frozen=True, slots=True)
class Platform:
    """What the applet's surroundings look like.

    ``others``: AIDs of what else can be selected, the issuer's security domain first (it is selected after a reset).
    ``key_versions``: key versions of the applet's security domain that INITIALIZE UPDATE may name.
    ``shows_select``: whether ``deselect()`` of an applet can see which SELECT ends it.
    """

    others: tuple[bytes, ...]
    key_versions: tuple[int, ...] = (0, 1)
    shows_select: bool = True


@dataclass(frozen=True, slots=True)
class JpkiModel:
    """The rules of one card: surroundings and install parameters; every method is a pure function."""

    platform: Platform
    profile: Profile = Profile.PHONE
    contact_medium: int | None = None
    suite: Suite = Suite.RSA_2048

    def initial(self, *, media: int = 0) -> ModelState:
        """A card with the applet just installed, after a reset."""
        session = Session(media, self.platform.others[0])
        return ModelState(self.profile, session, contact_medium=self.contact_medium, suite=self.suite)

    def step(self, state: ModelState, event: CardEvent) -> Result:
        """The state after an event and what the card must answer to it (a reset answers 9000 here)."""
        match event:
            case Garbage():
                return state, expect(SW.WRONG_LENGTH, "ISO/IEC 7816-3: no command APDU")
            case Reset(media):
                session = Session(media, self.platform.others[0])
                return done(replace(state, session=session), "reset")
            case Reinstall():
                fresh = self.initial(media=state.session.media)
                counted = replace(fresh, keys_made=state.keys_made, channels_opened=state.channels_opened)
                return done(counted, "A5: nothing survives deletion")
            case SentCommand():
                return self._command(state, event)

    def observe(self, state: ModelState, expectation: Expectation, response: ResponseApdu) -> ModelState:
        """The state with what the response disclosed; the response has met the expectation."""
        if not response.ok:
            return state
        match expectation.data:
            case Challenge():
                return state.with_session(challenge=response.data)
            case PublicKeyHalf(slot=name, half=half) | EcPublicKey(slot=name, half=half):
                slot = state.slot(name)
                if slot.key is None:
                    return state
                first, second = slot.key.halves
                halves = (response.data, second) if half == 0 else (first, response.data)
                return state.with_slot(name, replace(slot, key=replace(slot.key, halves=halves)))
            case _:
                return state

    def _command(self, state: ModelState, event: SentCommand) -> Result:
        command = event.wire
        if command.cla < _PROPRIETARY_CLASSES and command.cla & _OTHER_CHANNEL and command.cla not in _RESERVED_CLASSES:
            return state, any_of((SW.CHANNEL_NOT_SUPPORTED, SW.CLA_NOT_SUPPORTED), "basic logical channel only")
        if command.cla < 0x20 and command.ins == INS_MANAGE_CHANNEL:
            return state, any_of(_NOT_OPENED, "GPCS 11.7: no further channel is opened")
        if command.cla < 0x10 and command.ins == INS_SELECT and command.p1 == 4:
            if command.cla:
                refused = (SW.SECURE_MESSAGING_NOT_SUPPORTED, SW.CLA_NOT_SUPPORTED)
                return state, any_of(refused, "GPCS Table 11-84: SELECT by name comes without secure messaging")
            return self._select_application(state, command)
        if state.session.application != INSTANCE_AID:
            return state, _ANOTHER_APPLICATION
        try:
            return self._applet(state, event)
        except device.CommandRejectedAfterError as refused:
            return without_chain(refused.state), expect(refused.sw, refused.why)
        except CommandRejectedError as refused:
            return without_chain(state), expect(refused.sw, refused.why)

    # -- selection

    def _select_application(self, state: ModelState, command: CommandApdu) -> Result:
        """SELECT by name (docs/reference/applet.md, trap 2: only another application clears what was verified)."""
        aid = command.data
        if aid == INSTANCE_AID and command.p2 in (0x00, 0x0C):
            again = state.session.application == INSTANCE_AID and self.platform.shows_select
            session = Session(state.session.media, INSTANCE_AID)
            if again:
                session = replace(session, verified=state.session.verified, permitted=state.session.permitted)
            fci = b"" if command.p2 else encode(0x6F, encode(0x84, INSTANCE_AID), encode(0xA5))
            return replace(state, session=session), expect(SW.OK, "SELECT application", Exactly(fci))
        if aid in self.platform.others:
            after = replace(state, session=Session(state.session.media, aid))
            return after, any_of((SW.OK,), "SELECT of another application")
        # JCRE 4.5.2: what names no application goes to the selected one.
        if state.session.application != INSTANCE_AID:
            return state, _ANOTHER_APPLICATION
        return without_chain(state), expect(SW.FILE_NOT_FOUND, "no such application; the selected one stays")

    # -- the applet

    def _applet(self, state: ModelState, event: SentCommand) -> Result:
        cla, ins = without_channel(event.wire.cla), event.wire.ins
        if cla == SECURED_CLASS:
            return self._secured_class(state, event)
        require(cla in (0x00, 0x80), SW.CLA_NOT_SUPPORTED, "class is 00, 80 or 84")
        if cla == 0x80 and ins == INS_INITIALIZE_UPDATE:
            return self._initialize_update(without_chain(state), event.wire)
        require(cla == 0 or ins not in _PLAIN_TSM, SW.SECURITY_STATUS_NOT_SATISFIED, "B3, D1: only inside SCP03")
        rule = (PROPRIETARY if cla else INTERINDUSTRY).get(ins)
        if rule is None:
            raise CommandRejectedError(SW.INS_NOT_SUPPORTED, "no such instruction in this class")
        return rule(without_chain(state), event.wire)

    def _initialize_update(self, state: ModelState, command: CommandApdu) -> Result:
        require(not state.contactless, SW.CONDITIONS_NOT_SATISFIED, "D5: no TSM over contactless")
        require(command.p2 == 0, SW.INCORRECT_P1P2, "Amendment D Table 7-1: P2 is 00")
        require(len(command.data) == 8, SW.WRONG_LENGTH, "Amendment D Table 7-1: a host challenge of 8 bytes")
        after = state.with_session(channel=None, update_pending=False)
        if command.p1 not in self.platform.key_versions:
            return after, expect(SW.REFERENCED_DATA_NOT_FOUND, "Amendment D 7.1.1: no such key version")
        answer = Length(frozenset((29, 32)))
        return after.with_session(update_pending=True), expect(SW.OK, "D1: INITIALIZE UPDATE", answer)

    def _external_authenticate(self, state: ModelState, event: SentCommand) -> Result:
        command = event.wire
        require(not state.contactless, SW.CONDITIONS_NOT_SATISFIED, "D5: no TSM over contactless")
        known = command.p1 in SECURITY_LEVELS and command.p2 == 0
        require(known, SW.INCORRECT_P1P2, "Amendment D Table 7-3: no such level")
        require(len(command.data) == 16, SW.WRONG_LENGTH, "Amendment D Table 7-4: cryptogram and MAC of 8 bytes each")
        require(state.session.update_pending, SW.CONDITIONS_NOT_SATISFIED, "D1: INITIALIZE UPDATE comes first")
        closed = state.with_session(channel=None, update_pending=False)
        if not event.genuine:
            wrong = (SW.AUTHENTICATION_FAILED, SW.SECURE_MESSAGING_INCORRECT)
            return closed, any_of(wrong, "D1: the host is not authenticated")
        number = state.channels_opened + 1
        channel = OpenChannel(number, command.p1)
        return done(replace(closed, channels_opened=number).with_session(channel=channel), "D1: session open")

    def _secured_class(self, state: ModelState, event: SentCommand) -> Result:
        """Class 84: in an open session everything but EXTERNAL AUTHENTICATE is unwrapped before any other check."""
        if event.wire.ins == INS_EXTERNAL_AUTHENTICATE:
            return self._external_authenticate(without_chain(state), event)
        channel = state.session.channel
        command = event.wire
        if channel is not None:
            secured = event.secured
            fits = secured is not None and (secured.channel, secured.position) == (channel.number, channel.position)
            if secured is None or not fits or not secured.intact or not channel.level & C_MAC:
                closed = without_chain(state).with_session(channel=None)
                return closed, expect(SW.SECURE_MESSAGING_INCORRECT, "D1: the command does not verify")
            command = secured.plain
            state = state.with_session(channel=replace(channel, position=channel.position + 1))
        try:
            return self._tsm_command(state, command)
        except CommandRejectedError as refused:
            return without_chain(state), expect(refused.sw, refused.why)

    def _tsm_command(self, state: ModelState, command: CommandApdu) -> Result:
        rule = TSM_COMMANDS.get(command.ins)
        if rule is None:
            raise CommandRejectedError(SW.INS_NOT_SUPPORTED, "no such instruction in class 84")
        rule.check_parameters(state, command)
        require(not state.contactless, SW.CONDITIONS_NOT_SATISFIED, "D5: no TSM over contactless")
        channel = state.session.channel
        enough = channel is not None and channel.level & rule.level == rule.level
        require(enough, SW.SECURITY_STATUS_NOT_SATISFIED, "B3, D1: only inside SCP03, at this level")
        return rule.run(state if command.ins == INS_STORE_CERTIFICATE else without_chain(state), command)


_ANOTHER_APPLICATION = any_of((), "another application is selected")


def without_channel(cla: int) -> int:
    """A proprietary class without the logical channel that is in it (JCRE 3.0.5, 4.3; GPCS Table 11-12).

    A card on which that channel is not open gives the command to the applet on the basic one, which serves it all the
    same: for it the number is no matter.
    """
    if cla < _PROPRIETARY_CLASSES:
        return cla
    if cla & 0x40:
        return cla & 0x90 | (0x04 if cla & 0x20 else 0x00)
    return cla & ~0x03
