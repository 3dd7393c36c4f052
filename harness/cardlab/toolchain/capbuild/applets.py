"""The applets of a package when nobody names them: classes that extend Applet and can be installed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from cardlab.cap.convert.checks import APPLET, INSTALL
from cardlab.classfile.classfile import AccessFlag, ClassFile
from cardlab.errors import UsageError
from cardlab.iso7816 import aid as aids

_INSTALLS = AccessFlag.PUBLIC | AccessFlag.STATIC


def found_applets(aid: bytes, files: Sequence[ClassFile]) -> tuple[tuple[bytes, str], ...]:
    """Them in the order of their names, with the package's AID and 01, 02, ... behind it; UsageError without room."""
    known = {one.name: one for one in files}
    names = sorted(one.name.replace("/", ".") for one in files if _is_applet(one, known))
    if names and len(aid) >= aids.MAX_LENGTH:
        raise UsageError(
            f"{', '.join(names)}: no room for AIDs behind the package's {aids.text(aid)}",
            hint="name each as AID=class",
        )
    return tuple((aid + bytes((number,)), name) for number, name in enumerate(names, 1))


def _is_applet(one: ClassFile, known: Mapping[str, ClassFile]) -> bool:
    if one.access & (AccessFlag.ABSTRACT | AccessFlag.INTERFACE) or not _extends_applet(one, known):
        return False
    return any((m.name, m.descriptor) == INSTALL and m.access & _INSTALLS == _INSTALLS for m in one.methods)


def _extends_applet(one: ClassFile, known: Mapping[str, ClassFile]) -> bool:
    above = one.superclass
    while above is not None and above in known:
        above = known[above].superclass
    return above == APPLET
