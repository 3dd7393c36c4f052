"""Classes with their fields and methods."""

from __future__ import annotations

from cardlab.cap.constants import NO_TOKEN
from cardlab.cap.explore.code import code
from cardlab.cap.explore.names import Names, class_anchor, method_anchor
from cardlab.cap.explore.sources import Sources
from cardlab.cap.explore.text import link, row, table, text
from cardlab.cap.explore.types import field_type
from cardlab.cap.explore.uses import Body
from cardlab.cap.model import ClassDescriptor, ClassRef, FieldDescriptor, MethodDescriptor


def classes(names: Names, found: dict[int, Body], sources: Sources) -> str:
    """The section; needs the Descriptor component."""
    if names.cap.descriptor is None:
        return "<p>There is no Descriptor component, so classes and methods cannot be told apart.</p>"
    return "".join(_class(one, names, found, sources) for one in names.cap.descriptor.classes)


def _class(one: ClassDescriptor, names: Names, found: dict[int, Body], sources: Sources) -> str:
    kind = "interface" if one.is_interface else "class"
    name = names.class_name(one.ref)
    size = sum(m.size for m in one.methods if not one.is_interface)
    title = f'<span class="kind">{kind}</span> <b>{text(name)}</b> <span class="dim">{_bytes(size)}</span>'
    methods = "".join(_method(m, one, names, found, sources) for m in one.methods)
    return (
        f'<details class="class" id="{class_anchor(one.ref)}" data-find="{text(name)}"><summary>{title}</summary>'
        f"{_above(one, names)}{_fields(one, names)}{methods}</details>"
    )


def _bytes(size: int) -> str:
    return f"{size:,} bytes of code" if size else ""


def _above(one: ClassDescriptor, names: Names) -> str:
    info = next((info for info in names.cap.classes.items if info.offset == one.ref), None)
    above = () if info is None or info.is_interface else info.supers
    words = [_flags(one.flags), _token(one.token)]
    words += [f"extends {_class_link(ref, names)}" for ref in above if ref != 0xFFFF]
    words += [f"implements {_class_link(ref, names)}" for ref in one.interfaces]
    return f'<p class="dim">{", ".join(filter(None, words))}</p>'


def _class_link(ref: ClassRef, names: Names) -> str:
    name = names.class_name(ref)
    return text(name) if ref.is_external else link(class_anchor(ref), name)


def _flags(flags: object) -> str:
    return text(str(getattr(flags, "name", "") or "").lower().replace("|", " "))


def _token(token: int) -> str:
    return "" if token == NO_TOKEN else f"token {token}"


def _fields(one: ClassDescriptor, names: Names) -> str:
    rows = [_field(one, field, names) for field in one.fields]
    return table(("field", "type", "", "place"), rows) if rows else ""


def _field(one: ClassDescriptor, field: FieldDescriptor, names: Names) -> str:
    descriptor = names.cap.descriptor
    kind = field_type(descriptor, field, names.class_name) if descriptor else "?"
    place = f"static image {field.image_offset}" if field.is_static else f"token {field.token}"
    name = text(names.field(one, field))
    found = f'<span data-find="{text(names.class_name(one.ref))}.{name}">{name}</span>'
    return row(found, text(kind), _flags(field.flags), place)


def _method(m: MethodDescriptor, owner: ClassDescriptor, names: Names, found: dict[int, Body], src: Sources) -> str:
    words = " ".join(filter(None, (_flags(m.flags), _token(m.token))))
    body = None if owner.is_interface else found.get(m.offset)
    if body is None:
        return f'<p class="method"><b>{text(names.method(m))}</b> <span class="dim">{words}</span></p>'
    title = f'<b>{text(names.method(m))}</b> <span class="dim">{words}, {m.size} bytes at {m.offset}</span>'
    full = f"{names.class_name(owner.ref)}.{names.method(m)}"
    return (
        f'<details class="method" id="{method_anchor(m.offset)}" data-find="{text(full)}"><summary>{title}</summary>'
        f"{code(body, names, src)}</details>"
    )
