"""Files that break one rule of the verifier, for rules that no change of one byte breaks alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from cardlab.cap import model as m
from cardlab.cap.constants import (
    ELSEWHERE,
    NO_TOKEN,
    ClassAccess,
    ClassFlag,
    FieldAccess,
    MethodAccess,
    PackageFlag,
    PoolTag,
)
from cardlab.cap.convert import convert
from cardlab.cap.convert.checks import MULTISELECTABLE
from cardlab.cap.disasm import method_code
from cardlab.cap.exports import builtin
from cardlab.cap.opcodes import Opcode
from cardlab.cap.reader import CapFile, read_cap
from cardlab.cap.verifier import Rule
from cardlab.classfile.classfile import AccessFlag
from tests.cardlab.cap.editing import (
    again,
    at_name,
    descriptor,
    sized,
    with_class,
    with_code,
    with_descriptor,
    with_method,
    with_type_table,
)
from tests.cardlab.cap.handmade import class_file

COMPACT = "spare in format 2.3"
_PARENT_PLACE = 6  # among the classes
Corpus = Mapping[str, CapFile]
Negative = Callable[[Corpus], CapFile]

ISO7816 = 0x8100  # class_ref of that interface of javacard.framework in `spare`
CHILD, PARENT = 60, 30  # the offsets of classes of `spare`


def _method(cap: CapFile, offset: int) -> m.MethodDescriptor:
    return next(x for c in descriptor(cap).classes if not c.is_interface for x in c.methods if x.offset == offset)


def _owner(cap: CapFile, method: m.MethodDescriptor) -> int:
    return next(n for n, c in enumerate(descriptor(cap).classes) if not c.is_interface and method in c.methods)


def _called(cap: CapFile, words: str) -> m.MethodDescriptor:
    """The method of `spare` with that part."""
    classes = {c.ref: c for c in descriptor(cap).classes}
    rest = next(c for c in classes.values() if sum(f.is_static for f in c.fields) == 2 and c.token == 0xFF)
    statics = [x for x in rest.methods if x.is_static]
    child, parent = classes[m.ClassRef(CHILD)], classes[m.ClassRef(PARENT)]
    return {
        "Rest.install": statics[0],
        "Rest.prepare": statics[1],
        "Rest.room": statics[2],
        "Rest.objects": statics[3],
        "Child()": next(x for x in child.methods if x.is_constructor),
        "Parent.get": next(x for x in parent.methods if x.token == 3),
        "Parent.guarded": next(x for x in parent.methods if x.token == 2),
        "Parent.still": next(x for x in parent.methods if x.is_static),
        "Parent.truth": next(x for x in parent.methods if x.token == 0x80),
    }[words]


def room_of(cap: CapFile) -> m.MethodDescriptor:
    """The method of `spare` that gets other code."""
    return _called(cap, "Rest.room")


def _static(cap: CapFile, method: m.MethodDescriptor) -> bytes:
    """The constant pool index, two bytes, of a reference to a static method or constructor."""
    data = b"\0" + method.offset.to_bytes(2, "big")
    return cap.pool.index(m.PoolItem(PoolTag.STATIC_METHOD, data)).to_bytes(2, "big")


def room(*code: int | bytes, integers: bool = False) -> Negative:
    """`short room(short a, byte[] b, Object o, Child c)` of `spare` with that code; 4 words of stack, 6 of locals."""

    def made(corpus: Corpus) -> CapFile:
        cap = corpus["spare"]
        changed = with_code(cap, _bytes(code), _called(cap, "Rest.room"))
        if not integers:
            return changed
        return sized(replace(changed, header=replace(cap.header, flags=cap.header.flags | PackageFlag.INT)))

    return made


def _bytes(code: tuple[int | bytes, ...]) -> bytes:
    return b"".join(c if isinstance(c, bytes) else bytes((c,)) for c in code)


def _constructor(*code: int) -> Negative:
    """The constructor of Child with other code."""
    return lambda corpus: with_code(corpus["spare"], bytes(code), _called(corpus["spare"], "Child()"))


# Files and components


def _without_descriptor(corpus: Corpus) -> CapFile:
    return sized(replace(corpus["spare"], descriptor=None))


def _applet_of_package(corpus: Corpus) -> CapFile:
    cap = corpus["spare"]
    package = replace(cap.header.package, aid=cap.applets[0].aid)
    return sized(replace(cap, header=replace(cap.header, package=package)))


def _applet_twice(corpus: Corpus) -> CapFile:
    cap = corpus["spare"]
    return sized(replace(cap, applets=cap.applets * 2, directory=replace(cap.directory, applet_count=2)))


def _installed_by(words: str) -> Negative:
    def made(corpus: Corpus) -> CapFile:
        cap = corpus["spare"]
        return again(replace(cap, applets=(replace(cap.applets[0], install=_called(cap, words).offset),)))

    return made


def _one_applet_multiselectable(_: Corpus) -> CapFile:
    """Two applets; abstract, so that they need no methods, which the converter would not let be applets."""
    install = {"method": "install", "descriptor": "([BSB)V", "parent": "javacard/framework/Applet"}
    access = {"access": AccessFlag.ABSTRACT, "method_access": AccessFlag.STATIC | AccessFlag.PUBLIC}
    raw = [
        class_file(b"\xb1", name="hand/One", interfaces=[MULTISELECTABLE], **install, **access),  # type: ignore[arg-type]
        class_file(b"\xb1", name="hand/Two", **install, **access),  # type: ignore[arg-type]
    ]
    aid = bytes.fromhex("F000000001")
    cap = read_cap(convert(raw, aid, (1, 0), [], builtin()).cap)
    statics = [x for c in descriptor(cap).classes for x in c.methods if x.is_static]
    applets = tuple(m.Applet(aid + bytes((n,)), x.offset) for n, x in enumerate(statics))
    header = replace(cap.header, flags=cap.header.flags | PackageFlag.APPLET)
    return sized(replace(cap, header=header, applets=applets, directory=replace(cap.directory, applet_count=2)))


def _imports_itself(corpus: Corpus) -> CapFile:
    cap = corpus["kinds"]
    framework = cap.imports[1].aid
    return sized(replace(cap, header=replace(cap.header, package=replace(cap.header.package, aid=framework))))


def _exports_exchanged(corpus: Corpus) -> CapFile:
    cap = corpus["library"]
    assert cap.exports is not None
    first, second, *rest = cap.exports
    return again(replace(cap, exports=(second, first, *rest)))


def _other_exports(what: str) -> Negative:
    """The library's class Trouble is final, a field or a method of Base is protected: only its export file shows it."""

    def made(corpus: Corpus) -> CapFile:
        cap = corpus["library"]
        base, trouble = (n for n, c in enumerate(descriptor(cap).classes) if not c.is_interface)
        if what == "class":
            return with_descriptor(cap, trouble, flags=descriptor(cap).classes[trouble].flags | ClassAccess.FINAL)
        c = descriptor(cap).classes[base]
        if what == "field":
            field = next(f for f in c.fields if FieldAccess.PUBLIC in f.flags)
            other = replace(field, flags=FieldAccess.PROTECTED | field.flags & FieldAccess.STATIC)
            return with_descriptor(cap, base, fields=tuple(other if f is field else f for f in c.fields))
        method = next(x for x in c.methods if MethodAccess.PUBLIC in x.flags and x.is_static)
        return with_method(cap, method, flags=MethodAccess.PROTECTED | MethodAccess.STATIC)

    return made


