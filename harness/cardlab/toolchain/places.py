"""Where things are: the checkout, and the folders for what is built and what is remembered."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

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


def build_folder() -> Path:
    """Where class files go: ``build/`` of the checkout, else below the user's cache folder. It need not exist."""
    root = checkout()
    return root / "build" if root else cache_folder() / "build"
