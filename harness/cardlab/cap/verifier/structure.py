"""Sizes, counts, offsets and references: everything that can be checked without following code."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from cardlab.cap.container import Component
from cardlab.cap.disasm import disassemble, method_code
from cardlab.cap.errors import CapError
from cardlab.cap.model import ACC_APPLET, ACC_EXPORT, ACC_INT, ClassInfo, PoolItem, ReferenceLocations
from cardlab.cap.reader import CapFile
from cardlab.cap.verifier.overrides import check_overrides
from cardlab.cap.verifier.pooltypes import check_pool_types
from cardlab.cap.verifier.tokens import check_descriptor
from cardlab.cap.verifier.world import World

_Check = Callable[[CapFile, World], Iterator[str]]


def _header(cap: CapFile, _: World) -> Iterator[str]:
    flags = cap.header.flags
    if bool(flags & ACC_APPLET) != bool(cap.applets):
        yield "Header: the applet flag and the Applet component do not agree"
    if bool(flags & ACC_EXPORT) != (cap.exports is not None):
        yield "Header: the export flag and the Export component do not agree"
    rid = cap.header.package.aid[:5]
    for a in cap.applets:
        if a.aid[:5] != rid:
            yield f"Applet: AID {a.aid.hex().upper()} has another provider (first five bytes) than the package"
    aids = [a.aid for a in cap.applets]
    if len(set(aids)) != len(aids):
        yield "Applet: an AID appears twice"


def _directory(cap: CapFile, _: World) -> Iterator[str]:
    d = cap.directory
    for tag, size in enumerate(d.sizes, 1):
        raw = cap.raw.get(Component(tag))
        real = len(raw) - 3 if raw is not None else 0
        if real != size and tag != Component.DEBUG:
            yield f"Directory: component {Component(tag).name} has {real} bytes, not {size}"
    s = cap.statics
    if (d.image_size, d.array_count) != (s.image_size, len(s.arrays)):
        yield "Directory: the static field sizes are not those of the StaticField component"
    if d.array_bytes != sum(len(a.values) for a in s.arrays):
        yield "Directory: the size of initialised arrays is wrong"
    if d.import_count != len(cap.imports) or d.applet_count != len(cap.applets):
        yield "Directory: the numbers of imports and applets are wrong"
    if len({p.aid for p in cap.imports}) != len(cap.imports):
        yield "Import: a package is imported twice"


def _statics(cap: CapFile, _: World) -> Iterator[str]:
    s = cap.statics
    if 2 * s.reference_count + s.default_bytes + len(s.values) != s.image_size:
        yield "StaticField: the segments do not add up to the image size"
    if len(s.arrays) > s.reference_count:
        yield "StaticField: more initialised arrays than references"
    for n, a in enumerate(s.arrays):
        width = {2: 1, 3: 1, 4: 2, 5: 4}.get(a.type)
        if width is None or len(a.values) % width:
            yield f"StaticField: array {n} of type {a.type} with {len(a.values)} bytes"


def _pool_item(item: PoolItem, cap: CapFile, world: World) -> None:
    if item.tag in (5, 6):
        if item.is_external:
            world.exported_member(item.class_ref, item.token, "static field" if item.tag == 5 else "static")
        elif item.data[0]:
            raise CapError("the padding of an internal static reference is not 0")
        elif item.tag == 5 and item.offset >= cap.statics.image_size:
            raise CapError(f"static field {item.offset} is outside the image")
        elif item.tag == 6 and item.offset not in world.methods:
            raise CapError(f"there is no method at {item.offset}")
        return
    world.class_name(item.class_ref)
    if item.tag == 1:
        if item.token:
            raise CapError("the padding of a class reference is not 0")
    elif item.tag == 2:
        if item.class_ref & 0x8000:
            world.exported_member(item.class_ref, item.token, "field")
        elif item.class_ref not in world.classes or not any(
            f.token == item.token and not f.is_static and int.from_bytes(f.ref[:2], "big") == item.class_ref
            for f in world.classes[item.class_ref].fields
        ):
            # The token of an instance field in a reference counts the declaring class's fields only.
            raise CapError(f"class at {item.class_ref} has no instance field of token {item.token}")
    else:
        _virtual(item, world)


def _virtual(item: PoolItem, world: World) -> None:
    if item.tag == 4 and item.class_ref & 0x8000:
        raise CapError("a super method reference names an imported class")
    package_visible = bool(item.token & 0x80)
    count = world.virtual_count(item.class_ref, package_visible)
    if count is not None and item.token & 0x7F >= count:
        raise CapError(f"class {world.class_name(item.class_ref)} has no virtual method of token {item.token}")
    if not item.class_ref & 0x8000 and world.info(item.class_ref).is_interface:
        raise CapError(f"class at {item.class_ref} is an interface")


def _pool(cap: CapFile, world: World) -> Iterator[str]:
    if len(world.descriptor.pool_types) != len(cap.pool):
        yield "Descriptor: the number of constant pool types is not that of the constant pool"
        return
    for n, item in enumerate(cap.pool):
        try:
            _pool_item(item, cap, world)
            offset = world.descriptor.pool_types[n]
            if item.tag == 1:
                if offset != 0xFFFF:
                    raise CapError("a class has a type in the Descriptor")
            elif item.tag in (2, 5):
                world.field_type(offset)
            else:
                world.signature(offset)
        except CapError as e:
            yield f"ConstantPool: entry {n}: {e}"


def _class(c: ClassInfo, world: World) -> Iterator[str]:
    for ref in c.supers:
        name = world.class_name(ref)
        if c.is_interface and world.is_interface(name) is False:
            yield f"interface at {c.offset} extends a class"
        if not c.is_interface and world.is_interface(name):
            yield f"class at {c.offset} extends an interface"
    if c.is_interface:
        return
    world.supers(f"@{c.offset}")
    parent = c.supers[0]
    for visible, base, table in ((False, c.public_base, c.public), (True, c.package_base, c.package)):
        inherited = world.virtual_count(parent, visible)
        if inherited is not None and (base > inherited or base + len(table) < inherited):
            yield f"class at {c.offset}: its method table does not hold the {inherited} inherited methods"
        for n, offset in enumerate(table):
            if offset == 0xFFFF:
                chain = world.supers(f"@{c.offset}")
                if (inherited is not None and base + n >= inherited) or (chain is not None and chain[1:] == []):
                    yield f"class at {c.offset}: method {base + n} is in no superclass"
            elif offset not in world.methods:
                yield f"class at {c.offset}: method {base + n} is at {offset}, where no method is"
    for i in c.interfaces:
        if world.is_interface(world.class_name(i.ref)) is False:
            yield f"class at {c.offset} implements a class"
        for token in i.tokens:
            if token >= c.public_base + len(c.public):
                yield f"class at {c.offset}: an interface method is mapped to the token {token}, which it has not"
    yield from _instance_fields(c, world)


def _instance_fields(c: ClassInfo, world: World) -> Iterator[str]:
    d = world.classes.get(c.offset)
    if d is None:
        return
    fields = [f for f in d.fields if not f.is_static]
    words = 0
    references = []
    for f in sorted(fields, key=lambda f: f.token):
        if f.token != words:
            yield f"class at {c.offset}: instance field tokens are not consecutive at {f.token}"
            return
        if not f.type & 0x8000:
            world.field_type(f.type)
            references.append(f.token)
        words += 2 if f.type == 0x8005 else 1
    first = references[0] if references else 0xFF
    consecutive = references == list(range(first, first + len(references))) if references else True
    if words != c.size:
        yield f"class at {c.offset}: declared instance size is {c.size}, the fields have {words} words"
    if (c.first_reference, c.reference_count) != (first, len(references)) or not consecutive:
        yield f"class at {c.offset}: the reference fields are not where it says"


def _classes(cap: CapFile, world: World) -> Iterator[str]:
    if set(world.classes) != set(world.infos) or len(world.descriptor.classes) != len(world.infos):
        yield "Descriptor: its classes are not those of the Class component"
        return
    for c in cap.classes.items:
        yield from _class(c, world)


def _methods(cap: CapFile, world: World) -> Iterator[str]:
    at = cap.methods.start
    handlers = 0
    for offset in sorted(world.methods):
        _, m = world.methods[offset]
        if offset != at:
            yield f"Method: the method at {offset} should be at {at}"
            return
        header, code = method_code(cap, m)
        if header.is_abstract != m.is_abstract or (m.is_abstract and m.size):
            yield f"Method: the method at {offset} is abstract in one place only"
        if not m.is_abstract and not code:
            yield f"Method: the method at {offset} has no code"
        signature = world.signature(m.type)
        if header.arguments != signature.words + (0 if m.is_static else 1):
            yield f"Method: the method at {offset} has {header.arguments} argument words, its type says otherwise"
        rows = cap.methods.handlers[m.first_handler : m.first_handler + m.handler_count]
        if len(rows) != m.handler_count:
            yield f"Descriptor: the handlers of the method at {offset} are not in the table"
        handlers += m.handler_count
        start = offset + header.size
        for n, h in enumerate(rows):
            last = not any(o.start < h.start + h.length and h.start < o.start + o.length for o in rows[n + 1 :])
            if h.stop != last:
                yield f"Method: a handler of the method at {offset} is {'' if last else 'not '}the last of its range"
            if not (start <= h.start < h.start + h.length <= start + m.size and start <= h.target < start + m.size):
                yield f"Method: a handler of the method at {offset} leaves it"
        at = start + m.size
    if at != len(cap.methods.info):
        yield f"Method: {len(cap.methods.info) - at} bytes belong to no method"
    if handlers != len(cap.methods.handlers):
        yield "Method: some exception handlers belong to no method"


def _locations(cap: CapFile, world: World) -> Iterator[str]:
    one: list[int] = []
    two = [1 + 8 * n + 6 for n, h in enumerate(cap.methods.handlers) if h.catch_type]
    allow_int = bool(cap.header.flags & ACC_INT)
    for offset in sorted(world.methods):
        _, m = world.methods[offset]
        if m.is_abstract:
            continue
        header, code = method_code(cap, m)
        for i in disassemble(code, f"method@{offset}"):
            if not allow_int and _is_int(i.name):
                yield f"method@{offset}, {i.address}: {i.name} in a package without int"
            if not i.pool_at or (i.name in ("checkcast", "instanceof") and i.operands[0] not in (0, 14)):
                continue
            if i.pool >= len(cap.pool):
                yield f"method@{offset}, {i.address}: constant pool index {i.pool} of {len(cap.pool)}"
            place = offset + header.size + i.address + i.pool_at
            wide = i.instruction.operands[-1].name == "POOL2" or i.name == "invokeinterface"
            (two if wide else one).append(place)
    places = cap.locations
    if sorted(one) != list(ReferenceLocations.places(places.one_byte)):
        yield "RefLocation: the one-byte indices are not where the code has them"
    if sorted(two) != list(ReferenceLocations.places(places.two_byte)):
        yield "RefLocation: the two-byte indices are not where the code has them"


def _is_int(name: str) -> bool:
    if name.startswith(("if", "invoke", "instanceof", "impdep")):
        return False
    return name.startswith(("i", "bipush", "sipush")) or name.endswith(("_i", "_i_w", "_i_this", "s2i"))


def _exports(cap: CapFile, world: World) -> Iterator[str]:
    for n, c in enumerate(cap.exports or ()):
        if c.offset not in world.classes:
            yield f"Export: there is no class at {c.offset}"
            continue
        if world.classes[c.offset].token != n:
            yield f"Export: class {n} has the token {world.classes[c.offset].token}"
        for offset in c.fields:
            if offset >= cap.statics.image_size:
                yield f"Export: static field {offset} is outside the image"
        for offset in c.methods:
            if offset not in world.methods:
                yield f"Export: there is no method at {offset}"
    for a in cap.applets:
        found = world.methods.get(a.install)
        if found is None or not found[1].is_static:
            yield f"Applet: there is no static method at {a.install}"
        elif (
            world.signature(found[1].type).parameters != ("[b", "s", "s")
            or world.signature(found[1].type).result != "v"
        ):
            yield f"Applet: the install method at {a.install} is not of type (byte[], short, byte)"


def _descriptor(cap: CapFile, world: World) -> Iterator[str]:
    for c in world.descriptor.classes:
        for f in c.fields:
            if not f.type & 0x8000:
                world.field_type(f.type)
            elif f.type not in (0x8002, 0x8003, 0x8004, 0x8005):
                yield f"Descriptor: field type 0x{f.type:04x}"
            if f.is_static and int.from_bytes(f.ref, "big") >= cap.statics.image_size:
                yield "Descriptor: a static field is outside the image"
        for m in c.methods:
            world.signature(m.type)


_CHECKS: tuple[_Check, ...] = (
    _header,
    _directory,
    _statics,
    _descriptor,
    _classes,
    check_descriptor,
    _methods,
    _pool,
    _locations,
    _exports,
)
"""Where a check cannot go on, the next ones may still find something."""
_LATER_CHECKS: tuple[_Check, ...] = (check_overrides, check_pool_types)
"""They follow superclasses and types, and rely on all that was checked before."""


def check_structure(cap: CapFile, world: World, findings: list[str]) -> None:
    """Add every fault of structure to `findings`; a check that cannot go on is a finding itself."""
    for checks in (_CHECKS, _LATER_CHECKS):
        for check in checks:
            try:
                findings.extend(check(cap, world))
            except CapError as e:
                findings.append(str(e))
        if findings:
            return
