"""The Java Card API as a jar of stubs, made from token tables: what compilers and IDEs need to know of it.

Export files keep names, types, constants and access, but neither the names of parameters nor the exceptions that a
method declares. The only checked ones of the API are those of ``throwIt``. Packages ``java.*`` are left to the JDK.
"""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from pathlib import Path

from cardlab.cap.container import pack
from cardlab.cap.exportfile import ExportedClass, ExportFile
from cardlab.cap.exports import Exports
from cardlab.cap.platform import TARGET_GLOBALPLATFORM, api
from cardlab.classfile.classfile import AccessFlag
from cardlab.classfile.writer import NestedClass, StubClass, StubField, StubMethod, write_stub
from cardlab.toolchain import places

_OBJECT = "java/lang/Object"
_UNCHECKED = "java/lang/RuntimeException"
_THROWABLE = "java/lang/Throwable"
_JAVA = "java/"
_KNOWN = (
    AccessFlag.PUBLIC
    | AccessFlag.PROTECTED
    | AccessFlag.STATIC
    | AccessFlag.FINAL
    | AccessFlag.INTERFACE
    | AccessFlag.ABSTRACT
)


def api_jar(exports: Exports, packages: Iterable[ExportFile] | None = None) -> bytes:
    """The jar, of some of the packages only if they are given; the same bytes every time for the same tables."""
    files = dict(_class_files(exports.packages() if packages is None else packages, exports))
    manifest = {"META-INF/MANIFEST.MF": b"Manifest-Version: 1.0\r\n\r\n"}
    return pack(manifest | {name: files[name] for name in sorted(files)}, compressed=True)


def api_jar_file(java_card: str, globalplatform: str = TARGET_GLOBALPLATFORM) -> Path:
    """The jar of these versions as a file, to compile against; written where it is not there yet."""
    made = api_jar(api(java_card, globalplatform))
    file = places.make_folder(places.build_folder() / "api") / f"java-card-{java_card}-gp-{globalplatform}.jar"
    if not file.is_file() or file.read_bytes() != made:
        file.write_bytes(made)
    return file


def stubs_file(exports: Exports, packages: Iterable[ExportFile] | None = None) -> Path:
    """The jar of these packages as a file in the user's cache, named after its content."""
    made = api_jar(exports, packages)
    file = places.make_folder(places.cache_folder() / "stubs") / f"{sha256(made).hexdigest()[:16]}.jar"
    if not file.is_file() or file.read_bytes() != made:
        file.write_bytes(made)
    return file


def stub(one: ExportedClass, exports: Exports) -> StubClass:
    """A class as its token table declares it; inherited members are left to its superclasses."""
    inherited = {
        (method.name, method.descriptor)
        for name in one.supers
        if (above := exports.find(name)) is not None
        for method in above.methods
        if method.is_virtual
    }
    methods = tuple(
        StubMethod(method.access & _KNOWN, method.name, method.descriptor, _throws(one, method.name))
        for method in one.methods
        if not method.is_virtual or (method.name, method.descriptor) not in inherited
    )
    fields = tuple(StubField(f.access & _KNOWN, f.name, f.descriptor, f.constant) for f in one.fields)
    parent = _OBJECT if one.is_interface or not one.supers else _nearest(one, exports)
    nested = tuple(NestedClass(_access(inner), inner.name) for inner in _nested(one, exports))
    return StubClass(_access(one), one.name, parent, one.interfaces, fields, methods, nested)


def _class_files(packages: Iterable[ExportFile], exports: Exports) -> Iterable[tuple[str, bytes]]:
    for package in packages:
        if not package.name.startswith(_JAVA):
            for one in package.classes:
                yield f"{one.name}.class", write_stub(stub(one, exports))


def _access(one: ExportedClass) -> AccessFlag:
    return AccessFlag(one.access) & _KNOWN


def _nested(one: ExportedClass, exports: Exports) -> Iterable[ExportedClass]:
    """The class itself when it is a member of another, and its own members: the API has static ones only."""
    near = (other for package in exports.packages() for other in package.classes)
    return (n for n in near if "$" in n.name and (n is one or n.name.rpartition("$")[0] == one.name))


def _nearest(one: ExportedClass, exports: Exports) -> str:
    """The superclass: of all, the one that has the most above itself."""

    def depth(name: str) -> int:
        above = exports.find(name)
        return 0 if above is None else len(above.supers)

    return max(one.supers, key=depth)


def _throws(one: ExportedClass, method: str) -> tuple[str, ...]:
    """A checked exception's ``throwIt`` declares it."""
    checked = _THROWABLE in one.supers and _UNCHECKED not in one.supers
    return (one.name,) if checked and method == "throwIt" else ()
