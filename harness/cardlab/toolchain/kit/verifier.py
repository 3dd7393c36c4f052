"""The kit's off-card verifier. Some releases end with exit code 0 whatever they found, so what it says decides."""

from __future__ import annotations

import re
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from cardlab.errors import BuildError
from cardlab.toolchain.java import Java, find_java
from cardlab.toolchain.kit.development_kit import Kit

_MAIN = "com.sun.javacard.offcardverifier.Verifier"
# Without a setting of their own the older tools also log to a file in the user's home folder.
_LOGGING = "handlers = java.util.logging.ConsoleHandler\n.level = INFO\n"
_LONGEST = 300.0  # seconds; the applet takes two
_VERDICT = re.compile(r"Verification completed with (\d+) warnings? and (\d+) errors?\.")
_ERROR = re.compile(r"^(?:SEVERE: |\[ SEVERE \] )?Error: (.*)")


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier found; ``errors`` and ``warnings`` are its numbers, ``complaints`` its errors in words."""

    errors: int
    warnings: int
    complaints: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the CAP file is sound; warnings do not count."""
        return self.errors == 0

    def __str__(self) -> str:
        return f"{self.errors} errors, {self.warnings} warnings"


def read_verdict(said: str) -> Verdict:
    """The verdict in a verifier's output. Raises BuildError when it came to none."""
    numbers = _VERDICT.search(said)
    if numbers is None:
        last = "; ".join(said.strip().splitlines()[-3:]) or "nothing"
        raise BuildError(f"the kit's verifier came to no verdict; it said: {last}", hint="is the kit complete?")
    return Verdict(int(numbers[2]), int(numbers[1]), tuple(dict.fromkeys(_complaints(said.splitlines()))))


def _complaints(lines: Sequence[str]) -> Iterator[str]:
    """The errors, each on one line; the verifier uses several, up to its verdict, and some releases say all twice."""
    open_error: list[str] = []
    for line in lines:
        begins = _ERROR.match(line)
        if open_error and (begins or _VERDICT.search(line)):
            yield " ".join(open_error)
            open_error = []
        if begins:
            open_error = [begins[1].strip()]
        elif open_error:
            open_error.append(line.strip())
    if open_error:
        yield " ".join(open_error)


def verify(
    kit: Kit, cap: Path, imports: Sequence[Path] = (), *, platform: str | None = None, java: Java | None = None
) -> Verdict:
    """Verify a CAP file against the API of ``platform`` (else that of `Kit.platform`) and the files in ``imports``."""
    platform = kit.platform(platform)
    with tempfile.TemporaryDirectory() as folder:
        logging = Path(folder) / "logging.properties"
        logging.write_text(_LOGGING, encoding="ascii")
        command = [
            str((java or find_java()).executable), "-Duser.language=en", f"-Djava.util.logging.config.file={logging}",
            "-cp", str(kit.tools), _MAIN, "-nobanner", *(("-target", platform) if kit.asks_for_target else ()),
            *(str(one) for one in (*kit.export_files, *imports)), str(cap),
        ]  # fmt: skip
        try:
            result = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=_LONGEST, check=False
            )
        except subprocess.TimeoutExpired as error:
            raise BuildError(
                f"the kit's verifier took more than {_LONGEST:.0f} s over {cap}", hint="is the file a CAP file?"
            ) from error
    return read_verdict(result.stdout + result.stderr)