def _one_export_fewer(corpus: Corpus) -> CapFile:
    cap = corpus["library"]
    assert cap.exports is not None
    return sized(replace(cap, exports=cap.exports[:-1]))


def _other_superclass(corpus: Corpus) -> CapFile:
    """Trouble extends CardException, the superclass of its own; its code, which needs the other, never ends."""
    cap = corpus["library"]
    framework = builtin().package("javacard/framework")
    above = framework.by_name("javacard/framework/CardException") if framework else None
    assert above is not None
    n, trouble = list(enumerate(descriptor(cap).classes))[-1]
    ref = m.ClassRef(cap.classes.items[n].supers[0] & 0xFF00 | above.token)
    changed = with_class(cap, n, supers=(ref,))
    for method in trouble.methods:
        changed = with_code(changed, bytes((Opcode.GOTO, 0)), method)
    return changed


def _reference_among_numbers(corpus: Corpus) -> CapFile:
    cap = corpus["kinds"]
    statics = replace(cap.statics, reference_count=1, default_bytes=cap.statics.default_bytes + 2)
    return again(replace(cap, statics=statics))


# Format 2.3


def _resource_size(corpus: Corpus) -> CapFile:
    cap = corpus[COMPACT]
    return again(replace(cap, directory=replace(cap.directory, resource_size=1)))


