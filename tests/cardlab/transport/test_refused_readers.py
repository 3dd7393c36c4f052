"""Readers and their service that are not there, or not any more: what is wrong is told, and what to do."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cardlab.errors import HarnessError, MissingDependencyError, TransportError
from cardlab.reader import daemon
from cardlab.reader.daemon import PrivateDaemon
from cardlab.transport import pcsc
from cardlab.transport.pcsc import NoCardError, NoReaderError, list_readers


def test_without_pyscard(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "smartcard", None)
    with pytest.raises(MissingDependencyError, match=r"^readers need the Python package pyscard: ") as refused:
        list_readers()
    assert refused.value.hint


def scard(result: int) -> SimpleNamespace:
    """PC/SC functions, of which each tells this when the readers are listed; numbers as in pcsclite.h."""
    names = (
        "SCARD_E_NO_SERVICE", "SCARD_E_SERVICE_STOPPED", "SCARD_E_INVALID_HANDLE", "SCARD_E_UNKNOWN_READER",
        "SCARD_E_READER_UNAVAILABLE", "SCARD_E_NO_SMARTCARD", "SCARD_W_REMOVED_CARD", "SCARD_W_UNRESPONSIVE_CARD",
        "SCARD_W_UNPOWERED_CARD", "SCARD_E_NO_READERS_AVAILABLE",
    )  # fmt: skip
    functions: dict[str, Callable[..., object]] = {
        "SCardEstablishContext": lambda scope: (0, "context"),
        "SCardListReaders": lambda context, groups: (result, []),
        "SCardReleaseContext": lambda context: 0,
    }
    numbers = {name: number for number, name in enumerate(names, 1)}
    return SimpleNamespace(SCARD_S_SUCCESS=0, SCARD_SCOPE_USER=0, **numbers, **functions)


@pytest.mark.parametrize(
    ("result", "kind", "said"),
    [
        (4, NoReaderError, "the reader is not there any more"),
        (5, NoReaderError, "the reader is not there any more"),
        (8, NoCardError, "the card does not answer to reset"),
        (9, NoCardError, "the card does not answer to reset"),
    ],
)
def test_what_a_service_answers(
    result: int, kind: type[HarnessError], said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pcsc, "scard", lambda: scard(result))
    with pytest.raises(kind, match=rf"^{said}") as refused:
        list_readers()
    assert refused.value.hint


@pytest.mark.parametrize(
    ("missing", "said"),
    [("find_pcscd", "pcscd is not installed"), ("find_vpcd", "vpcd, the driver of virtual readers, is not installed")],
)
def test_a_service_that_is_not_installed(missing: str, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("find_pcscd", "find_vpcd"):
        monkeypatch.setattr(daemon, name, lambda: Path(__file__))
    monkeypatch.setattr(daemon, missing, lambda: None)
    with pytest.raises(MissingDependencyError, match=rf"^{said}") as refused, PrivateDaemon():
        pass
    assert refused.value.hint == "on Debian or Ubuntu: apt-get install pcscd vsmartcard-vpcd"


def test_a_service_that_ends_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its last words are told."""
    program = tmp_path / "pcscd"
    program.write_text("#!/bin/sh\necho there is no room\nexit 1\n", encoding="ascii")
    program.chmod(0o700)
    monkeypatch.setattr(daemon, "find_pcscd", lambda: program)
    monkeypatch.setattr(daemon, "find_vpcd", lambda: Path(__file__))
    service = PrivateDaemon(folder=tmp_path)
    with pytest.raises(TransportError, match=r"^pcscd did not start: there is no room$"):
        service.start()
    assert not service.socket_path.exists()


@pytest.mark.parametrize(("code", "how"), [(-9, "killed by signal 9"), (1, "exit code 1")])
def test_a_service_that_has_ended(code: int, how: str, tmp_path: Path) -> None:
    service: Any = PrivateDaemon(folder=tmp_path)
    service.require_running()
    service._process = SimpleNamespace(poll=lambda: code)
    (tmp_path / "log").write_text("first words\nlast words\n", encoding="utf-8")
    with pytest.raises(TransportError, match=rf"^pcscd has ended .{how}.; it said: last words") as told:
        service.require_running()
    assert told.value.hint == "start the command again"
