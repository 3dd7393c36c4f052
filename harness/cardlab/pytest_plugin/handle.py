"""The card as a test sees it.

Not called ``card.py``: a module of the name of the fixture would take its place in the package.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from operator import methodcaller
from typing import TYPE_CHECKING, NoReturn

import pytest

from cardlab.card.entropy import Entropy
from cardlab.closing import Closing
from cardlab.errors import CardError, TransportError, UsageError
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.installer import Installer
from cardlab.globalplatform.installation import Installation
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.apdu import SHORT_MAX_LE, CommandApdu, ResponseApdu
from cardlab.iso7816.expected import Expectation
from cardlab.iso7816.status import SW, UnexpectedStatusError, describe
from cardlab.lab.capability import Capability
from cardlab.lab.labcard import LabCard
from cardlab.pytest_plugin import arguments
from cardlab.pytest_plugin.applet import Applet
from cardlab.pytest_plugin.arguments import Octets
from cardlab.pytest_plugin.history import History, Remembering
from cardlab.runtime.torn import TornCell
from cardlab.toolchain.cap_package import Loadable
from cardlab.transport import MuteError, Transport, exchange
from cardlab.transport.channel import LogicalChannel

if TYPE_CHECKING:
    from cardlab.card.card import SimulatedCard
    from cardlab.runtime.cost import Cost

_CLA_ISO = 0x00
_INS_SELECT = 0xA4
_P1_BY_NAME = 0x04
# For `__tracebackhide__`: a refused command is shown where the test sent it, and so is a wrong one.
_REFUSED = methodcaller("errisinstance", (UnexpectedStatusError, UsageError, TransportError))


class _CopiedChannel(LogicalChannel):
    """A channel that was open when its card was copied: it is closed with the whole copy."""

    def close(self) -> None:
        self._lower.close()


class Card(Closing):
    """One card. Use it as a context manager, or ``close`` it.

    ``transport`` takes raw bytes, for clients of your own; a failure shows what passes through it too.
    """

    def __init__(self, lower: LabCard, history: History, copied: Callable[[Card], Card]) -> None:
        self._lower = lower
        self._copied = copied
        self._remembering = Remembering(lower, history)
        self.transport: Transport = self._remembering
        self.history = history
        self.is_open = True
        self.number_of_channel = 0
        self._aid: bytes | None = None

    def fork(self) -> Card:
        """A copy of the card as it is at this moment, its RAM and the selected applet included; close it after use.

        Each goes its own way from here: ``with card.fork() as other:``. A card that cannot be copied skips the test.
        """
        self._require(Capability.FORK)
        return self._copied(self)

    def on(self, lower: LabCard, history: History) -> Card:
        """This card's applet, on a copy of what is below it, on the same channel."""
        copied = Card(lower, history, self._copied)
        copied._aid = self._aid
        if self.number_of_channel:
            copied.number_of_channel = self.number_of_channel
            copied.transport = _CopiedChannel(copied.transport, self.number_of_channel)
        return copied

    @property
    def lower(self) -> LabCard:
        """The card as the laboratory has it."""
        return self._lower

    @property
    def aid(self) -> bytes:
        """The AID of the applet installed first; raises CardError on a blank card."""
        if self._aid is None:
            raise CardError("no applet is installed on this card", hint="name an AID, or install an applet first")
        return self._aid

    def send(
        self,
        cla: int,
        ins: int,
        p1: int = 0,
        p2: int = 0,
        data: Octets = b"",
        *,
        le: int | None = SHORT_MAX_LE,
        expect: Expectation = SW.OK,
    ) -> bytes:
        """Send a command and return the response's data; any status word but ``expect`` raises UnexpectedStatusError.

        ``expect`` may be a mask, ``"63Cx"``, or several: ``(0x9000, "63Cx")``. ``le`` is how many bytes may come back:
        256 by default, None for a command that asks for none.
        """
        __tracebackhide__ = _REFUSED
        command = arguments.command(cla, ins, p1, p2, data, le)
        expected = arguments.expected_status(expect)
        response = self.transmit(command)
        if not expected.allows(response.sw):
            self._refused(UnexpectedStatusError(self._describe(command), response.sw, expected=expected.patterns))
        return response.data

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        """Send a command and return the response, whatever its status word is."""
        __tracebackhide__ = _REFUSED
        if not isinstance(command, CommandApdu):
            raise arguments.wrong(
                "transmit() takes a CommandApdu (cardlab.iso7816.apdu); for a command in bytes write "
                "card.transport.transmit(...), or CommandApdu.from_bytes(...)"
            )
        try:
            return exchange(self.transport, command)
        except TransportError as error:  # it says what happened; how it got here is no business of the test
            raise error.with_traceback(None) from None

    def writes(self, cla: int, ins: int, p1: int = 0, p2: int = 0, data: Octets = b"") -> int:
        """How many persistent writes a command has, as the card is now: so many moments ``tear`` can be told.

        It is sent to a copy: the card itself stays as it is. A card that cannot be copied skips the test.
        """
        __tracebackhide__ = True
        command = arguments.command(cla, ins, p1, p2, data, SHORT_MAX_LE)
        with self._copy() as copied:
            self._try_on(copied, command)
            return copied.power_cut_opportunities()

    def cost(
        self, cla: int, ins: int, p1: int = 0, p2: int = 0, data: Octets = b"", *, le: int | None = SHORT_MAX_LE
    ) -> Cost:
        """What a command costs, as the card is now: instructions, persistent writes by cell, cryptographic operations.

        It is sent to a copy: the card itself stays as it is. Its status word does not matter, so a refusal can be
        compared with a success. A card that cannot count it, or be copied, skips the test.
        """
        __tracebackhide__ = True
        command = arguments.command(cla, ins, p1, p2, data, le)
        self._require(Capability.COST)
        with self._copy() as copied:
            copied.keep_cost()
            self._try_on(copied, command)
            return copied.cost()

    def _copy(self) -> SimulatedCard:
        __tracebackhide__ = True
        self._require(Capability.FORK)
        return self._lower.simulated.fork()

    def _try_on(self, copied: SimulatedCard, command: CommandApdu) -> None:
        """Send a command to a copy, on the channel that this card is on."""
        number = self.number_of_channel
        exchange(LogicalChannel(copied, number) if number else copied, command)

    def tear(
        self,
        cla: int,
        ins: int,
        p1: int = 0,
        p2: int = 0,
        data: Octets = b"",
        *,
        at: int,
        torn: TornCell | str = TornCell.OLD,
    ) -> bool:
        """Send a command and cut the power at the ``at``-th moment (from 1) at which it changes persistent memory.

        ``torn`` is what the cell holds that was being written: the ``"old"`` value, the ``"new"`` one, or a
        ``"random"`` one where the API promises neither. Afterwards the card is reset and the applet selected. Returns
        False when the command came to its end because it has fewer such moments. A card whose power cannot be cut skips
        the test. There is no moment before the first: UsageError. A command without end is MuteError, not a cut.
        """
        __tracebackhide__ = _REFUSED
        if arguments.number("at", at) < 1:
            raise arguments.wrong(f"at={at}: moments are counted from 1, so a loop begins with itertools.count(1)")
        command, cell = arguments.command(cla, ins, p1, p2, data, SHORT_MAX_LE), arguments.torn_cell(torn)
        self._require(Capability.POWER_CUT)
        self._lower.cut_power_at(at, cell)
        was_cut = False
        try:
            self.transmit(command)
        except MuteError:
            raise
        except TransportError:
            was_cut = True
        finally:
            self._lower.cut_power_at(0)
        self.reset()
        return was_cut

    @property
    def entropy(self) -> Entropy:
        """Random numbers for the test, from the card's seed: ``card.entropy.draw(8)``. A recorded test repeats them."""
        return self._lower.entropy

    def select(self, aid: Octets | None = None, *, expect: Expectation = SW.OK) -> bytes:
        """Select an application, by default the applet under test; returns what it answers."""
        __tracebackhide__ = _REFUSED
        name = self.aid if aid is None else arguments.octets("aid", aid)
        return self.send(_CLA_ISO, _INS_SELECT, _P1_BY_NAME, 0, name, expect=expect)

    def reset(self, *, select: bool = True) -> None:
        """Reset the card, which clears its RAM, and select the applet under test again unless told otherwise."""
        __tracebackhide__ = _REFUSED
        self.transport.reset()
        if select and self._aid is not None:
            self.select()

    def manager(self, level: SecurityLevel | None = None) -> GlobalPlatformClient:
        """A GlobalPlatform client with the issuer security domain selected and SCP03 open; leaves the applet.

        ``level`` is the session's protection, by default the strongest that the card offers.
        """
        client = GlobalPlatformClient(self.transport)
        client.select()
        client.authenticate(self._lower.keys, level=level, host_challenge=self._lower.challenge())
        return client

    @contextmanager
    def channel(self, number: int | None = None) -> Iterator[Card]:
        """The card on a further logical channel, the first that is free or the one named, until the block ends.

        ``with card.channel() as second: second.select()``. Commands of ``second`` have its number in their class byte;
        ``second.number_of_channel`` tells it. A reset closes all channels.
        """
        __tracebackhide__ = _REFUSED
        opened = LogicalChannel.open(self.transport, number)
        try:
            yield self._through(opened)
        finally:
            opened.close()

    def _through(self, opened: LogicalChannel) -> Card:
        """The same card, with its commands on a channel."""
        second = Card(self._lower, self.history, self._copied)
        second._remembering, second._aid = self._remembering, self._aid
        second.transport, second.number_of_channel = opened, opened.number
        return second

    def load(self, packages: Iterable[Loadable]) -> None:
        """Load packages through SCP03; the card is reset after each, so that it is as blank as it can be."""
        for one in packages:
            before = self.history.count
            other = self._lower.installer()
            try:
                if other is not None:
                    other.load(one.cap)
                else:
                    client = self.manager(SecurityLevel.C_MAC)  # code is no secret, and every test loads it
                    client.load(one.aid, one.data_block)
            except UnexpectedStatusError as error:
                raise CardError(
                    f"package {one.aid.hex().upper()} was not loaded: {error}{self._reason(error.sw)}",
                    hint="give the applet AIDs that are not on the card, and see that it fits into the card's memory",
                ) from error
            self.transport.reset()
            self.history.fold(before, f"[loaded {one.aid.hex().upper()} {_how(other)}]")

    def install(self, applet: Applet, *, aid: Octets | None = None) -> None:
        """Install an applet through SCP03; ``aid`` gives this instance another AID. It is not selected."""
        instance = applet.aid if aid is None else arguments.octets("aid", aid)
        before = self.history.count
        other = self._lower.installer()
        by = other or self.manager()
        try:
            by.install(Installation(applet.package_aid, applet.aid, instance, parameters=applet.parameters))
        except UnexpectedStatusError as error:
            raise CardError(
                f"{applet.class_name} was not installed: INSTALL answered {describe(error.sw)}{self._reason(error.sw)}",
                hint="install() must call register() with the AID it was given, and not throw: "
                "look at how it reads its parameters",
            ) from error
        self.history.fold(before, f"[installed {applet.class_name} as {instance.hex().upper()} {_how(other)}]")
        self._aid = self._aid or instance

    def delete(self, aid: Octets | None = None) -> None:
        """Delete an instance, by default of the applet under test; no application is selected afterwards."""
        target = self.aid if aid is None else arguments.octets("aid", aid)
        before = self.history.count
        other = self._lower.installer()
        by = other or self.manager()
        by.delete(target)
        self.history.fold(before, f"[deleted {target.hex().upper()} {_how(other)}]")
        self._aid = None if target == self._aid else self._aid

    def close(self) -> None:
        """Power the card off and forget it; safe to call twice."""
        self.is_open = False
        self.transport.close()

    def __repr__(self) -> str:
        applet = "blank" if self._aid is None else self._aid.hex().upper()
        return f"<Card {applet}, {self.history.title}>"

    def _require(self, capability: Capability) -> None:
        __tracebackhide__ = True
        if capability not in self._lower.capabilities:
            pytest.skip(f"this kind of card lacks {capability.value}")

    def _reason(self, sw: int) -> str:
        """Why, as far as the card says, without the status word that stands before it."""
        reason = self._lower.explain().removeprefix(f"{sw:04X}: ")
        return f"; {reason}" if reason else ""

    def _refused(self, error: UnexpectedStatusError) -> NoReturn:
        __tracebackhide__ = True
        if self._remembering.reason:
            error.add_note(self._remembering.reason)
        raise error

    def _describe(self, command: CommandApdu) -> str:
        name = self.history.names.commands.get(command.ins)
        header = command.header.hex(" ").upper()
        return f"{name} ({header})" if name else header


def _how(other: Installer | None) -> str:
    return "through SCP03" if other is None else f"by {other.name}"
