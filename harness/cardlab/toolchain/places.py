"""Where things are: the checkout, and the folders for what is built and what is remembered."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from cardlab.errors import UsageError

PACKAGE = Path(__file__).resolve().parent.parent


def checkout() -> Path | None:
    """The repository this package is used from, or None when it was installed without one."""
    root = PACKAGE.parent.parent
    return root if (root / "build.py").is_file() and (root / "applet").is_dir() else None


def cache_folder(environ: Mapping[str, str] | None = None, platform: str = sys.platform) -> Path:
    """The user's cache folder for this project; it need not exist. XDG_CACHE_HOME decides where it is set."""
    environ = os.environ if environ is None else environ
    if named := environ.get("XDG_CACHE_HOME"):
        return Path(named) / "cardlab"
    if platform == "win32" and (local := environ.get("LOCALAPPDATA")):
        return Path(local) / "cardlab" / "cache"
    if platform == "darwin":
        return Path.home() / "Library" / "Caches" / "cardlab"
    return Path.home() / ".cache" / "cardlab"


def make_folder(folder: Path) -> Path:
    """The folder, made when it is not there; raises UsageError that says how to name another."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise not_writable(error, folder) from error
    return folder


def not_writable(error: OSError, place: Path) -> UsageError:
    """What is built or fetched cannot be kept where it should be."""
    return UsageError(
        f"{error.filename or place} cannot be written: {error.strerror}",
        hint="give HOME a folder that can be; XDG_CACHE_HOME names another for what is built, M2_REPO for jars",
    )


def build_folder() -> Path:
    """Where class files go: ``build/`` of the checkout, else below the user's cache folder. It need not exist."""
    root = checkout()
    return root / "build" if root else cache_folder() / "build"
