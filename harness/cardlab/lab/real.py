"""Tests on the card in a real reader: one test at a time, and the card is left as it was found.

Nothing is written to it unless ``--destructive`` names the card by its identity. A ``Guard`` keeps from it what its
owner would regret. What a test put on it is deleted when the test lets go of it, also when the run is interrupted.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from cardlab.errors import CardError, HarnessError, SecureChannelError, TransportError, UsageError
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.host.identity import CardIdentity
from cardlab.globalplatform.host.registry import Registry
from cardlab.globalplatform.key_source import read_keys
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.lab.capability import OF_REAL_CARDS, Capability
from cardlab.lab.guard import FailedAuthenticationError, Guard
from cardlab.lab.kind import CardOrder, Runner, SupplyOptions
from cardlab.lab.rig import PlainRig, Rig, lacking
from cardlab.transport import Transport
from cardlab.transport.pcsc import PcscTransport

if TYPE_CHECKING:
    from cardlab.runtime.interface import Media

_NO_KEYS = "--card-keys env:NAME or file:PATH; --card-keys test only if the card has the public test keys"


class RealCards:
    """The card in one reader."""

    capabilities = OF_REAL_CARDS

    def __init__(self, reader: str, options: SupplyOptions) -> None:
        if not options.keys:
            raise UsageError("--card pcsc does not say which keys the card has; they are never guessed", hint=_NO_KEYS)
        self._keys = read_keys(options.keys)
        self._runner = options.runner
        self._transport = PcscTransport.open(reader, exclusive=True)
        try:
            identity = CardIdentity.read(self._transport)
            if not identity.is_named(options.destructive):
                raise _unconfirmed(self._transport.reader, identity, options.destructive)
        except BaseException:
            self._transport.close()
            raise
        self._before: Registry | None = None
        self._in_use = False

    @property
    def keys(self) -> StaticKeys:
        """Those of ``--card-keys``."""
        return self._keys

    def open(self, order: CardOrder) -> Rig:
        """The card, reset, with what was on it before the run and nothing else."""
        if self._in_use:
            raise lacking(Capability.MANY)
        if self._before is None:
            self._before = self._registry(self._guard(frozenset()))
        self._transport.reset()
        guard = self._guard(frozenset(_aids(self._before)))
        self._in_use = True
        return RealRig(guard, self._end)

    def restore(self, image: Path, order: CardOrder) -> Rig:
        """Raises UsageError: a real card is in the state it is in."""
        raise lacking(Capability.INSIDE)

    def close(self) -> None:
        """Let go of the card."""
        self._transport.close()

    def _guard(self, before: frozenset[bytes]) -> EndsRun:
        return EndsRun(self._transport, self._keys, before, self._runner)

    def _registry(self, card: Transport) -> Registry:
        client = GlobalPlatformClient(card)
        client.select()
        client.authenticate(self._keys)
        return client.registry()

    def _end(self, guard: Guard) -> None:
        """A test lets go of the card: delete what it added, and see that everything is as it was."""
        self._in_use = False
        if guard.added and not guard.has_stopped:
            with _uninterrupted():
                self._clean_up(guard)

    def _clean_up(self, guard: Guard) -> None:
        guard.reset()
        client = GlobalPlatformClient(guard)
        client.select()
        client.authenticate(self._keys)
        now = client.registry()
        # Applications before domains, domains before load files: what something else belongs to goes last.
        applications = [entry for entry in now.applications if not entry.is_domain]
        everything = (*applications, *reversed(now.domains), *reversed(now.load_files))
        problems = _delete(client, [entry.aid for entry in everything if entry.aid in guard.added])
        after = client.registry()
        self._transport.reset()
        if self._before is not None and (left := set(_aids(after)) ^ set(_aids(self._before))):
            raise CardError(
                f"the card is not as it was: {', '.join(aid.hex().upper() for aid in sorted(left))}{problems}",
                hint="look at its registry and delete what does not belong there",
            )


class EndsRun(Guard):
    """A guard after whose first failed authentication nothing more is run."""

    def __init__(self, lower: Transport, keys: StaticKeys, before: frozenset[bytes], runner: Runner) -> None:
        super().__init__(lower, keys, before)
        self._runner = runner

    def transmit(self, command: bytes) -> bytes:
        try:
            return super().transmit(command)
        except FailedAuthenticationError as error:
            self._runner.end(
                f"{error}; the run ends here, before the card blocks its keys", SecureChannelError.exit_code
            )


class RealRig(PlainRig):
    """The card in the hands of one test."""

    def __init__(self, guard: Guard, done: Callable[[Guard], None]) -> None:
        super().__init__(guard)
        self._guard = guard
        self._done: Callable[[Guard], None] | None = done

    def reset(self, media: Media | None = None) -> bytes:
        return super().reset(media)

    def close(self) -> None:
        """Clean up; the connection to the reader stays."""
        done, self._done = self._done, None
        if done is not None:
            try:
                done(self._guard)
            except (TransportError, HarnessError) as error:
                left = ", ".join(aid.hex().upper() for aid in sorted(self._guard.added))
                error.add_note(f"perhaps still on the card: {left}")
                raise


def _delete(client: GlobalPlatformClient, aids: list[bytes]) -> str:
    """Delete them, in as many rounds as it takes: what others still belong to has to wait. Says why some stay."""
    while True:
        refused: dict[bytes, CardError] = {}
        for aid in aids:
            try:
                client.delete(aid)
            except CardError as error:
                refused[aid] = error
        if len(refused) == len(aids):
            return "".join(f"; {error}" for error in refused.values())
        aids = list(refused)


def _aids(registry: Registry) -> Iterator[bytes]:
    return (entry.aid for entry in registry)


def _unconfirmed(reader: str, identity: CardIdentity, said: str) -> UsageError:
    what = f"--destructive names {said}" if said else "tests write to it, and nobody has said that they may"
    return UsageError(
        f"the card in {reader} is {identity} (its ATR and its serial number); {what}. Nothing was written",
        hint=f"if it is the card you mean: --destructive={identity}; --dry-run shows what would be sent",
    )


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Finish what is begun before Ctrl-C ends the run."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    held: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _: held.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    if held:
        raise KeyboardInterrupt
