"""Load files made by hand: one applet whose process() is code written in mnemonics, sound or not.

Code is lines or ``;``-separated instructions: ``label:``, a mnemonic, operands. Branches name labels; constant pool
entries are named ``@Class`` and ``@Class.member`` (a member of the applet's own class ``Hand``, or of the API by its
short name).
The code leaves a short on the stack, which is the answer's two data bytes; ``return`` alone answers without data.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from cardlab.cap import model as m
from cardlab.cap.constants import ClassFlag, PackageFlag, PoolTag
from cardlab.cap.container import Component, load_file
from cardlab.cap.exportfile import ExportedClass, ExportFile
from cardlab.cap.opcodes import Opcode
from cardlab.cap.operands import Operand
from cardlab.cap.platform import api
from cardlab.classfile.octets import u1, u2
from tests.cardlab.runtime.vm.machines import PACKAGE, applet_aid

APPLET = applet_aid("Hand")
ARRAY_TYPES = {"boolean": 10, "byte": 11, "short": 12, "int": 13, "class": 0, "array": 14}
IMAGE_SIZE, IMAGE_REFERENCES = 11, 2
FIELD_CELLS = 5
"""Instance fields of Hand: 0 and 1 are references, 2 a short or byte, 3 and 4 an int."""
STATICS = {"a": 0, "a2": 2, "b": 4, "s": 5, "i": 7}
FIELDS = {"a": 0, "a2": 1, "s": 2, "b": 2, "i": 3}


@dataclass
class Pool:
    """The constant pool, filled as names are met; tag and three bytes each (JCVM 3.0.5, 6.8)."""

    items: list[m.PoolItem] = field(default_factory=list)
    imports: list[ExportFile] = field(default_factory=list)
    libraries: Sequence[ExportFile] = ()
    """Packages besides the API's that names are looked up in."""

    def index(self, name: str) -> int:
        """The entry of a name like ``@Util.getShort``."""
        owner, _, member = name.removeprefix("@").partition(".")
        return self._add(self._own(member) if owner == "Hand" else self._api(owner, member))

    def _add(self, item: m.PoolItem) -> int:
        if item not in self.items:
            self.items.append(item)
        return self.items.index(item)

    def _own(self, member: str) -> m.PoolItem:
        if not member:
            return m.PoolItem(PoolTag.CLASS, u2(0) + b"\0")
        if member.startswith("static@"):  # at this offset, wherever that is
            return m.PoolItem(PoolTag.STATIC_FIELD, b"\0" + u2(int(member.removeprefix("static@"))))
        if member.startswith("field@"):  # with this token
            return m.PoolItem(PoolTag.INSTANCE_FIELD, u2(0) + u1(int(member.removeprefix("field@"))))
        if member.startswith("static_"):
            return m.PoolItem(PoolTag.STATIC_FIELD, b"\0" + u2(STATICS[member.removeprefix("static_")]))
        if member.startswith("super_"):
            return m.PoolItem(PoolTag.SUPER_METHOD, u2(0) + u1(int(member.removeprefix("super_"))))
        if member.startswith("virtual_"):
            return m.PoolItem(PoolTag.VIRTUAL_METHOD, u2(0) + u1(int(member.removeprefix("virtual_"))))
        if member.startswith("method_"):
            return m.PoolItem(
                PoolTag.STATIC_METHOD, b"\0" + u2(0xFF00 + int(member.removeprefix("method_")))
            )  # patched when placed
        return m.PoolItem(PoolTag.INSTANCE_FIELD, u2(0) + u1(FIELDS[member]))

    def _api(self, owner: str, member: str) -> m.PoolItem:
        package, one = _find(owner, self.libraries)
        if package not in self.imports:
            self.imports.append(package)
        ref = u1(0x80 | self.imports.index(package)) + u1(one.token)
        if not member:
            return m.PoolItem(PoolTag.CLASS, ref + b"\0")
        name, _, descriptor = member.partition("(")
        found = next(f for f in one.methods if f.name == name and (not descriptor or f.descriptor == f"({descriptor}"))
        return m.PoolItem(PoolTag.VIRTUAL_METHOD if found.is_virtual else PoolTag.STATIC_METHOD, ref + u1(found.token))


