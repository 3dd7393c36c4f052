"""Writes scripts/requirements.lock: every package `build.py` installs, with its version and the SHA-256 of its files;
and scripts/pcsc.lock: pyscard, which `build.py` adds for tests, hunts and benchmarks where it can be had.

Run by hand when a dependency in pyproject.toml changes; it is the only step that needs `uv` and an open package index:

    pip install uv
    python scripts/lock.py              # keep what is locked, add or drop what pyproject.toml asks for
    python scripts/lock.py --upgrade    # newest versions of everything
    python scripts/lock.py --check      # is there a wheel for every platform below?

One lock serves Linux, macOS and Windows and CPython 3.11 to 3.14: differences are environment markers.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LOCK = ROOT / "scripts" / "requirements.lock"
PCSC_LOCK = ROOT / "scripts" / "pcsc.lock"

# yubikey-manager is used as a library (yubikit's SCP03 and OATH, and fido2 that it brings), and so is mutmut (its
# operators). These serve their command lines or real readers only, and pyscard would need a native build; `pip install
# --no-deps` makes leaving them out safe, a test imports what is used.
NOT_NEEDED = (
    "pyscard", "keyring", "jaraco-classes", "jaraco-context", "jaraco-functools", "jeepney", "secretstorage",
    "more-itertools", "backports-tarfile", "importlib-metadata", "zipp", "pywin32", "pywin32-ctypes",
    "linkify-it-py", "markdown-it-py", "mdit-py-plugins", "mdurl", "rich", "setproctitle", "textual", "toml",
    "uc-micro-py",
)  # fmt: skip

# The last release with wheels for Macs with Intel processors.
CONSTRAINTS = ("cryptography<49; sys_platform == 'darwin' and platform_machine == 'x86_64'",)

PLATFORMS = (
    "x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu", "x86_64-apple-darwin", "aarch64-apple-darwin",
    "x86_64-pc-windows-msvc",
)  # fmt: skip
PYTHONS = ("3.11", "3.12", "3.13", "3.14")


def resolve_command(uv: str, extra: list[str]) -> list[str]:
    """The resolver's command line; constraints are read from standard input."""
    left_out = [argument for name in NOT_NEEDED for argument in ("--no-emit-package", name)]
    return [
        uv, "pip", "compile", "pyproject.toml", "--extra", "dev", "--universal", "--python-version", "3.11",
        "--constraint", "-", "--generate-hashes", "--no-header", "--no-annotate", "--output-file", str(LOCK),
        *left_out, *extra,
    ]  # fmt: skip


def pcsc_command(uv: str, extra: list[str]) -> list[str]:
    """The same for what the extra `pcsc` asks for, which is read from standard input; its source is locked, too."""
    return [
        uv, "pip", "compile", "-", "--universal", "--python-version", "3.11", "--no-deps",
        "--generate-hashes", "--no-header", "--no-annotate", "--output-file", str(PCSC_LOCK), *extra,
    ]  # fmt: skip


def check_command(uv: str, platform: str, python: str, target: str) -> list[str]:
    """A dry run of the installation on another platform: fails when a locked package has no wheel for it."""
    return [
        uv, "pip", "install", "--dry-run", "--quiet", "--require-hashes", "--no-deps", "--only-binary", ":all:",
        "--python-platform", platform, "--python-version", python, "--target", target, "--requirement", str(LOCK),
    ]  # fmt: skip


def check(uv: str) -> int:
    """Asks the index for every platform and Python version; returns how many cannot be served."""
    failures = 0
    with tempfile.TemporaryDirectory() as empty:
        for platform in PLATFORMS:
            for python in PYTHONS:
                found = subprocess.run(check_command(uv, platform, python, empty), check=False).returncode == 0
                print(f"{platform:28} {python}  {'wheels for all' if found else 'MISSING'}")
                failures += not found
    return failures


def main(arguments: list[str]) -> int:
    """Writes or checks the lock file; returns the exit code."""
    uv = shutil.which("uv")
    if uv is None:
        print("scripts/lock.py: `uv` is not on PATH; get it with `pip install uv`", file=sys.stderr)
        return 3
    if arguments == ["--check"]:
        return 1 if check(uv) else 0
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {
        tuple(resolve_command(uv, arguments)): CONSTRAINTS,
        tuple(pcsc_command(uv, arguments)): project["optional-dependencies"]["pcsc"],
    }
    return max(
        subprocess.run(command, cwd=ROOT, stdout=subprocess.DEVNULL, input="\n".join(lines), text=True).returncode
        for command, lines in asked.items()
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