def _resources(*numbers: int) -> Negative:
    def made(corpus: Corpus) -> CapFile:
        return sized(replace(corpus[COMPACT], resources=tuple(m.StaticResource(n, b"\0") for n in numbers)))

    return made


def mapped(*first: int, inheritable: int = 1) -> Negative:
    """The first public methods of Parent, the first of which is equals(), stand for these of java.lang.Object."""

    def made(corpus: Corpus) -> CapFile:
        cap = corpus[COMPACT]
        n = at_name(cap, descriptor(cap).classes[_PARENT_PLACE].ref)
        mapping = cap.classes.items[n].mapping
        assert mapping is not None
        tokens = bytes(first) + mapping.tokens[len(first) :]
        changed = m.TokenMapping(tokens, mapping.inheritable if inheritable == 1 else inheritable)
        return with_class(cap, n, mapping=changed)

    return made


# Classes


def _final_parent(corpus: Corpus) -> CapFile:
    cap = corpus["spare"]
    return with_descriptor(cap, at_name(cap, PARENT), flags=ClassAccess.FINAL)


def _extends_interface(corpus: Corpus) -> CapFile:
    """The class Empty extends ISO7816; its constructor never ends, so that it need not call another."""
    cap = corpus["spare"]
    place = 4
    empty = cap.classes.items[place]
    method = next(x for x in descriptor(cap).classes[place].methods if x.is_constructor)
    changed = with_class(cap, place, supers=(m.ClassRef(ISO7816),), public_base=0)
    assert not empty.public
    return with_code(changed, bytes((Opcode.GOTO, 0)), method)


def _remote(corpus: Corpus) -> CapFile:
    return with_class(corpus["spare"], -1, flags=ClassFlag.REMOTE, remote=m.Remote((), b"", b"", ()))


def _elsewhere(corpus: Corpus) -> CapFile:
    return with_class(corpus["spare"], -1, public=(ELSEWHERE,))


def _implements(first: int, second: int, tokens: bytes | None = None) -> Negative:
    """The class Parent implements other types, by their places; its methods of the interfaces may be others, too."""

    def made(corpus: Corpus) -> CapFile:
        cap = corpus["spare"]
        n = at_name(cap, PARENT)
        refs = tuple(m.ClassRef(cap.classes.items[i].offset) for i in (first, second))
        old = cap.classes.items[n].interfaces
        interfaces = tuple(
            m.Interface(ref, i.tokens if tokens is None else tokens) for ref, i in zip(refs, old, strict=True)
        )
        return with_descriptor(with_class(cap, n, interfaces=interfaces), n, interfaces=refs)

    return made


def _interface_in_one_place(corpus: Corpus) -> CapFile:
    return with_descriptor(corpus["shared"], 1, flags=ClassAccess.PUBLIC | ClassAccess.ABSTRACT)


def _final_interface(corpus: Corpus) -> CapFile:
    """An interface is abstract already; no class extends it."""
    cap = corpus["shared"]
    n = next(n for n, c in enumerate(descriptor(cap).classes) if c.is_interface)
    return with_descriptor(cap, n, flags=descriptor(cap).classes[n].flags | ClassAccess.FINAL)


def _not_abstract(corpus: Corpus) -> CapFile:
    return with_descriptor(corpus["kinds"], 3, flags=ClassAccess.PUBLIC)


def _field_token(corpus: Corpus) -> CapFile:
    """The field `never`, which nothing uses and which comes last."""
    cap = corpus["spare"]
    *before, never = descriptor(cap).classes[-1].fields
    moved = replace(never, token=never.token + 1, ref=never.ref[:2] + bytes((never.token + 1,)))
    return with_descriptor(cap, -1, fields=(*before, moved))


