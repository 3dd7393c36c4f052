"""Writes scripts/requirements.lock: every package `build.py` installs, with its version and the SHA-256 of its files.

Run by hand when a dependency in pyproject.toml changes; it is the only step that needs `uv` and an open package index:

    pip install uv
    python scripts/lock.py              # keep what is locked, add or drop what pyproject.toml asks for
    python scripts/lock.py --upgrade    # newest versions of everything

One lock serves Linux, macOS and Windows and CPython 3.11 to 3.14: differences are environment markers.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "scripts" / "requirements.lock"

# yubikey-manager is used as a library (yubikit's SCP03). These serve its command line or real readers only, and
# pyscard would need a native build; `pip install --no-deps` makes leaving them out safe, a test imports what is used.
NOT_NEEDED = (
    "pyscard", "keyring", "jaraco-classes", "jaraco-context", "jaraco-functools", "jeepney", "secretstorage",
    "more-itertools", "backports-tarfile", "importlib-metadata", "zipp", "pywin32", "pywin32-ctypes", "fido2",
)  # fmt: skip


def command(uv: str, extra: list[str]) -> list[str]:
    """The resolver's command line."""
    left_out = [argument for name in NOT_NEEDED for argument in ("--no-emit-package", name)]
    return [
        uv, "pip", "compile", "pyproject.toml", "--extra", "dev", "--universal", "--python-version", "3.11",
        "--generate-hashes", "--no-header", "--no-annotate", "--output-file", str(LOCK), *left_out, *extra,
    ]  # fmt: skip


def main(arguments: list[str]) -> int:
    """Writes the lock file; returns the resolver's exit code."""
    uv = shutil.which("uv")
    if uv is None:
        print("scripts/lock.py: `uv` is not on PATH; get it with `pip install uv`", file=sys.stderr)
        return 3
    return subprocess.run(command(uv, arguments), cwd=ROOT, stdout=subprocess.DEVNULL, check=False).returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
