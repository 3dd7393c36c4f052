"""A PC/SC service of one's own: pcscd with a private socket and virtual readers, beside any that the system runs.

pcscd's socket has a fixed path, but pcscd also takes over a socket that systemd opened for it (sd_listen_fds(3)), and
that can be anywhere. Clients find it by PCSCLITE_CSOCK_NAME, which libpcsclite reads once in a process: so all private
services that one process talks to must have the same folder, one after the other.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from cardlab.errors import MissingDependencyError, TransportError

SOCKET_VARIABLE = "PCSCLITE_CSOCK_NAME"
_READER = "Virtual PCD"
_SLOTS_OF_A_DRIVER = 2  # vpcd's: ports n and n + 1
_PORTS = range(20000, 32000, _SLOTS_OF_A_DRIVER)
_STARTED = 60.0  # seconds within which pcscd has to be up
_ENDED = 5.0
_LIBRARIES = ("/usr/lib/pcsc/drivers/serial/libifdvpcd.so", "/usr/local/lib/pcsc/drivers/serial/libifdvpcd.so")
# The socket arrives as standard input, becomes descriptor 3, and LISTEN_PID is the process that pcscd will be.
_HAND_OVER = 'LISTEN_PID=$$ LISTEN_FDS=1 exec "$@" 3<&0 </dev/null'


def find_pcscd() -> Path | None:
    """pcscd, which on many systems is not on the PATH of ordinary users."""
    found = shutil.which("pcscd", path=os.pathsep.join((os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin")))
    return Path(found) if found else None


def find_vpcd() -> Path | None:
    """The driver of vsmartcard's virtual reader, for pcscd."""
    return next((path for path in map(Path, _LIBRARIES) if path.exists()), None)