def _static_token(corpus: Corpus) -> CapFile:
    cap = corpus["spare"]
    n = _owner(cap, _called(cap, "Rest.room"))
    first, second = descriptor(cap).classes[n].fields
    return with_descriptor(cap, n, fields=(first, replace(second, token=2)))


def _final_method(corpus: Corpus) -> CapFile:
    cap = corpus["spare"]
    return with_method(cap, _called(cap, "Parent.get"), flags=MethodAccess.PUBLIC | MethodAccess.FINAL)


def _one_type_too_few(corpus: Corpus) -> CapFile:
    """Of the last constant, a class, which has none."""
    cap = corpus["kinds"]
    return with_type_table(cap, descriptor(cap).pool_types[:-1])


def _type_inside_another(corpus: Corpus) -> CapFile:
    """The type of a field of class Last holds the two bytes that stand for ()Z."""
    cap = corpus["spare"]
    d, truth = descriptor(cap), _called(corpus["spare"], "Parent.truth")
    at = d.types.index(bytes.fromhex("0560012001"[:8]))
    return with_method(cap, truth, type=2 + 2 * len(d.pool_types) + at + 2)


# Methods


def _no_code(corpus: Corpus) -> CapFile:
    """The last method, whose code nothing else needs, without it."""
    cap = corpus["spare"]
    last = max((x for c in descriptor(cap).classes if not c.is_interface for x in c.methods), key=lambda x: x.offset)
    header, _ = method_code(cap, last)
    emptied = with_code(cap, b"", last)
    methods = replace(emptied.methods, info=emptied.methods.info[: last.offset + header.size])
    return with_method(replace(emptied, methods=methods), last, size=0)


def _this_of_static(corpus: Corpus) -> CapFile:
    cap = corpus["spare"]
    return with_code(cap, bytes((Opcode.GETFIELD_S_THIS, 0, Opcode.SRETURN)), _called(cap, "Rest.objects"))


def _special_of_static(corpus: Corpus) -> CapFile:
    cap = corpus["spare"]
    code = bytes((Opcode.ALOAD_3, Opcode.INVOKESPECIAL)) + _static(cap, _called(cap, "Parent.still"))
    return room(code, Opcode.SCONST_0, Opcode.SRETURN)(corpus)


def _super_of_another(corpus: Corpus) -> CapFile:
    cap = corpus["spare"]
    item = m.PoolItem(PoolTag.SUPER_METHOD, bytes((0, PARENT, 3)))
    pool = tuple(item if i.tag is PoolTag.SUPER_METHOD else i for i in cap.pool)
    return again(replace(cap, pool=pool))


def _depending_on_the_way(corpus: Corpus) -> CapFile:
    """The constructor of Parent calls its superclass's only when its argument is true."""
    cap = corpus["spare"]
    parent = next(c for c in descriptor(cap).classes if c.ref == PARENT)
    method = next(x for x in parent.methods if x.is_constructor)
    _, old = method_code(cap, method)
    call = old[:4]  # aload_0, invokespecial
    return with_code(cap, bytes((Opcode.SLOAD_1, Opcode.IFEQ, 6)) + call + bytes((Opcode.RETURN,)), method)


def _pool_index(cap: CapFile, tag: PoolTag, data: bytes) -> bytes:
    return cap.pool.index(m.PoolItem(tag, data)).to_bytes(2, "big")


def _class_index(cap: CapFile, offset: int) -> bytes:
    return _pool_index(cap, PoolTag.CLASS, offset.to_bytes(2, "big") + b"\0")


def _cast_of_no_type(corpus: Corpus) -> CapFile:
    index = _class_index(corpus["spare"], PARENT)
    return room(Opcode.ALOAD_2, Opcode.INSTANCEOF, 5, index, Opcode.SRETURN)(corpus)


