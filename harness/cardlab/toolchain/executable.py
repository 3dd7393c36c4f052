"""What is built from sources: class files, what they convert to, and the CAP file that carries both."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from cardlab.cap.constants import PackageFlag
from cardlab.cap.container import LOAD_ORDER, Component, load_file, pack
from cardlab.cap.exportfile import ExportFile
from cardlab.cap.exports import platforms
from cardlab.cap.model import PackageInfo
from cardlab.cap.platform import TARGET_GLOBALPLATFORM, api
from cardlab.cap.reader import CapFile, read_cap
from cardlab.classfile.errors import FileFormatError
from cardlab.errors import IntegrityError, UsageError
from cardlab.java_card import JAVA_CARD
from cardlab.toolchain.carried import CLASSES_FOLDER, class_path
from cardlab.toolchain.conversions import Converted, Request, convert, converted
from cardlab.toolchain.workbench import workbench


@dataclass(frozen=True, slots=True)
class Module:
    """An applet that can be instantiated: its module AID and the name of its class (``com.example.purse.Purse``)."""

    aid: bytes
    class_name: str


@dataclass(frozen=True, slots=True)
class Package:
    """A Java package for cards: AID, version, the applets in it, and its class files by binary name."""

    aid: bytes
    version: tuple[int, int]
    modules: tuple[Module, ...]
    classes: Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Executable:
    """Class files and what they convert to; made from a package, it is converted at once.

    ``java_card`` and ``globalplatform`` are the API versions converted for; ``libraries`` are packages of others that
    it may import, ``imports`` those of which there is an export file only; ``ints`` says that int may be used.
    ``converted`` is the result. Raises SubsetError when the class files cannot be converted.
    """

    package: Package
    java_card: str = JAVA_CARD
    globalplatform: str = TARGET_GLOBALPLATFORM
    libraries: tuple[Executable, ...] = ()
    imports: tuple[ExportFile, ...] = field(default=(), repr=False)
    ints: bool = False
    converted: Converted = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        request = self._request
        if (bench := workbench()) is not None:
            bench.converting(request)
        object.__setattr__(self, "converted", converted(request))

    @property
    def _request(self) -> Request:
        package = self.package
        applets = tuple((module.aid, module.class_name) for module in package.modules)
        imported = (*self.imports, *(convert(library._request).export for library in self.libraries))
        platform = (self.java_card, self.globalplatform)
        return Request(
            tuple(package.classes.items()), package.aid, package.version, applets, platform, imported, self.ints
        )

    @property
    def aid(self) -> bytes:
        """The AID of the package."""
        return self.package.aid

    @property
    def data_block(self) -> bytes:
        """The load file data block: the components in loading order (JCVM 3.0.4, Table 6-3)."""
        return load_file(self.converted.components)

    @property
    def cap(self) -> bytes:
        """The CAP file, with the class files in it."""
        carried = {class_path(name.replace(".", "/")): code for name, code in sorted(self.package.classes.items())}
        return pack({**self.converted.files, **carried})

    @classmethod
    def from_cap(cls, raw: bytes, *, libraries: Iterable[Executable] = ()) -> Executable:
        """Of a CAP file that carries its class files, whoever made it.

        Raises UsageError when it carries none or imports what nobody knows, and IntegrityError when they convert to
        something else than the components beside them.
        """
        try:
            cap = read_cap(raw)
        except FileFormatError as error:
            raise IntegrityError(str(error), hint="name a CAP file") from error
        imported = tuple(libraries)
        java_card, globalplatform = _platform(cap.imports, imported)
        ints = PackageFlag.INT in cap.header.flags
        made = cls(_package(cap), java_card, globalplatform, imported, ints=ints)
        if made.data_block != cap.load_file():
            other = [
                tag.name for tag in LOAD_ORDER
                if tag is not Component.DESCRIPTOR and made.converted.components.get(tag) != cap.raw.get(tag)
            ]  # fmt: skip
            raise IntegrityError(
                f"the class files in the CAP file do not convert to its code; what differs: {', '.join(other)}",
                hint="make the CAP file again from these class files, or give the class files that it was made from",
            )
        return made


def _platform(imports: Iterable[PackageInfo], libraries: tuple[Executable, ...]) -> tuple[str, str]:
    """The API versions that a CAP file was converted for."""
    known = {library.package.aid for library in libraries}
    wanted = {one.aid: one.version for one in imports if one.aid not in known}
    sets = platforms()
    for java_card in (name for name in sets if not name.startswith("globalplatform-")):
        for globalplatform in (name.partition("-")[2] for name in sets if name.startswith("globalplatform-")):
            tables = api(java_card, globalplatform)
            if all((table := tables.by_aid(aid)) and table.version == version for aid, version in wanted.items()):
                return java_card, globalplatform
    listed = ", ".join(f"{aid.hex().upper()} {major}.{minor}" for aid, (major, minor) in wanted.items())
    raise UsageError(
        f"no platform has all the packages that the CAP file imports: {listed}",
        hint="if one of them is another applet's, give its CAP file first",
    )


def _package(cap: CapFile) -> Package:
    """The class files that a CAP file carries, and its applets, whose classes the manifest names."""
    classes = {
        path.removeprefix(CLASSES_FOLDER).removesuffix(".class").replace("/", "."): code
        for path, code in cap.files.items()
        if path.startswith(CLASSES_FOLDER) and path.endswith(".class")
    }
    if not classes:
        raise UsageError(
            f"the CAP file carries no class files below {CLASSES_FOLDER}",
            hint="use one that was not stripped, or give the folder of its class files",
        )
    info = cap.header.package
    return Package(info.aid, info.version, _modules(cap), classes)


def _modules(cap: CapFile) -> tuple[Module, ...]:
    manifest = cap.files.get("META-INF/MANIFEST.MF", b"").decode("utf-8", "replace")
    unfolded = manifest.replace("\r\n", "\n").replace("\n ", "")
    values = dict(line.split(": ", 1) for line in unfolded.splitlines() if ": " in line)
    package = values.get("Java-Card-Package-Name", "")
    names = {}
    for number in range(1, len(cap.applets) + 1):
        aid = values.get(f"Java-Card-Applet-{number}-AID", "").lower().replace("0x", "").replace(":", "")
        names[aid] = values.get(f"Java-Card-Applet-{number}-Name", "")
    missing = [applet.aid.hex().upper() for applet in cap.applets if not names.get(applet.aid.hex())]
    if missing:
        raise UsageError(
            f"the manifest of the CAP file does not name the class of applet {', '.join(missing)}",
            hint="use the CAP file as its converter made it",
        )
    found = ((applet.aid, names[applet.aid.hex()]) for applet in cap.applets)
    return tuple(Module(aid, name if "." in name else f"{package}.{name}") for aid, name in found)
