"""The card in a reader: what is left of its speed behind pcscd, and how long a signature takes with OpenSC."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from importlib.util import find_spec
from pathlib import Path

from cardlab.bench.measure import Rate, Sample, Turns, times
from cardlab.errors import HarnessError, MissingDependencyError
from cardlab.reader.daemon import PrivateDaemon, find_pcscd, find_vpcd
from cardlab.transport.pcsc import PcscTransport, list_readers
from jpki.bench.apdus import READ_TOKEN
from jpki.bench.subject import card_with_applet
from jpki.client.constants import Slot
from jpki.client.sample import SAMPLE_PINS
from jpki.client.user import JpkiClient

_IN_PROCESS, _READER, _BARE = "in process", "through the reader", "bare pyscard"
_SERVED = 60.0  # seconds within which the card has to be in its reader
_SLOT = Slot.AUTHENTICATION
_OPENSC = "app default { card_drivers = jpki; }\n"
_HASH = sha256(b"what is signed").digest()


@dataclass(frozen=True, slots=True)
class ReaderRates:
    """READ BINARY of 16 bytes a second, in this process and through pcscd to a card in another process; signatures.

    ``ratio`` is also the share of a round trip that card and applet take, ``client_share`` that of our transport.
    ``opensc`` is a run of pkcs15-crypt from start to end, PIN included; None without OpenSC.
    """

    in_process: Rate
    through_reader: Rate
    ratio: float
    client_share: float
    signature: Sample
    opensc: Sample | None


def missing() -> str:
    """What would have to be installed to measure this; empty when it is there."""
    needed = {"pcscd": find_pcscd(), "vsmartcard-vpcd": find_vpcd(), "pyscard": find_spec("smartcard")}
    return ", ".join(name for name, found in needed.items() if not found)


def in_reader(*, rounds: int, turn: float, warm_up: float, signatures: int) -> ReaderRates:
    """Measure with a private pcscd; raises MissingDependencyError when ``missing``."""
    if lacking := missing():
        raise MissingDependencyError(
            f"there is no {lacking}", hint="docs/guide/lab-engineer.md tells how to install it"
        )
    raw = READ_TOKEN.to_bytes()
    direct = card_with_applet()
    with PrivateDaemon() as daemon, daemon.here(), _served(daemon.ports[0]), _connected(daemon) as reader:
        user = JpkiClient(reader)
        user.select()
        if reader.transmit(raw) != direct.transmit(raw):
            raise HarnessError("the card in the reader gives another answer than the one in this process")
        # Two comparisons: a turn after one in this process is slower, while the other processes wake up.
        client = Turns(
            {_READER: lambda: reader.transmit(raw), _BARE: reader.bare(raw)}, rounds=rounds, turn=turn, warm_up=warm_up
        )
        both = Turns(
            {_IN_PROCESS: lambda: direct.transmit(raw), _READER: lambda: reader.transmit(raw)},
            rounds=rounds,
            turn=turn,
            warm_up=warm_up,
        )
        user.verify(_SLOT, SAMPLE_PINS[_SLOT])
        signature = times(lambda: user.sign_hash(_SLOT, _HASH), signatures)
        reader.close()
        opensc = _opensc_signatures(daemon, max(3, signatures // 10))
    return ReaderRates(
        in_process=both.rate(_IN_PROCESS),
        through_reader=client.rate(_READER),
        ratio=both.ratio(_READER, _IN_PROCESS),
        client_share=max(0.0, 1 - client.ratio(_READER, _BARE)),
        signature=signature,
        opensc=opensc,
    )


@contextmanager
def _served(port: int) -> Iterator[None]:
    """``jpki card serve`` as a process of its own."""
    command = [sys.executable, "-m", "jpki.cli", "card", "serve", "--quiet", "--seed", "0", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            yield
        finally:
            process.terminate()


@contextmanager
def _connected(daemon: PrivateDaemon) -> Iterator[PcscTransport]:
    end = time.monotonic() + _SERVED
    while not any(reader.name == daemon.readers[0] and reader.atr for reader in list_readers()):
        if time.monotonic() > end:
            raise HarnessError("the card did not come into its reader", hint="try `jpki card serve --pcscd`")
        time.sleep(0.05)
    with PcscTransport.open(daemon.readers[0], exclusive=True) as reader:
        yield reader


def _opensc_signatures(daemon: PrivateDaemon, runs: int) -> Sample | None:
    program = shutil.which("pkcs15-crypt")
    if program is None:
        return None
    with tempfile.TemporaryDirectory() as folder:
        settings, digest = Path(folder, "opensc.conf"), Path(folder, "hash")
        settings.write_text(_OPENSC, encoding="ascii")
        digest.write_bytes(_HASH)
        options = ("--sign", "--key", "01", "--pin", SAMPLE_PINS[_SLOT].decode(), "--sha-256", "--pkcs1")
        files = ("--input", str(digest), "--output", os.devnull)
        environment = {**os.environ, **daemon.environment, "OPENSC_CONF": str(settings)}

        def sign() -> None:
            command = [program, "--reader", daemon.readers[0], *options, *files]
            subprocess.run(command, env=environment, capture_output=True, check=True)

        sign()
        return times(sign, runs)
