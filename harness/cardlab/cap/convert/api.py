"""One call from class files to a CAP file."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from cardlab.cap.constants import PackageFlag
from cardlab.cap.container import FILE_NAMES, Component, pack, with_header
from cardlab.cap.convert import components as parts
from cardlab.cap.convert.aids import check_aids
from cardlab.cap.convert.assemble import TooLongError
from cardlab.cap.convert.checks import INSTALL, check
from cardlab.cap.convert.classes import JClass, JMethod
from cardlab.cap.convert.code import Body
from cardlab.cap.convert.debug import debug_component
from cardlab.cap.convert.descriptor import descriptor_info
from cardlab.cap.convert.exporting import export_file
from cardlab.cap.convert.imports import import_all
from cardlab.cap.convert.initialiser import initialise
from cardlab.cap.convert.jpackage import JPackage
from cardlab.cap.convert.lower import lower
from cardlab.cap.convert.manifest import applet_xml, manifest
from cardlab.cap.convert.members import Members
from cardlab.cap.convert.pool import ConstantPool, ImportedPackages
from cardlab.cap.convert.problems import Problems
from cardlab.cap.convert.resources import check_resources
from cardlab.cap.convert.statics import lay_out
from cardlab.cap.errors import ConversionError, Problem
from cardlab.cap.exportfile import ExportFile
from cardlab.cap.exports import Exports
from cardlab.cap.model import StaticResource
from cardlab.cap.model.resources import encode_resources
from cardlab.classfile.classfile import ClassFile, read_class
from cardlab.classfile.descriptors import split_descriptor
from cardlab.classfile.errors import ClassFileError
from cardlab.classfile.octets import u2


@dataclass(frozen=True)
class Conversion:
    """What a conversion yields."""

    package: str
    components: Mapping[Component, bytes]
    """Each component with its tag and size, by tag."""
    files: Mapping[str, bytes]
    """The files of the archive, in order."""
    export: ExportFile
    debug: bytes
    """The Debug component with tag and size; it is not among the files, as no card takes it."""

    @property
    def cap(self) -> bytes:
        """The CAP file."""
        return pack(self.files)


def _read(classes: Sequence[bytes | ClassFile]) -> list[ClassFile]:
    files = [c if isinstance(c, ClassFile) else read_class(c) for c in classes]
    packages = {f.package for f in files}
    if len(packages) != 1:
        names = ", ".join(sorted(p.replace("/", ".") for p in packages)) or "none"
        raise ConversionError((Problem("", "", 0, f"the class files must be of one package, not {names}"),))
    if "" in packages:
        names = ", ".join(sorted(f.name for f in files))
        raise ConversionError((Problem("", "", 0, f"the default package cannot be converted; give {names} a package"),))
    if len({f.name for f in files}) != len(files):
        raise ConversionError((Problem("", "", 0, "a class was given twice"),))
    return files


def _lower_all(package: JPackage, members: Members, pool: ConstantPool, problems: Problems) -> dict[JMethod, Body]:
    bodies = {}
    for m in parts.methods_of(package):
        if m.code is None:
            continue
        try:
            bodies[m] = lower(m, m.code, members, pool, problems)
        except ClassFileError as e:
            problems.error(m.owner.name, m.name, 0, str(e))
    return bodies


def convert(
    classes: Sequence[bytes | ClassFile],
    aid: bytes,
    version: tuple[int, int],
    applets: Sequence[tuple[bytes, str]],
    exports: Exports,
    cap_format: tuple[int, int] = (2, 1),
    resources: Sequence[StaticResource] = (),
    ints: bool = False,
) -> Conversion:
    """Convert the classes of one package.

    `aid` and `version` (major, minor) are the package's; `applets` lists AID and class name (dots) of each applet;
    `exports` are the packages that may be imported; `cap_format` is 2.1, or 2.3 compact for Java Card 3.1 and later,
    which `resources` need; `ints` allows int, for cards that have it. Raises ClassFileError for an unreadable class
    file and ConversionError with every problem found otherwise.
    """
    with _collector_paused():
        return _convert(classes, _Wanted(aid, version, applets, cap_format, resources), exports, ints)


@contextmanager
def _collector_paused() -> Iterator[None]:
    """A conversion makes many values and drops few: looking for circles among them takes a sixth of its time."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _convert(classes: Sequence[bytes | ClassFile], wanted: _Wanted, exports: Exports, ints: bool) -> Conversion:
    aid, applets, resources = wanted.aid, wanted.applets, wanted.resources
    problems = Problems()
    check_aids(aid, applets, problems)
    check_resources(resources, wanted.cap_format, problems)
    problems.stop()
    files = _read(classes)
    package = JPackage(files[0].package, files, exports, problems, ints)
    package.number_classes(bool(applets))
    check(package, [name.replace(".", "/") for _, name in applets], problems)
    initialise(package, bool(applets), problems)
    pool, members = ConstantPool(), Members(package)
    bodies = _lower_all(package, members, pool, problems)
    imports = ImportedPackages(package)
    problems.stop()
    import_all(package, bodies, imports)
    pool.seal()
    try:
        return _build(package, bodies, pool, imports, wanted)
    except TooLongError as e:
        raise ConversionError((Problem(package.name.replace("/", "."), "", 0, str(e)),)) from e
    except OverflowError as e:  # of one of the many small numbers; what is likely has a message of its own
        message = "the package is too large: a number does not fit its place in the CAP file"
        raise ConversionError((Problem(package.name.replace("/", "."), "", 0, message),)) from e