def _private_of_an_array(corpus: Corpus) -> CapFile:
    """A method of Parent calls the private one on what is no Parent."""
    cap = corpus["spare"]
    methods = descriptor(cap).classes[at_name(cap, PARENT)].methods
    own = next(x for x in methods if MethodAccess.PRIVATE in x.flags)
    caller = next(x for x in methods if x.token == 0x82)
    code = (Opcode.SCONST_0, Opcode.NEWARRAY, 11, Opcode.INVOKESPECIAL, _static(cap, own), Opcode.RETURN)
    return with_code(cap, _bytes(code), caller)


def _private_elsewhere(corpus: Corpus) -> CapFile:
    """A method that another class calls becomes private."""
    cap = corpus["spare"]
    method = _called(cap, "Rest.room")
    return with_method(cap, method, flags=method.flags | MethodAccess.PRIVATE)


def _protected_elsewhere(corpus: Corpus) -> CapFile:
    """The constructor of Applet in a class that is none, where it is never reached."""
    applet = _pool_index(corpus["spare"], PoolTag.STATIC_METHOD, bytes.fromhex("810300"))
    return room(Opcode.SCONST_0, Opcode.SRETURN, Opcode.INVOKESPECIAL, applet)(corpus)


def _made_by_another(corpus: Corpus) -> CapFile:
    cap = corpus["spare"]
    parent = descriptor(cap).classes[at_name(cap, PARENT)]
    constructor = next(x for x in parent.methods if x.is_constructor)
    make = (Opcode.NEW, _class_index(cap, CHILD), Opcode.SCONST_0, Opcode.INVOKESPECIAL, _static(cap, constructor))
    return room(*make, Opcode.SCONST_0, Opcode.SRETURN)(corpus)


def _new_interface(corpus: Corpus) -> CapFile:
    """The class that only `room` names becomes an interface."""
    cap = corpus["spare"]
    index = _class_index(cap, PARENT)
    pool = list(cap.pool)
    pool[int.from_bytes(index, "big")] = m.PoolItem(PoolTag.CLASS, bytes(3))
    changed = room(Opcode.NEW, index, Opcode.POP, Opcode.SCONST_0, Opcode.SRETURN)(corpus)
    return again(replace(changed, pool=tuple(pool)))


def _not_in_table(corpus: Corpus) -> CapFile:
    """A static method that nothing calls becomes a virtual one, which needs one word of arguments more."""
    cap = corpus["spare"]
    method = _called(cap, "Rest.prepare")
    info = bytearray(cap.methods.info)
    info[method.offset + 1] += 0x10
    changed = replace(cap, methods=replace(cap.methods, info=bytes(info)))
    return with_method(changed, method, flags=MethodAccess(0), token=0x80)


def _language_with_super(_: Corpus) -> CapFile:
    raw = class_file(b"\xb1", access=AccessFlag.PUBLIC, method_access=AccessFlag.STATIC)
    cap = read_cap(convert([raw], bytes.fromhex("A0000000620001"), (1, 9), [], builtin()).cap)
    [info] = cap.classes.items
    classes = replace(cap.classes, items=(replace(info, supers=(m.ClassRef(0),), public_base=0),))
    return sized(replace(cap, classes=classes, imports=(), directory=replace(cap.directory, import_count=0)))


def _own_superclass(corpus: Corpus) -> CapFile:
    """The class Empty, whose constructor never ends here."""
    cap = corpus["spare"]
    method = next(x for x in descriptor(cap).classes[4].methods if x.is_constructor)
    changed = with_class(cap, 4, supers=(m.ClassRef(cap.classes.items[4].offset),))
    return with_code(changed, bytes((Opcode.GOTO, 0)), method)


def _own_superinterface(corpus: Corpus) -> CapFile:
    cap = corpus["spare"]
    own = cap.classes.items[3]
    return with_class(cap, 3, supers=(m.ClassRef(own.offset), own.supers[1]))


def _half_a_short(corpus: Corpus) -> CapFile:
    cap = corpus["house"]
    first, shorts, *rest = cap.statics.arrays
    statics = replace(cap.statics, arrays=(first, replace(shorts, values=shorts.values[1:]), *rest))
    directory = replace(cap.directory, array_bytes=cap.directory.array_bytes - 1)
    return sized(replace(cap, statics=statics, directory=directory))


