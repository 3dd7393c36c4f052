"""The container of a CAP file: component names, tags, and an archive whose bytes depend on its content only."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Mapping
from enum import IntEnum

from cardlab.cap.errors import CapError


class Component(IntEnum):
    """Component tags (JCVM 3.0.4, table 6-1; 3.1 adds the last)."""

    HEADER = 1
    DIRECTORY = 2
    APPLET = 3
    IMPORT = 4
    CONSTANT_POOL = 5
    CLASS = 6
    METHOD = 7
    STATIC_FIELD = 8
    REFERENCE_LOCATION = 9
    EXPORT = 10
    DESCRIPTOR = 11
    DEBUG = 12
    STATIC_RESOURCE = 13

    @property
    def header_size(self) -> int:
        """Bytes of tag and size in front of the info: the size of static resources has four bytes (JCVM 3.1, 6.16)."""
        return 5 if self is Component.STATIC_RESOURCE else 3


FILE_NAMES = {
    Component.HEADER: "Header.cap",
    Component.DIRECTORY: "Directory.cap",
    Component.APPLET: "Applet.cap",
    Component.IMPORT: "Import.cap",
    Component.CONSTANT_POOL: "ConstantPool.cap",
    Component.CLASS: "Class.cap",
    Component.METHOD: "Method.cap",
    Component.STATIC_FIELD: "StaticField.cap",
    Component.REFERENCE_LOCATION: "RefLocation.cap",
    Component.EXPORT: "Export.cap",
    Component.DESCRIPTOR: "Descriptor.cap",
    Component.DEBUG: "Debug.cap",
    Component.STATIC_RESOURCE: "StaticResources.capx",
}
"""File names of the components (table 6-2)."""

LOAD_ORDER = (
    Component.HEADER,
    Component.DIRECTORY,
    Component.IMPORT,
    Component.APPLET,
    Component.CLASS,
    Component.METHOD,
    Component.STATIC_FIELD,
    Component.EXPORT,
    Component.CONSTANT_POOL,
    Component.REFERENCE_LOCATION,
    Component.STATIC_RESOURCE,
    Component.DESCRIPTOR,
)
"""The order in which a card takes the components (table 6-3)."""


def with_header(tag: Component, info: bytes) -> bytes:
    """A component: tag, size, info."""
    return bytes((tag,)) + len(info).to_bytes(tag.header_size - 1, "big") + info


def load_file(components: Mapping[Component, bytes]) -> bytes:
    """What a card is sent: the components in load order, without Descriptor and Debug, which are of no use to it."""
    return b"".join(components[c] for c in LOAD_ORDER if c is not Component.DESCRIPTOR and c in components)


_STEMS = frozenset(name.partition(".")[0] for name in FILE_NAMES.values())
_TIME = (1980, 1, 1, 0, 0, 0)
_MAX_FILE = 1 << 20


def pack(files: Mapping[str, bytes], *, compressed: bool = False) -> bytes:
    """A zip archive of the files in their order, without times: the same bytes for the same content.

    Uncompressed, as card tools want CAP files; ``compressed`` for jars, whose bytes then depend on zlib, too.
    """
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            entry = zipfile.ZipInfo(name, _TIME)
            entry.external_attr = 0o644 << 16
            entry.create_system = 3
            archive.writestr(entry, data, zipfile.ZIP_DEFLATED if compressed else zipfile.ZIP_STORED)
    return buffer.getvalue()


def unpack(raw: bytes, wanted: Callable[[str], bool] = lambda _: True) -> dict[str, bytes]:
    """The files of an archive whose names are wanted, directories left out.

    CapError for anything that is not a sound archive, and for a wanted file of more than 1 MB.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            infos = [i for i in archive.infolist() if not i.is_dir() and wanted(i.filename)]
            if any(i.file_size > _MAX_FILE for i in infos):
                raise CapError(f"a file in the archive is larger than {_MAX_FILE} bytes")
            return {i.filename: archive.read(i) for i in infos}
    except CapError:
        raise
    except Exception as e:  # zipfile raises more kinds of errors on damaged archives than it documents
        raise CapError(f"not a CAP file: the archive cannot be read ({type(e).__name__}: {e})") from e


def _names(raw: bytes) -> list[str]:
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return archive.namelist()
    except Exception as e:  # as in unpack
        raise CapError(f"not a CAP file: the archive cannot be read ({type(e).__name__}: {e})") from e


def is_component(name: str) -> bool:
    """Whether a file of an archive is a component, of whichever format, and not a file around them (4.1.2)."""
    folder, _, file = name.rpartition("/")
    return folder.rpartition("/")[2] == "javacard" and file.partition(".")[0] in _STEMS


def cap_in(raw: bytes, wanted: str = "") -> bytes:
    """The CAP file itself, or the one CAP file in a jar, where builds put it beside class and export files.

    Of several the one that is `wanted`, by its path in the jar or the end of it. Bytes that are no archive are given
    back as they are. CapError when there are several to choose from, or none of that name; it names those there are.
    """
    if not zipfile.is_zipfile(io.BytesIO(raw)):
        if wanted:
            raise CapError(f"there is no {wanted} in it: it is no archive", hint="name the file alone")
        return raw
    names = _names(raw)
    inner = [name for name in names if name.lower().endswith(".cap") and not is_component(name)]
    if not wanted and (any(map(is_component, names)) or not inner):
        return raw
    listed = ", ".join(inner) or "none"
    if wanted:
        inner = [name for name in inner if f"/{name}".endswith(f"/{wanted}")]
        if not inner:
            raise CapError(f"the archive has no CAP file {wanted}", hint=f"its CAP files: {listed}")
    if len(inner) > 1:
        what = f"{wanted} stands for several" if wanted else "the archive holds several CAP files"
        raise CapError(f"{what}: {', '.join(inner)}", hint=f"name one behind the archive: x.jar!{inner[0]}")
    return unpack(raw, lambda name: name == inner[0])[inner[0]]
