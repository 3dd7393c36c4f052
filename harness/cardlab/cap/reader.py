"""Reading and writing CAP files, and load files (the components in load order, as a card receives them)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NoReturn

from cardlab.cap import model as m
from cardlab.cap.container import FILE_NAMES, Component, load_file, pack, unpack, with_header
from cardlab.cap.errors import CapError
from cardlab.cap.extended import ExtendedFormatError, is_extended
from cardlab.cap.model.package import MAGIC
from cardlab.classfile.octets import Octets, u1, u4

_REQUIRED = (
    Component.HEADER,
    Component.DIRECTORY,
    Component.IMPORT,
    Component.CONSTANT_POOL,
    Component.CLASS,
    Component.METHOD,
    Component.STATIC_FIELD,
    Component.REFERENCE_LOCATION,
)
"""Components that every package has (6.1)."""


@dataclass(frozen=True)
class CapFile:
    """A CAP file. `raw` has each component with tag and size, `files` the other files of the archive."""

    raw: Mapping[Component, bytes]
    files: Mapping[str, bytes]
    folder: str
    header: m.Header
    directory: m.Directory
    applets: tuple[m.Applet, ...]
    imports: tuple[m.PackageInfo, ...]
    pool: tuple[m.PoolItem, ...]
    classes: m.Classes
    methods: m.Methods
    statics: m.StaticFields
    locations: m.ReferenceLocations
    exports: tuple[m.ExportedClassInfo, ...] | None
    descriptor: m.Descriptor | None
    resources: tuple[m.StaticResource, ...] | None = None

    def encode(self) -> dict[Component, bytes]:
        """Every component written anew from its values."""
        info = {
            Component.HEADER: self.header.encode(),
            Component.DIRECTORY: self.directory.encode(),
            Component.IMPORT: m.encode_imports(self.imports),
            Component.CONSTANT_POOL: m.encode_pool(self.pool),
            Component.CLASS: self.classes.encode(),
            Component.METHOD: self.methods.encode(),
            Component.STATIC_FIELD: self.statics.encode(),
            Component.REFERENCE_LOCATION: self.locations.encode(),
        }
        if self.applets:
            info[Component.APPLET] = m.encode_applets(self.applets)
        if self.exports is not None:
            info[Component.EXPORT] = m.encode_exports(self.exports)
        if self.descriptor is not None:
            info[Component.DESCRIPTOR] = self.descriptor.encode()
        if self.resources is not None:
            info[Component.STATIC_RESOURCE] = m.encode_resources(self.resources)
        return {tag: with_header(tag, info[tag]) for tag in sorted(info)}

    def load_file(self) -> bytes:
        """The content of a load file data block: what a card is sent."""
        return load_file(self.raw)

    def load_file_hash(self, algorithm: str = "sha256") -> bytes:
        """The load file data block hash (GlobalPlatform Card Specification 2.3, C.2)."""
        return hashlib.new(algorithm, self.load_file()).digest()

    @property
    def load_size(self) -> int:
        """Bytes of the load file."""
        return len(self.load_file())


def _refuse(message: str) -> NoReturn:
    raise CapError(message)


def _info(raw: Mapping[Component, bytes], tag: Component) -> Octets:
    """A cursor over the info of a component whose tag and size are checked."""
    data = raw[tag]
    name = FILE_NAMES[tag].partition(".")[0] + " component"
    if len(data) < tag.header_size or data[0] != tag:
        _refuse(f"{name}: tag is not {int(tag)}")
    size = int.from_bytes(data[1 : tag.header_size], "big")
    if len(data) != tag.header_size + size:
        _refuse(f"{name}: size says {size} bytes, there are {len(data) - tag.header_size}")
    return Octets(data[tag.header_size :], CapError, name)


def from_components(raw: Mapping[Component, bytes], files: Mapping[str, bytes], folder: str) -> CapFile:
    """The CAP file of components that are complete with tag and size."""
    if is_extended(raw.get(Component.HEADER, b"")[Component.HEADER.header_size :]):
        raise ExtendedFormatError
    for tag in _REQUIRED:
        if tag not in raw:
            _refuse(f"{FILE_NAMES[tag]} is missing")
    cursors = {tag: _info(raw, tag) for tag in raw if tag is not Component.DEBUG}
    header = m.Header.read(cursors[Component.HEADER])
    if Component.STATIC_RESOURCE in raw and header.format < (2, 3):
        _refuse("StaticResources component: only format 2.3 has one")
    cap = CapFile(
        dict(raw),
        files,
        folder,
        header,
        m.Directory.read(cursors[Component.DIRECTORY], header.format),
        m.read_applets(cursors[Component.APPLET]) if Component.APPLET in raw else (),
        m.read_imports(cursors[Component.IMPORT]),
        m.read_pool(cursors[Component.CONSTANT_POOL]),
        m.Classes.read(cursors[Component.CLASS], header.format),
        m.Methods.read(cursors[Component.METHOD]),
        m.StaticFields.read(cursors[Component.STATIC_FIELD]),
        m.ReferenceLocations.read(cursors[Component.REFERENCE_LOCATION]),
        m.read_exports(cursors[Component.EXPORT]) if Component.EXPORT in raw else None,
        m.Descriptor.read(cursors[Component.DESCRIPTOR]) if Component.DESCRIPTOR in raw else None,
        m.read_resources(cursors[Component.STATIC_RESOURCE]) if Component.STATIC_RESOURCE in raw else None,
    )
    for cursor in cursors.values():
        cursor.end()
    return cap


def read_cap(raw: bytes) -> CapFile:
    """Read a CAP file: an archive, or its components alone, as old tools write them; CapError for anything else."""
    if is_load_file(raw):
        return read_load_file(raw)
    files = unpack(raw)
    tags = {name: tag for tag, name in FILE_NAMES.items()}
    components: dict[Component, bytes] = {}
    folders = set()
    for path in list(files):
        folder, _, name = path.rpartition("/")
        if name in tags and folder.endswith("javacard"):
            if tags[name] in components:
                _refuse(f"two components are named {name}")
            components[tags[name]] = files.pop(path)
            folders.add(folder)
    if not components:
        _refuse("not a CAP file: the archive has no components")
    if len(folders) != 1:
        _refuse("the components are in several folders")
    return from_components(components, files, folders.pop())


def is_load_file(raw: bytes) -> bool:
    """Whether it begins as a load file does: with a Header component (JCVM 3.0.5, 6.4)."""
    start = Component.HEADER.header_size
    return raw[:1] == u1(Component.HEADER) and raw[start : start + 4] == u4(MAGIC)


def read_load_file(raw: bytes) -> CapFile:
    """Read a load file's content: components one after the other, the Descriptor usually absent."""
    if raw[:1] == bytes((Component.HEADER,)) and is_extended(raw[Component.HEADER.header_size :]):
        raise ExtendedFormatError  # its components have sizes of their own
    components: dict[Component, bytes] = {}
    at = 0
    while at < len(raw):
        try:
            tag = Component(raw[at])
        except ValueError:
            _refuse(f"load file, offset {at}: unknown component tag {raw[at]}")
        start = at + tag.header_size
        end = start + int.from_bytes(raw[at + 1 : start], "big")
        if end > len(raw) or start > len(raw):
            _refuse(f"load file, offset {at}: the component is cut off")
        if tag in components:
            _refuse(f"load file, offset {at}: component {tag.name} appears twice")
        components[tag] = raw[at:end]
        at = end
    return from_components(components, {}, "")


def write_cap(cap: CapFile) -> bytes:
    """The CAP file with every component written from its values; other files follow in their order."""
    first = {n: d for n, d in cap.files.items() if n == "META-INF/MANIFEST.MF"}
    rest = {n: d for n, d in cap.files.items() if n not in first}
    parts = {f"{cap.folder}/{FILE_NAMES[tag]}": data for tag, data in cap.encode().items()}
    return pack(first | parts | rest)