def _longer_image(corpus: Corpus) -> CapFile:
    cap = corpus["spare"]
    size = cap.statics.image_size + 1
    statics = replace(cap.statics, image_size=size, default_bytes=cap.statics.default_bytes + 1)
    return again(replace(cap, statics=statics, directory=replace(cap.directory, image_size=size)))


def _more_types(text: str, *, used: bool) -> Negative:
    """One more type descriptor, which may become that of a static method that nothing calls."""

    def made(corpus: Corpus) -> CapFile:
        cap = corpus["spare"]
        d = descriptor(cap)
        at = 2 + 2 * len(d.pool_types) + len(d.types)
        changed = replace(cap, descriptor=replace(d, types=d.types + bytes.fromhex(text)))
        return with_method(changed, _called(cap, "Rest.prepare"), type=at) if used else sized(changed)

    return made


def _typed_class(corpus: Corpus) -> CapFile:
    cap = corpus["spare"]
    d = descriptor(cap)
    classes = [n for n, item in enumerate(cap.pool) if item.tag is PoolTag.CLASS]
    types = tuple(d.pool_types[0] if n == classes[0] else t for n, t in enumerate(d.pool_types))
    return again(replace(cap, descriptor=replace(d, pool_types=types)))


def one_entry_more(tag: PoolTag, text: str, like: PoolTag) -> Negative:
    """A constant that no code names, of the type of the last one of a kind."""

    def made(corpus: Corpus) -> CapFile:
        cap = corpus["spare"]
        types = descriptor(cap).pool_types
        of_kind = [n for n, item in enumerate(cap.pool) if item.tag is like]
        changed = with_type_table(cap, (*types, types[of_kind[-1]]))
        return sized(replace(changed, pool=(*cap.pool, m.PoolItem(tag, bytes.fromhex(text)))))

    return made


def _byte_of_no_method(corpus: Corpus) -> CapFile:
    cap = corpus["spare"]
    return sized(replace(cap, methods=replace(cap.methods, info=cap.methods.info + b"\0")))


def _imports_twice(corpus: Corpus) -> CapFile:
    cap = corpus["spare"]
    imports = (*cap.imports, cap.imports[0])
    return sized(replace(cap, imports=imports, directory=replace(cap.directory, import_count=len(imports))))


