"""OpenSC's programs, led to a private PC/SC service, with settings of their own."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.waiting import PATIENCE

MODULES = ("x86_64-linux-gnu", "aarch64-linux-gnu", "")  # where Debian has opensc-pkcs11.so below /usr/lib
SETTINGS = "app default { card_drivers = jpki; framework pkcs15 { use_file_caching = no; } }\n"


@dataclass(frozen=True)
class OpenSc:
    """Runs the programs in a folder; ``reader`` is the one with the card."""

    folder: Path
    reader: str
    environment: dict[str, str]

    @classmethod
    def create(cls, folder: Path, reader: str, environment: dict[str, str]) -> OpenSc:
        """With the settings in the folder, which is also where it would keep caches."""
        settings = folder / "opensc.conf"
        settings.write_text(SETTINGS)
        return cls(folder, reader, {**os.environ, **environment, "OPENSC_CONF": str(settings), "HOME": str(folder)})

    def run(self, program: str, *arguments: str, code: int | None = 0) -> str:
        """Everything that a program says; ``code`` is the exit code it must have."""
        done = subprocess.run(
            [program, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            timeout=PATIENCE,
            check=False,
        )
        said = (done.stdout + done.stderr).decode(errors="replace")
        assert code is None or done.returncode == code, f"{program} {arguments}: {done.returncode}\n{said}"
        return said

    def pkcs15(self, *arguments: str, code: int = 0) -> str:
        """pkcs15-tool."""
        return self.run("pkcs15-tool", "--reader", self.reader, *arguments, code=code)

    def pkcs11(self, *arguments: str, code: int = 0) -> str:
        """pkcs11-tool with OpenSC's own module."""
        found = (Path("/usr/lib") / place / "opensc-pkcs11.so" for place in MODULES)
        module = next(path for path in found if path.exists())
        return self.run("pkcs11-tool", "--module", str(module), *arguments, code=code)

    def file(self, name: str, content: bytes = b"") -> Path:
        """A file in the folder, written when there is content."""
        path = self.folder / name
        if content:
            path.write_bytes(content)
        return path
