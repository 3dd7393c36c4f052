"""The constant pool and the imports (JCVM 3.0.4, sections 6.6 and 6.7), kept symbolic until every offset is known."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.cap.constants import PoolTag
from cardlab.cap.convert.classes import AnyClass, JClass, JField, JMethod
from cardlab.cap.convert.jpackage import JPackage
from cardlab.cap.exportfile import ExportedField, ExportedMethod, ExportFile
from cardlab.classfile.errors import ClassFileError
from cardlab.classfile.octets import u1, u2

_EXTERNAL = 0x80
_MOST_IMPORTS = 128  # tokens 0 to 127 (JCVM 3.0.4, 4.3.7.1)
Member = JField | JMethod | ExportedField | ExportedMethod | None


@dataclass(frozen=True, eq=False)
class PoolEntry:
    """One entry: the class it is resolved in, and the member by token and type, or as an object of the package.

    `named` is the class that the bytecode names. The same method named through two classes makes two entries.
    """

    tag: PoolTag
    owner: AnyClass
    member: Member = None
    named: str = ""

    @property
    def descriptor(self) -> str:
        """The descriptor of the member; empty for a class."""
        return self.member.descriptor if self.member is not None else ""

    @property
    def key(self) -> tuple[int, str, str, str, str]:
        """What makes two entries the same."""
        member = (self.member.name, self.member.descriptor) if self.member is not None else ("", "")
        return (int(self.tag), self.owner.name, *member, self.named)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, PoolEntry) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)


class ImportedPackages:
    """Imported packages in the order of their tokens."""

    def __init__(self, package: JPackage) -> None:
        self._package = package
        self.packages: list[ExportFile] = []

    def token(self, class_name: str) -> int:
        """The token of the imported package that holds the class; the package is imported if it was not."""
        name = class_name.rpartition("/")[0]
        found = self._package.exports.package(name)
        if found is None:
            raise ClassFileError(self._package.missing(class_name))
        if found not in self.packages:
            self._require_room()
            self.packages.append(found)
        return self.packages.index(found)

    def _require_room(self) -> None:
        """Raise ConversionError when another package would have no token: one beyond would be taken for the first."""
        if len(self.packages) == _MOST_IMPORTS:
            message = f"more than {_MOST_IMPORTS} packages are imported, which is all that a package can"
            self._package.problems.error(self._package.name, "", 0, message)
            self._package.problems.stop()

    def class_ref(self, c: AnyClass) -> bytes:
        """A class_ref: offset of a class of the package, or package and class token of an imported one (6.7.1)."""
        if isinstance(c, JClass):
            return u2(c.offset)
        return bytes((_EXTERNAL | self.token(c.name), c.token))


class ConstantPool:
    """Entries in order of first use; `seal` brings instance fields to the front, where one-byte indices reach them."""

    def __init__(self) -> None:
        self.entries: list[PoolEntry] = []
        self._index: dict[PoolEntry, int] = {}

    def add(self, entry: PoolEntry) -> PoolEntry:
        """Note that an instruction or handler refers to `entry`."""
        if entry not in self._index:
            self._index[entry] = len(self.entries)
            self.entries.append(entry)
        return entry

    def seal(self) -> None:
        """Fix the indices: each instance field is exchanged with the foremost entry of another kind.

        A class never comes first: in an exception handler the index 0 means any exception (6.10.1).
        """
        front = 0
        items = self.entries
        if items and items[0].tag is PoolTag.CLASS:
            other = next((i for i, e in enumerate(items) if e.tag is not PoolTag.CLASS), 0)
            items[0], items[other] = items[other], items[0]
        for i, entry in enumerate(items):
            if entry.tag is PoolTag.INSTANCE_FIELD:
                items[front], items[i] = items[i], items[front]
                front += 1
        self._index = {e: i for i, e in enumerate(items)}

    def index(self, entry: PoolEntry) -> int:
        """The index of an entry; valid after `seal`."""
        return self._index[entry]

    def encode(self, imports: ImportedPackages) -> list[bytes]:
        """Four bytes for each entry."""
        return [_encode(e, imports) for e in self.entries]


def _encode(e: PoolEntry, imports: ImportedPackages) -> bytes:
    ref = imports.class_ref(e.owner)
    if e.member is None:  # the class itself
        return u1(e.tag) + ref + u1(0)
    if not e.tag.is_static:
        return u1(e.tag) + ref + u1(e.member.token)
    if isinstance(e.member, JField | JMethod):
        return u1(e.tag) + u1(0) + u2(e.member.offset)
    return u1(e.tag) + ref + u1(e.member.token)