NEGATIVES: Mapping[Rule, Negative] = {
    Rule.DESCRIPTOR_PRESENT: _without_descriptor,
    Rule.APPLET_PACKAGE: _applet_of_package,
    Rule.APPLET_TWICE: _applet_twice,
    Rule.APPLET_CLASS: _installed_by("Rest.install"),
    Rule.APPLET_SELECTION: _one_applet_multiselectable,
    Rule.IMPORT_ITSELF: _imports_itself,
    Rule.EXPORT_TOKEN: _exports_exchanged,
    Rule.DIRECTORY_RESOURCES: _resource_size,
    Rule.RESOURCE_NONE: _resources(),
    Rule.RESOURCE_TWICE: _resources(1, 1),
    Rule.MAPPING_TOKEN: mapped(0, 0x20),
    Rule.MAPPING_TWICE: mapped(0, 0),
    Rule.MAPPING_ALL: mapped(NO_TOKEN),
    Rule.MAPPING_INHERITABLE: mapped(inheritable=50),
    Rule.OWN_CLASSES: _one_export_fewer,
    Rule.OWN_CLASS_FLAGS: _other_exports("class"),
    Rule.OWN_SUPERTYPES: _other_superclass,
    Rule.OWN_FIELDS: _other_exports("field"),
    Rule.OWN_METHODS: _other_exports("method"),
    Rule.STATIC_REFERENCES: _reference_among_numbers,
    Rule.CLASS_EXTENDS_FINAL: _final_parent,
    Rule.CLASS_EXTENDS_INTERFACE: _extends_interface,
    Rule.CLASS_REMOTE: _remote,
    Rule.TABLE_ELSEWHERE: _elsewhere,
    Rule.IMPLEMENTS_CLASS: _implements(4, 1, b"\1"),
    Rule.IMPLEMENTS_TWICE: _implements(1, 1),
    Rule.INTERFACE_COUNT: _implements(2, 1),
    Rule.INTERFACE_PUBLIC: _implements(0, 1, b"\2"),
    Rule.DESCRIPTOR_INTERFACE: _interface_in_one_place,
    Rule.ABSTRACT_FINAL: _final_interface,
    Rule.ABSTRACT_METHOD: _not_abstract,
    Rule.FIELD_TOKENS: _field_token,
    Rule.STATIC_FIELD_TOKENS: _static_token,
    Rule.OVERRIDE_FINAL: _final_method,
    Rule.POOL_TYPES: _one_type_too_few,
    Rule.TYPE_PLACE: _type_inside_another,
    Rule.METHOD_EMPTY: _no_code,
    Rule.FIELD_STATIC_THIS: _this_of_static,
    Rule.SPECIAL_STATIC: _special_of_static,
    Rule.SUPER_CLASS: _super_of_another,
    Rule.STACK_EMPTY: room(Opcode.POP, Opcode.SCONST_0, Opcode.SRETURN),
    Rule.DUP_X: room(Opcode.SCONST_0, Opcode.SCONST_0, Opcode.DUP_X, 0x21, Opcode.SRETURN),
    Rule.SWAP_X: room(Opcode.SCONST_0, Opcode.SWAP_X, 0x01, Opcode.SRETURN),
    Rule.CAST_TYPE: _cast_of_no_type,
    Rule.SPECIAL_RECEIVER: _private_of_an_array,
    Rule.PRIVATE_ACCESS: _private_elsewhere,
    Rule.PROTECTED_ACCESS: _protected_elsewhere,
    Rule.RETURN_ADDRESS: room(Opcode.RET, 0),
    Rule.CONSTRUCTOR_NEW: _made_by_another,
    Rule.NEW_INTERFACE: _new_interface,
    Rule.VIRTUAL_TABLE: _not_in_table,
    Rule.OBJECT_SUPER: _language_with_super,
    Rule.CLASS_CIRCLE: _own_superclass,
    Rule.INTERFACE_CIRCLE: _own_superinterface,
    Rule.STATIC_ARRAY_SIZE: _half_a_short,
    Rule.STATIC_IMAGE_SIZE: _longer_image,
    Rule.TYPE_USED: _more_types("0120", used=False),
    Rule.TYPE_WHOLE: _more_types("02", used=False),
    Rule.TYPE_EMPTY: _more_types("00", used=True),
    Rule.TYPE_METHOD: _more_types("041431", used=True),
    Rule.TYPE_INT: _more_types("035410", used=True),
    Rule.POOL_CLASS_TYPE: _typed_class,
    Rule.POOL_STATIC_METHOD: one_entry_more(PoolTag.STATIC_METHOD, "000001", PoolTag.STATIC_METHOD),
    Rule.POOL_SUPER: one_entry_more(PoolTag.SUPER_METHOD, "810301", PoolTag.VIRTUAL_METHOD),
    Rule.METHOD_ALL: _byte_of_no_method,
    Rule.IMPORT_TWICE: _imports_twice,
    Rule.SUPER_ONCE: _depending_on_the_way,
    Rule.THIS_OVERWRITTEN: _constructor(Opcode.ACONST_NULL, Opcode.ASTORE_0, Opcode.RETURN),
    Rule.THIS_UNFINISHED: _constructor(Opcode.RETURN),
    Rule.STACK_INT: room(Opcode.SCONST_0, Opcode.SCONST_0, Opcode.I2S, Opcode.SRETURN, integers=True),
    Rule.LOCAL_INT: room(Opcode.ILOAD_0, Opcode.I2S, Opcode.SRETURN, integers=True),
    Rule.INT_SPLIT: room(Opcode.ICONST_0, Opcode.SCONST_0, Opcode.POP2, Opcode.SCONST_0, Opcode.SRETURN, integers=True),
    Rule.INT_HALF: room(Opcode.ICONST_0, Opcode.POP, Opcode.POP, Opcode.SCONST_0, Opcode.SRETURN, integers=True),
}
"""For each rule a file that breaks it and no other."""