def _find(owner: str, libraries: Sequence[ExportFile]) -> tuple[ExportFile, ExportedClass]:
    for package in (*api("3.0.5", "1.6").packages(), *libraries):
        for one in package.classes:
            if one.name.rpartition("/")[2] == owner:
                return package, one
    raise KeyError(owner)


def assemble(source: str, pool: Pool) -> tuple[bytes, dict[str, int]]:
    """The code and its labels, offsets from the first instruction."""
    lines = [line.strip() for line in re.split(r"[;\n]", source) if line.strip()]
    code, labels = bytearray(), dict[str, int]()
    open_: list[tuple[int, int, int, str]] = []
    for line in lines:
        if line.endswith(":"):
            labels[line[:-1]] = len(code)
            continue
        words = line.split()
        if words[0] == "raw":
            code += bytes.fromhex("".join(words[1:]))
            continue
        start = len(code)
        instruction = Opcode[words[0].upper()]
        code.append(instruction)
        operands = list(instruction.operands)
        for operand in operands:
            _operand(operand, words, code, open_, start, pool)
    for start, at, size, label in open_:
        code[at : at + size] = (labels[label] - start).to_bytes(size, "big", signed=True)
    return bytes(code), labels


def _operand(
    operand: Operand, words: list[str], code: bytearray, open_: list[tuple[int, int, int, str]], start: int, pool: Pool
) -> None:
    if operand in (Operand.TABLE, Operand.LOOKUP):
        _switch(operand, words, code, open_, start)
        return
    word = words.pop(1)
    size = {Operand.S2: 2, Operand.S4: 4, Operand.POOL2: 2, Operand.BRANCH2: 2}.get(operand, 1)
    if operand in (Operand.BRANCH1, Operand.BRANCH2):
        open_.append((start, len(code), size, word))
        code += bytes(size)
    elif word.startswith("@"):
        code += pool.index(word).to_bytes(size, "big")
    else:
        value = ARRAY_TYPES[word] if word in ARRAY_TYPES else int(word, 0)
        code += (value % (1 << 8 * size)).to_bytes(size, "big")


def _switch(
    operand: Operand, words: list[str], code: bytearray, open_: list[tuple[int, int, int, str]], start: int
) -> None:
    """``stableswitch DEFAULT LOW LABEL…`` and ``slookupswitch DEFAULT KEY=LABEL…``."""
    width = 4 if words[0].startswith("i") else 2

    def offset(label: str) -> None:
        open_.append((start, len(code), 2, label))
        code.extend(bytes(2))

    offset(words[1])
    if operand is Operand.TABLE:
        low, labels = int(words[2]), words[3:]
        code.extend(low.to_bytes(width, "big", signed=True))
        code.extend((low + len(labels) - 1).to_bytes(width, "big", signed=True))
        for label in labels:
            offset(label)
        return
    code.extend(u2(len(words) - 2))
    for pair in words[2:]:
        key, label = pair.split("=")
        code.extend(int(key).to_bytes(width, "big", signed=True))
        offset(label)


def header(stack: int, arguments: int, locals_: int, *, abstract: bool = False) -> bytes:
    """An extended method header (6.10.3)."""
    return bytes((0xC0 if abstract else 0x80, stack, arguments, locals_))


