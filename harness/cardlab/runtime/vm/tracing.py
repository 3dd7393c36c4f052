"""What a host asks of virtual machines and what they answer, written down for who wants to ask the same again.

Within ``tracing(recorder)`` each machine that is made in this thread, and each copy of one, is traced. A *chain* is all
that one machine was asked, in order; that of a copy goes on from a place in another one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any, Protocol, cast

OPAQUE = "what it gave can be compared with nothing"
PUT = "put"  # the one call of an inspector that changes something
_OF_CODE = frozenset({"kept", "unknownPlaces", "packageAid"})  # nothing that an applet does


@dataclass(frozen=True, slots=True)
class Fresh:
    """A new card."""

    properties: str
    java_card: str
    seed: bytes


@dataclass(frozen=True, slots=True)
class Copy:
    """A card like another one was, after so many steps of its chain."""

    of: Chain
    steps: int


@dataclass(frozen=True, slots=True)
class Step:
    """One call. ``heard``: what the card manager was told or asked meanwhile, and what it answered."""

    method: str
    arguments: tuple[Any, ...]
    outcome: Any
    heard: tuple[tuple[Any, ...], ...] = ()


@dataclass(frozen=True, slots=True)
class Look:
    """Calls of the machine's inspector one after the other, while nothing changes: outcomes by method and arguments.

    ``digest``: of all that can be asked (Java: cardlab.vm.Inspector.digest).
    """

    digest: bytes
    outcomes: dict[tuple[str, tuple[Any, ...]], Any] = field(default_factory=dict)


@dataclass(slots=True, eq=False)
class Chain:
    """All that one machine was asked."""

    origin: Fresh | Copy
    steps: list[Step | Look] = field(default_factory=list)


class Recorder(Protocol):
    """Whoever wants to know."""

    def asked(self, chain: Chain) -> None:
        """It has one step more, or was copied."""

    def opaque(self, why: str) -> None:
        """Something was asked that cannot be asked again."""


class Hearing(Protocol):
    """The card manager's side of a machine, which tells what it is asked."""

    log: list[tuple[Any, ...]] | None


_RECORDER: ContextVar[Recorder | None] = ContextVar("recorder", default=None)


@contextmanager
def tracing(recorder: Recorder) -> Iterator[None]:
    """Trace until the end of the block the machines that are made meanwhile in this thread."""
    token = _RECORDER.set(recorder)
    try:
        yield
    finally:
        _RECORDER.reset(token)


def traced(machine: Any, origin: Fresh, services: Hearing) -> Any:
    """The machine, or what stands in for it while somebody wants to know."""
    recorder = _RECORDER.get()
    return machine if recorder is None else TracedMachine(machine, Chain(origin), services, recorder)


class _Traced:
    """Passes all calls on to a Java object and writes them down."""

    def __init__(self, java: Any, chain: Chain, services: Hearing, recorder: Recorder) -> None:
        self._java, self._chain, self._services, self._recorder = java, chain, services, recorder

    def __getattr__(self, name: str) -> Callable[..., Any]:
        method = getattr(self._java, name)
        if name in _OF_CODE:
            return cast("Callable[..., Any]", method)

        def call(*arguments: Any) -> Any:
            return self._call(name, method, arguments)

        return call

    def _call(self, name: str, method: Callable[..., Any], arguments: tuple[Any, ...]) -> Any:
        import jpype

        heard: list[tuple[Any, ...]] = []
        before, self._services.log = self._services.log, heard
        try:
            result = method(*(one._java if isinstance(one, _Traced) else one for one in arguments))
        except jpype.JException as thrown:
            self._note(name, arguments, outcome_of_exception(thrown), heard)
            raise
        except BaseException:
            self._recorder.opaque(f"{name}() was ended by the host")
            raise
        finally:
            self._services.log = before
        self._note(name, arguments, plain(result), heard)
        return result

    def _note(self, name: str, arguments: tuple[Any, ...], outcome: Any, heard: list[tuple[Any, ...]]) -> None:
        given = tuple(plain(one) for one in arguments)
        if OPAQUE in (outcome, *given):
            self._recorder.opaque(f"{name}()")
            return
        self._add(name, given, outcome, tuple(heard))
        self._recorder.asked(self._chain)

    def _add(self, name: str, given: tuple[Any, ...], outcome: Any, heard: tuple[tuple[Any, ...], ...]) -> None:
        self._chain.steps.append(Step(name, given, outcome, heard))


class _TracedInspector(_Traced):
    """Stands in for a cardlab.vm.Inspector."""

    def _add(self, name: str, given: tuple[Any, ...], outcome: Any, heard: tuple[tuple[Any, ...], ...]) -> None:
        if name == PUT:
            super()._add(name, given, outcome, heard)
            return
        steps = self._chain.steps
        if not steps or not isinstance(steps[-1], Look):
            steps.append(Look(bytes(self._java.digest())))
        cast("Look", steps[-1]).outcomes[name, given] = outcome


class TracedMachine(_Traced):
    """Stands in for a cardlab.vm.Machine."""

    def __init__(self, java: Any, chain: Chain, services: Hearing, recorder: Recorder) -> None:
        super().__init__(java, chain, services, recorder)
        recorder.asked(chain)

    def copied(self, java: Any, services: Hearing) -> TracedMachine:
        """For a copy that was made of its machine just now."""
        self._recorder.asked(self._chain)
        return TracedMachine(java, Chain(Copy(self._chain, len(self._chain.steps))), services, self._recorder)

    def fork(self, services: Any) -> Any:
        """The copy, not traced."""
        return self._java.fork(services)

    def inspector(self) -> Any:
        """A look into its memories, traced as well."""
        return _TracedInspector(self._java.inspector(), self._chain, self._services, self._recorder)


def plain(value: Any) -> Any:
    """As Python has it; OPAQUE for objects and their methods."""
    import jpype

    if value is None or isinstance(value, bool | bytes | str):
        return value
    if isinstance(value, bytearray | memoryview):
        return bytes(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, jpype.JString):
        return str(value)
    if isinstance(value, list | tuple):
        return tuple(plain(one) for one in value)
    if isinstance(value, jpype.JArray):
        return _array(value)
    return OPAQUE


def _array(value: Any) -> Any:
    kind = str(value.getClass().getName())
    if kind == "[B":
        return bytes(value)
    if kind in ("[I", "[S", "[J", "[Z"):
        return tuple(int(one) for one in value)
    return tuple(map(str, value)) if kind == "[Ljava.lang.String;" else OPAQUE


def outcome_of_exception(thrown: Any) -> tuple[str, ...]:
    """Which it was, with what it says beside places in code."""
    name = str(thrown.getClass().getName())
    if name.endswith(".Refusal"):
        return "!", name, f"{int(thrown.statusWord()):04X}", str(thrown.getMessage())
    return ("!", name, str(thrown.what())) if name.endswith(".CardMute") else ("!", name)