class PrivateDaemon:
    """pcscd with ``slots`` virtual readers, between ``start`` and ``stop`` (or in a ``with``).

    ``environment`` leads clients to it; ``here`` does that for this process. ``ports[n]`` is where the card of
    ``readers[n]`` connects to. Raises MissingDependencyError without pcscd or vpcd, TransportError
    when pcscd ends at once.
    """

    def __init__(self, slots: int = 2, *, folder: Path | None = None) -> None:
        self._slots = slots
        self._own = folder is None
        self._folder = folder or Path(tempfile.mkdtemp(prefix="pcscd-"))
        self._process: subprocess.Popen[bytes] | None = None
        self.ports: tuple[int, ...] = ()
        self.readers: tuple[str, ...] = ()

    @property
    def socket_path(self) -> Path:
        """Where clients reach it."""
        return self._folder / "pcscd.comm"

    @property
    def environment(self) -> dict[str, str]:
        """The variables with which a client program is started."""
        return {SOCKET_VARIABLE: str(self.socket_path)}

    @property
    def log(self) -> str:
        """What pcscd said."""
        path = self._folder / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def start(self) -> Self:
        """Start it; after ``stop`` once more, with the same socket and ports."""
        pcscd, vpcd = find_pcscd(), find_vpcd()
        if pcscd is None or vpcd is None:
            missing = "pcscd" if pcscd is None else "vpcd, the driver of virtual readers,"
            raise MissingDependencyError(
                f"{missing} is not installed", hint="on Debian or Ubuntu: apt-get install pcscd vsmartcard-vpcd"
            )
        settings = self._configure(vpcd)
        self.socket_path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as listening, (self._folder / "log").open("ab") as log:
            listening.bind(str(self.socket_path))
            listening.listen(16)
            command = ["/bin/sh", "-c", _HAND_OVER, "sh", *_ends_with_us(), str(pcscd)]
            command += ["--foreground", "--config", str(settings)]
            self._process = subprocess.Popen(
                command,
                stdin=listening.fileno(),
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,  # Ctrl-C is for the program that uses it
            )
        self._wait_for_readers()
        return self

    def stop(self) -> None:
        """End it; a client then finds nobody. Safe to call twice."""
        process, self._process = self._process, None
        if process is not None:
            process.terminate()
            try:
                process.wait(_ENDED)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.socket_path.unlink(missing_ok=True)

    def watch(self, ended: Callable[[], object]) -> None:
        """Have ``ended`` called, in another thread, when pcscd has ended, by itself or by ``stop``."""
        if (process := self._process) is not None:
            threading.Thread(target=lambda: (process.wait(), ended()), name="watches pcscd", daemon=True).start()

    def require_running(self) -> None:
        """Raises TransportError, with pcscd's last words, when it has ended by itself."""
        code = None if self._process is None else self._process.poll()
        if code is not None:
            how = f"killed by signal {-code}" if code < 0 else f"exit code {code}"
            said = self.log.strip().splitlines()[-1:] or ["nothing"]
            raise TransportError(f"pcscd has ended ({how}); it said: {said[0]}", hint="start the command again")

    def close(self) -> None:
        """``stop``, and remove its folder if it made that."""
        self.stop()
        if self._own:
            shutil.rmtree(self._folder, ignore_errors=True)

    @contextmanager
    def here(self) -> Iterator[None]:
        """Lead this process to it; see the module for what holds of a process that does so twice."""
        before = os.environ.get(SOCKET_VARIABLE)
        os.environ[SOCKET_VARIABLE] = str(self.socket_path)
        try:
            yield
        finally:
            if before is None:
                del os.environ[SOCKET_VARIABLE]
            else:
                os.environ[SOCKET_VARIABLE] = before

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()

    def _configure(self, vpcd: Path) -> Path:
        """A driver for every two slots; pcscd adds reader and slot to the name.

        vpcd keeps its slots in global variables, so each driver is a copy, which the system loads as another library.
        """
        if not self.ports:
            self.ports = _free_ports(self._slots)
        settings = self._folder / "readers"
        settings.mkdir(exist_ok=True)
        lines = []
        for number, port in enumerate(self.ports[::_SLOTS_OF_A_DRIVER]):
            driver = shutil.copy(vpcd, self._folder / f"vpcd{number}.so")
            lines.append(
                f'FRIENDLYNAME "{_READER} {number}"\nDEVICENAME /dev/null:0x{port:04X}\n'
                f"LIBPATH {driver}\nCHANNELID 0x{port:04X}\n"
            )
        (settings / "vpcd").write_text("\n".join(lines), encoding="utf-8")
        self.readers = tuple(
            f"{_READER} {slot // _SLOTS_OF_A_DRIVER} 00 {slot % _SLOTS_OF_A_DRIVER:02X}" for slot in range(self._slots)
        )
        return settings

    def _wait_for_readers(self) -> None:
        """Until vpcd listens: pcscd has read its configuration by then, and serves clients."""
        end = time.monotonic() + _STARTED
        process = self._process
        for port in self.ports[::_SLOTS_OF_A_DRIVER]:
            while process is not None and not _is_taken(port):
                if process.poll() is not None or time.monotonic() > end:
                    self.stop()
                    raise TransportError(f"pcscd did not start: {self.log.strip() or 'it said nothing'}")
                time.sleep(0.01)


def _ends_with_us() -> list[str]:
    """What lets a program end when the one that started it was killed, where there is such a thing (util-linux)."""
    program = shutil.which("setpriv")
    return [program, "--pdeathsig", "TERM"] if program else []


def _is_taken(port: int) -> bool:
    """Does somebody listen? Asked by trying to bind, as a connection would be taken for a card."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # connections that ended do not count
        try:
            probe.bind(("", port))
        except OSError:
            return True
        return False


def _free_ports(slots: int) -> tuple[int, ...]:
    """Ports for the slots, each driver's next to each other, where systems do not look for ports by themselves."""
    found: list[int] = []
    while len(found) < slots:
        port = secrets.choice(_PORTS)
        if port not in found and not _is_taken(port) and not _is_taken(port + 1):
            found += [port, port + 1]
    return tuple(found[:slots])
