"""Jars from Maven Central by coordinate, each with the SHA-256 that ``jars.lock.json`` gives it.

jCardSim carries all it needs at run time (Bouncy Castle and Kryo are inside its jar; its asm dependencies serve its own
build only), so every locked jar stands alone and nothing is resolved transitively.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from cardlab.errors import HarnessError, IntegrityError, MissingDependencyError
from cardlab.toolchain import places

_OF_THE_DISK = frozenset((errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.ENOTDIR))
LOCK = Path(__file__).resolve().with_name("jars.lock.json")


@dataclass(frozen=True, slots=True)
class LockedJar:
    """A jar: ``group:artifact:version`` or ``group:artifact:version:classifier``, and its SHA-256 in hex."""

    coordinate: str
    sha256: str

    @property
    def relative_path(self) -> Path:
        """Where a Maven repository keeps it."""
        group, artifact, version, *classifier = self.coordinate.split(":")
        name = "-".join([artifact, version, *classifier]) + ".jar"
        return Path(*group.split("."), artifact, version, name)


def read_lock(lock: Path = LOCK) -> dict[str, LockedJar]:
    """The locked jars by their short names. Raises IntegrityError when the lock file is not one."""
    try:
        content = json.loads(lock.read_text(encoding="utf-8"))
        return {name: LockedJar(one["coordinate"], one["sha256"]) for name, one in content.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise IntegrityError(f"{lock} cannot be read as a lock file: {error!r}", hint="restore it from git") from error


def repository(environ: Mapping[str, str] | None = None) -> Path:
    """The local Maven repository that jars are kept in: M2_REPO, else ``~/.m2/repository`` (shared with Maven)."""
    environ = os.environ if environ is None else environ
    named = environ.get("M2_REPO")
    return Path(named) if named else Path.home() / ".m2" / "repository"


def jar(name: str, *, lock: Path = LOCK, environ: Mapping[str, str] | None = None) -> Path:
    """The path of a locked jar (``jcardsim``, ``ecj``, ``jacoco-agent``, ``jacoco-cli``), fetched when it is not there.

    Its SHA-256 is checked on every call (a few milliseconds). Raises IntegrityError when it differs and
    MissingDependencyError when the jar can be neither found nor fetched.
    """
    locked = read_lock(lock).get(name)
    if locked is None:
        raise HarnessError(f"no jar named {name!r} in {lock}", hint="add it with scripts/lock_jars.py")
    path = repository(environ) / locked.relative_path
    if not path.is_file():
        _fetch(locked, path)
    _verify(locked, path)
    return path


def download(coordinate: str, folder: Path) -> Path:
    """Downloads one jar below ``folder`` with jgo and returns its path; mirrors set in jgo's own settings are used."""
    from jgo.config import GlobalSettings
    from jgo.constants import MAVEN_CENTRAL_URL
    from jgo.maven import MavenContext

    group, artifact, version, *classifier = coordinate.split(":")
    remotes = {"central": MAVEN_CENTRAL_URL} | GlobalSettings.load().repositories
    context = MavenContext(repo_cache=folder, remote_repos=remotes)
    found = context.project(group, artifact).at_version(version).artifact(classifier[0] if classifier else "")
    return Path(found.resolve())


def sha256(path: Path) -> str:
    """The SHA-256 of a file in hex."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def _fetch(locked: LockedJar, path: Path) -> None:
    """Puts a jar at ``path`` whole and verified or not at all, however many processes try at the same time."""
    places.make_folder(path.parent)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            fetched = download(locked.coordinate, Path(folder))
            _verify(locked, fetched)
            fetched.replace(path)
    except HarnessError:
        raise
    except Exception as error:  # jgo lets through whatever the network raises
        if isinstance(error, OSError) and error.errno in _OF_THE_DISK:
            raise places.not_writable(error, path.parent) from error
        raise MissingDependencyError(
            f"the jar {locked.coordinate} is not cached and could not be fetched: {_reason(error)}",
            hint="connect to the network (HTTPS_PROXY is honoured; a mirror goes as `central = URL` under"
            f" [repositories] in ~/.config/jgo.conf), or put the jar at {path}",
        ) from error


def _verify(locked: LockedJar, path: Path) -> None:
    actual = sha256(path)
    if actual != locked.sha256:
        raise IntegrityError(
            f"{locked.coordinate} is not the jar that was locked: SHA-256 expected {locked.sha256}, actual {actual}",
            hint=f"delete {path} to fetch it again; if it stays so, the source of the jar cannot be trusted",
        )


def _reason(error: Exception) -> str:
    """Why a download failed, short: what the network library says is a paragraph that begins after the class name."""
    if isinstance(error, OSError):  # requests' exceptions are OSErrors
        return f"no connection ({type(error).__name__})"
    return f"{error}".splitlines()[0][:200]