@dataclass(frozen=True)
class _Wanted:
    aid: bytes
    version: tuple[int, int]
    applets: Sequence[tuple[bytes, str]]
    cap_format: tuple[int, int]
    resources: Sequence[StaticResource]


def _build(
    package: JPackage, bodies: dict[JMethod, Body], pool: ConstantPool, imports: ImportedPackages, wanted: _Wanted
) -> Conversion:
    aid, version, applets, cap_format = wanted.aid, wanted.version, wanted.applets, wanted.cap_format
    image = lay_out(package)
    methods = parts.method_component(package, bodies, pool)
    parts.set_class_offsets(package, imports, cap_format)
    exported = parts.exported_classes(package, bool(applets))
    entries = pool.encode(imports)
    ints = _uses_int(package, bodies)
    info = {
        Component.HEADER: parts.header_component(
            aid, version, _package_flags(bool(exported), bool(applets), ints), cap_format
        ),
        Component.APPLET: parts.applet_component(_installs(package, applets)),
        Component.CONSTANT_POOL: u2(len(entries)) + b"".join(entries),
        Component.CLASS: parts.class_component(package, imports, cap_format),
        Component.METHOD: methods.info,
        Component.STATIC_FIELD: image.info,
        Component.REFERENCE_LOCATION: parts.reference_locations(methods.one_byte)
        + parts.reference_locations(methods.two_byte),
        Component.EXPORT: parts.export_component(exported),
        Component.DESCRIPTOR: descriptor_info(package, pool, imports),
        Component.STATIC_RESOURCE: encode_resources(tuple(wanted.resources)) if wanted.resources else b"",
    }
    info[Component.IMPORT] = parts.import_component(imports)  # only now is it known what is imported
    info = {tag: data for tag, data in info.items() if data}
    for tag, data in info.items():  # before the Directory, which has two bytes for the size of each
        if len(data) > 0xFFFF and tag is not Component.STATIC_RESOURCE:
            raise TooLongError(f"component {tag.name} has {len(data)} bytes; 65535 are allowed")
    info[Component.DIRECTORY] = parts.directory_component(info, image, len(imports.packages), len(applets), cap_format)
    components = {tag: with_header(tag, info[tag]) for tag in sorted(info)}
    name = package.name.replace("/", ".")
    files = {"META-INF/MANIFEST.MF": manifest(name, aid, version, applets, imports.packages, cap_format, ints)}
    files |= {f"{package.name}/javacard/{FILE_NAMES[tag]}": data for tag, data in components.items()}
    if applets:
        files["APPLET-INF/applet.xml"] = applet_xml(applets)
    export = export_file(package, exported, aid, version, bool(applets), imports.packages)
    return Conversion(name, components, files, export, debug_component(package))


def _package_flags(exports: bool, applets: bool, ints: bool) -> PackageFlag:
    flags = PackageFlag.EXPORT if exports else PackageFlag(0)
    flags |= PackageFlag.APPLET if applets else PackageFlag(0)
    return flags | PackageFlag.INT if ints else flags


def _types(descriptor: str) -> tuple[str, ...]:
    """Parameters and result."""
    parameters, result = split_descriptor(descriptor)
    return (*parameters, result)


def _uses_int(package: JPackage, bodies: dict[JMethod, Body]) -> bool:
    """Whether only a card with int can take the package (JCVM 3.0.5, 2.2.3.1)."""
    instructions = (i.opcode for body in bodies.values() for i in body.instructions)
    if any(opcode is not None and opcode.needs_int for opcode in instructions):
        return True
    fields = (f.descriptor for c in package.classes for f in c.fields if not f.inlined)
    methods = (t for c in package.classes for m in c.methods for t in _types(m.descriptor))
    return any(t in ("I", "[I") for t in (*fields, *methods))


def _installs(package: JPackage, applets: Sequence[tuple[bytes, str]]) -> list[tuple[bytes, int]]:
    """AID and offset of the install method of each applet, which `check` has found."""
    found = []
    for aid, name in applets:
        applet = package.resolve(name.replace(".", "/"))
        install = applet.method(INSTALL) if isinstance(applet, JClass) else None
        if install is not None:
            found.append((aid, install.offset))
    return found