@dataclass(frozen=True)
class Hand:
    """What the load file holds: process()'s code, other methods, handlers, table rows."""

    code: str
    handlers: Sequence[tuple[str, str, str, str]] = ()
    """start, end, target labels; the class caught, or "" for all."""
    stack: int = 16
    locals_: int = 8
    methods: Sequence[tuple[str, int, int]] = ()
    """Static methods ``method_0``…: code, arguments, locals."""
    virtuals: Sequence[int] = ()
    """Numbers of methods that are virtual with tokens 8, 9, …"""
    flags: PackageFlag = PackageFlag.INT | PackageFlag.APPLET
    raw_answer: bool = True
    libraries: Sequence[ExportFile] = ()

    def components(self) -> dict[Component, bytes]:
        """All components with tag and size."""
        pool = Pool(libraries=self.libraries)
        constructor, _ = assemble("aload_0; invokespecial @Applet.<init>; return", pool)
        install, _ = assemble(
            "new @Hand; dup; invokespecial @Hand.method_99; invokevirtual @Applet.register()V; return", pool
        )
        answer, _ = assemble(
            "aload_0; invokevirtual @APDU.getBuffer; sconst_0; sload_1; invokestatic @Util.setShort; pop;"
            "aload_0; sconst_0; sconst_2; invokevirtual @APDU.setOutgoingAndSend; return",
            pool,
        )
        ending = "sstore_2; aload_1; sload_2; invokestatic @Hand.method_98; return" if self.raw_answer else ""
        body, labels = assemble(self.code + "\n" + ending, pool)
        others = [(assemble(code, pool)[0], arguments, count) for code, arguments, count in self.methods]
        rows = []
        for start, end, target, caught in self.handlers:
            catch = pool.index(f"@{caught}") if caught else 0
            if caught and catch == 0:
                raise ValueError("entry 0 means everything")
            rows.append((labels[start], labels[end], labels[target], catch))
        base = 1 + 8 * len(rows)
        info, places = bytearray(), dict[int, int]()
        for number, (code, arguments, count, deep) in {
            99: (constructor, 1, 0, 4),
            97: (install, 3, 0, 4),
            98: (answer, 2, 0, 6),
            96: (body, 2, self.locals_, self.stack),
            **{n: (c, a, k, 16) for n, (c, a, k) in enumerate(others)},
        }.items():
            places[number] = base + len(info)
            info += header(deep, arguments, count) + code
        pool.items = [_placed(item, places) for item in pool.items]
        first = places[96] + 4
        handlers = b"".join(u2(first + a) + u2((b - a) | 0x8000) + u2(first + t) + u2(c) for a, b, t, c in rows)
        table = [0xFFFF] * 8 + [places[n] for n in self.virtuals]
        table[7] = places[96]
        for entry in range(7):
            table[entry] = 0xFFFF
        applet_ref = int.from_bytes(pool.items[pool.index("@Applet")].data[:2], "big")
        info_class = m.ClassInfo(
            0, ClassFlag(0), (m.ClassRef(applet_ref),), None, FIELD_CELLS, 0, 2, 7, tuple(table[7:]), 0, (), (), None
        )  # fmt: skip
        package = m.PackageInfo(PACKAGE, (1, 0))
        parts = {
            Component.HEADER: m.Header((2, 1), self.flags, package, None).encode(),
            Component.IMPORT: m.encode_imports(tuple(m.PackageInfo(i.aid, i.version) for i in pool.imports)),
            Component.APPLET: m.encode_applets((m.Applet(APPLET, places[97]),)),
            Component.CLASS: m.Classes(None, (info_class,)).encode(),
            Component.METHOD: u1(len(rows)) + handlers + bytes(info),
            Component.STATIC_FIELD: m.StaticFields(
                IMAGE_SIZE, IMAGE_REFERENCES, (), IMAGE_SIZE - 2 * IMAGE_REFERENCES, b""
            ).encode(),
            Component.CONSTANT_POOL: m.encode_pool(tuple(pool.items)),
            Component.REFERENCE_LOCATION: u2(0) + u2(0),
        }
        sizes = tuple(len(parts[c]) if c in parts else 0 for c in list(Component)[:11])
        parts[Component.DIRECTORY] = m.Directory(sizes, IMAGE_SIZE, 0, 0, len(pool.imports), 1, ()).encode()
        return {tag: u1(tag) + u2(len(data)) + data for tag, data in parts.items()}

    def block(self) -> bytes:
        """The load file data block."""
        return load_file(self.components())


def _placed(item: m.PoolItem, places: dict[int, int]) -> m.PoolItem:
    if item.tag is PoolTag.STATIC_METHOD and not item.data[0] and item.offset >= 0xFF00:
        return m.PoolItem(PoolTag.STATIC_METHOD, b"\0" + u2(places[item.offset - 0xFF00]))
    return item
