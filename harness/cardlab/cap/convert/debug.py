"""The Debug component (JCVM 3.0.5, section 6.15): names and lines, for tools; cards never get it."""

from __future__ import annotations

from cardlab.cap.container import Component
from cardlab.cap.convert.classes import JClass, JField, JMethod
from cardlab.cap.convert.jpackage import JPackage
from cardlab.classfile.octets import u1, u2, u4


class Strings:
    """The table of strings; equal ones are kept once."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}

    def index(self, text: str) -> bytes:
        """The number of a string."""
        return u2(self._known.setdefault(text, len(self._known)))

    def encode(self) -> bytes:
        """Count, then each with its length."""
        raw = [text.encode() for text in self._known]
        return u2(len(raw)) + b"".join(u2(len(one)) + one for one in raw)


def debug_component(package: JPackage) -> bytes:
    """The component with tag and size; empty when it would be longer than 65,535 bytes. Variables are left out."""
    strings = Strings()
    name = strings.index(package.name)
    classes = [_class(one, strings) for one in package.classes]
    info = strings.encode() + name + u2(len(classes)) + b"".join(classes)
    return u1(Component.DEBUG) + u2(len(info)) + info if len(info) <= 0xFFFF else b""


def _class(one: JClass, strings: Strings) -> bytes:
    above = one.superclass.name if one.superclass else ""
    interfaces = [i.name for i in one.interfaces]
    fields = [f for f in one.fields if not f.inlined]
    head = strings.index(one.name) + u4(int(one.access)) + u2(one.offset) + strings.index(above)
    head += strings.index(one.file.source or "") + u1(len(interfaces)) + u2(len(fields)) + u2(len(one.methods))
    head += b"".join(strings.index(i) for i in interfaces)
    return head + b"".join(_field(f, strings) for f in fields) + b"".join(_method(m, strings) for m in one.methods)


def _field(one: JField, strings: Strings) -> bytes:
    place = u2(0) + u2(one.offset) if one.is_static else bytes(3) + u1(one.token)
    return strings.index(one.name) + strings.index(one.descriptor) + u4(int(one.access)) + place


def _method(one: JMethod, strings: Strings) -> bytes:
    head = strings.index(one.name) + strings.index(one.descriptor) + u4(int(one.access)) + u2(one.offset)
    head += u1(one.header_size) + u2(one.size) + u2(0) + u2(len(one.lines))
    ends = [at for at, _ in one.lines[1:]] + [one.size]
    rows = zip(one.lines, ends, strict=False)  # an abstract method has an end and no lines
    return head + b"".join(u2(at) + u2(max(at, end - 1)) + u2(line) for (at, line), end in rows)
