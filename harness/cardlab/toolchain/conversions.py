"""Conversions of class files, remembered: within a process, and between processes in the build folder.

What is remembered is found by a hash of all that decides the result: the class files, what is asked of the converter,
and the converter itself. A damaged file is as good as none.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

from cardlab.cap.container import FILE_NAMES, Component, pack, unpack
from cardlab.cap.errors import ConversionError
from cardlab.cap.platform import api, cap_format
from cardlab.classfile.errors import FileFormatError
from cardlab.errors import BuildError
from cardlab.toolchain import places
from cardlab.toolchain.workbench import workbench

if TYPE_CHECKING:  # the converter takes long to import, and mostly all is converted already
    from cardlab.cap.convert import Conversion
    from cardlab.cap.exportfile import ExportFile

_KEPT_FILES = 200  # conversions in the build folder; the oldest go first
_DEBUG = "debug"  # beside the files of a CAP file in what is remembered
_TAGS = {name: tag for tag, name in FILE_NAMES.items()}


class SubsetError(BuildError):
    """Class files cannot become a CAP file. The message holds every problem as ``class.method line n: what``."""


@dataclass(frozen=True, slots=True)
class Request:
    """What is converted: class files by binary name, the package's AID and version, module AIDs and applet classes.

    ``platform`` are the versions of Java Card and of the GlobalPlatform Card API; ``imported`` are other packages;
    ``ints`` says that the package may use int, for cards that have it.
    """

    classes: tuple[tuple[str, bytes], ...]
    aid: bytes
    version: tuple[int, int]
    applets: tuple[tuple[bytes, str], ...]
    platform: tuple[str, str]
    imported: tuple[ExportFile, ...] = ()
    ints: bool = False


@dataclass(frozen=True, slots=True)
class Converted:
    """The components of a CAP file with tag and size, and all its files in order.

    ``debug`` is the Debug component, with names and lines, which is not among them.
    """

    components: Mapping[Component, bytes]
    files: Mapping[str, bytes]
    debug: bytes


@lru_cache(maxsize=256)
def convert(request: Request) -> Conversion:
    """Convert now; raises SubsetError."""
    from cardlab.cap.convert import convert as convert_now

    codes = [code for _, code in request.classes]
    exports = api(*request.platform).plus(request.imported)
    try:
        wanted = cap_format(request.platform[0])
        return convert_now(codes, request.aid, request.version, request.applets, exports, wanted, ints=request.ints)
    except ConversionError as error:
        raise SubsetError(
            str(error), hint="applets may use the Java Card subset of Java only: mend the above"
        ) from error
    except FileFormatError as error:
        raise SubsetError(str(error), hint="compile the sources anew, for Java 1.6 (class file version 50)") from error


@lru_cache(maxsize=256)
def converted(request: Request) -> Converted:
    """What it converts to, from the build folder when it was converted before; raises SubsetError."""
    if request.imported or workbench() is not None:  # what is imported is not remembered, mutants need not be
        return _converted(_remembered(request))
    file = places.build_folder() / "conversions" / f"{_identity(request)}.cap"
    known = _read(file)
    if known is not None:
        return _converted(known)
    files = _remembered(request)
    with suppress(OSError):  # a read-only folder costs time, nothing else
        _write(file, files)
    return _converted(files)


def _remembered(request: Request) -> dict[str, bytes]:
    """The files of the CAP file, and the Debug component behind them."""
    made = convert(request)
    return {**made.files, _DEBUG: made.debug}


def _converted(remembered: Mapping[str, bytes]) -> Converted:
    files = {path: data for path, data in remembered.items() if path != _DEBUG}
    found = {_TAGS[name]: data for path, data in files.items() if (name := path.rpartition("/")[2]) in _TAGS}
    return Converted(found, files, remembered[_DEBUG])


def _identity(request: Request) -> str:
    digest = sha256(_converter().encode())
    digest.update(repr((request.aid, request.version, request.applets, request.platform, request.ints)).encode())
    for name, code in request.classes:
        digest.update(f"{name}\0{len(code)}\0".encode())
        digest.update(code)
    return digest.hexdigest()


@lru_cache(maxsize=1)
def _converter() -> str:
    """A hash of the converter with its token tables."""
    digest = sha256()
    root = places.PACKAGE
    for file in sorted(
        path for one in ("cap", "classfile") for path in (root / one).rglob("*") if path.suffix in (".py", ".json")
    ):
        digest.update(f"{file.relative_to(root).as_posix()}\0".encode())
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _read(file: Path) -> dict[str, bytes] | None:
    try:
        raw = file.read_bytes()
        return unpack(raw[32:]) if sha256(raw[32:]).digest() == raw[:32] else None
    except (OSError, FileFormatError):
        return None


def _write(file: Path, files: Mapping[str, bytes]) -> None:
    """Whole or not at all, however many processes do the same."""
    file.parent.mkdir(parents=True, exist_ok=True)
    known = sorted(file.parent.glob("*.cap"), key=os.path.getmtime)
    for old in known[: max(0, len(known) - _KEPT_FILES)]:
        old.unlink(missing_ok=True)
    raw = pack(files)
    with NamedTemporaryFile(dir=file.parent, delete=False) as stream:
        stream.write(sha256(raw).digest() + raw)
    Path(stream.name).replace(file)
