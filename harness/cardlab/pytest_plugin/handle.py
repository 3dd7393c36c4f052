"""The card as a test sees it.

Not called ``card.py``: a module of the name of the fixture would take its place in the package.
"""

from __future__ import annotations

from collections.abc import Iterable
from operator import methodcaller
from typing import NoReturn

import pytest

from cardlab.card.entropy import Entropy
from cardlab.closing import Closing
from cardlab.errors import CardError, TransportError
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.installer import Installer
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.apdu import SHORT_MAX_LE, CommandApdu, ResponseApdu
from cardlab.iso7816.status import SW, UnexpectedStatusError, describe
from cardlab.pytest_plugin.applet import Applet
from cardlab.pytest_plugin.capabilities import Capability
from cardlab.pytest_plugin.history import History, Remembering
from cardlab.pytest_plugin.labcard import LabCard
from cardlab.toolchain.executable import Executable
from cardlab.transport import Transport, exchange

_CLA_ISO = 0x00
_INS_SELECT = 0xA4
_P1_BY_NAME = 0x04
# For `__tracebackhide__`: a refused command is shown where the test sent it.
_REFUSED = methodcaller("errisinstance", UnexpectedStatusError)


class Card(Closing):
    """One card. Use it as a context manager, or ``close`` it.

    ``transport`` takes raw bytes, for clients of your own; a failure shows what passes through it too.
    """

    def __init__(self, lower: LabCard, history: History) -> None:
        self._lower = lower
        self._remembering = Remembering(lower, history)
        self.transport: Transport = self._remembering
        self.history = history
        self.is_open = True
        self._aid: bytes | None = None

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
        data: bytes = b"",
        *,
        le: int | None = SHORT_MAX_LE,
        expect: int = SW.OK,
    ) -> bytes:
        """Send a command and return the response's data; any status word but ``expect`` raises UnexpectedStatusError.

        ``le`` is how many bytes may come back: 256 by default, None for a command that asks for none.
        """
        __tracebackhide__ = _REFUSED
        command = CommandApdu(cla, ins, p1, p2, data, le)
        response = self.transmit(command)
        if response.sw != expect:
            self._refused(UnexpectedStatusError(self._describe(command), response.sw, expected=(expect,)))
        return response.data

    def transmit(self, command: CommandApdu) -> ResponseApdu:
        """Send a command and return the response, whatever its status word is."""
        return exchange(self.transport, command)

    def tear(self, cla: int, ins: int, p1: int = 0, p2: int = 0, data: bytes = b"", *, at: int) -> bool:
        """Send a command and cut the power at the ``at``-th moment (from 1) at which it changes persistent memory.

        Afterwards the card is reset and the applet selected. Returns False when the command came to its end because it
        has fewer such moments. A card whose power cannot be cut skips the test.
        """
        __tracebackhide__ = _REFUSED
        if Capability.POWER_CUT not in self._lower.capabilities:
            pytest.skip(f"this kind of card lacks {Capability.POWER_CUT.value}")
        self._lower.cut_power_at(at)
        torn = False
        try:
            self.transmit(CommandApdu(cla, ins, p1, p2, data, SHORT_MAX_LE))
        except TransportError:
            torn = True
        finally:
            self._lower.cut_power_at(0)
        self.reset()
        return torn

    @property
    def entropy(self) -> Entropy:
        """Random numbers for the test, from the card's seed: ``card.entropy.draw(8)``. A recorded test repeats them."""
        return self._lower.entropy

    def select(self, aid: bytes | None = None, *, expect: int = SW.OK) -> bytes:
        """Select an application, by default the applet under test; returns what it answers."""
        __tracebackhide__ = _REFUSED
        return self.send(_CLA_ISO, _INS_SELECT, _P1_BY_NAME, 0, self.aid if aid is None else aid, expect=expect)

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

    def load(self, packages: Iterable[Executable]) -> None:
        """Load packages through SCP03; the card is reset after each, so that it is as blank as it can be."""
        for one in packages:
            before = self.history.count
            other = self._lower.installer()
            try:
                if other is not None:
                    other.load(one.cap)
                else:
                    client = self.manager(SecurityLevel.C_MAC)  # code is no secret, and every test loads it
                    client.load(one.package.aid, one.data_block)
            except UnexpectedStatusError as error:
                reason = f"; {self._lower.explain()}" if self._lower.explain() else ""
                raise CardError(
                    f"package {one.package.aid.hex().upper()} was not loaded: {error}{reason}",
                    hint="give the applet AIDs that are not on the card, and see that it fits into the card's memory",
                ) from error
            self.transport.reset()
            self.history.fold(before, f"[loaded {one.package.aid.hex().upper()} {_how(other)}]")

    def install(self, applet: Applet, *, aid: bytes | None = None) -> None:
        """Install an applet through SCP03; ``aid`` gives this instance another AID. It is not selected."""
        instance = applet.aid if aid is None else aid
        before = self.history.count
        other = self._lower.installer()
        by = other or self.manager()
        try:
            by.install(applet.package_aid, applet.aid, instance, parameters=applet.parameters)
        except UnexpectedStatusError as error:
            reason = self._lower.explain()
            raise CardError(
                f"{applet.class_name} was not installed: INSTALL answered {describe(error.sw)}"
                + (f"; {reason}" if reason else ""),
                hint="install() must call register() with the AID it was given, and not throw: "
                "look at how it reads its parameters",
            ) from error
        self.history.fold(before, f"[installed {applet.class_name} as {instance.hex().upper()} {_how(other)}]")
        self._aid = self._aid or instance

    def delete(self, aid: bytes | None = None) -> None:
        """Delete an instance, by default of the applet under test; no application is selected afterwards."""
        target = self.aid if aid is None else aid
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

    def _refused(self, error: UnexpectedStatusError) -> NoReturn:
        __tracebackhide__ = True
        if self._remembering.reason:
            error.add_note(self._remembering.reason)
        raise error

    def _describe(self, command: CommandApdu) -> str:
        name = self.history.commands.get(command.ins)
        header = command.header.hex(" ").upper()
        return f"{name} ({header})" if name else header


def _how(other: Installer | None) -> str:
    return "through SCP03" if other is None else f"by {other.name}"
