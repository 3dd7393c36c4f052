"""What the class files may not hold (JCVM 3.0.4, section 2.2): checks before any code is converted."""

from __future__ import annotations

from cardlab.cap.convert.classes import REMOTE, VISIBLE, JClass, JMethod
from cardlab.cap.convert.jpackage import JPackage
from cardlab.cap.convert.problems import Problems
from cardlab.cap.convert.unsupported import unsupported
from cardlab.classfile.classfile import AccessFlag
from cardlab.classfile.descriptors import split_descriptor

INSTALL = ("install", "([BSB)V")
APPLET = "javacard/framework/Applet"
MULTISELECTABLE = "javacard/framework/MultiSelectable"
_MOST_ARGUMENTS = 127  # JCVM 3.0.4, 2.2.4.4
_MOST_INTERFACES = 15  # JCVM 3.0.4, 2.2.4.2
_MOST_CLASSES = 255  # JCVM 3.0.4, 2.2.4.1


def _line(m: JMethod) -> int:
    return m.code.line(0) if m.code is not None else 0


def _method(m: JMethod, ints: bool, problems: Problems) -> None:
    def report(message: str) -> None:
        problems.error(m.owner.name, m.name, _line(m), message)

    parameters, result = split_descriptor(m.descriptor)
    for n, p in enumerate(parameters, 1):
        if unsupported(p, ints):
            report(f"unsupported {unsupported(p, ints)} of parameter {n}")
    if result != "V" and unsupported(result, ints):
        report(f"unsupported {unsupported(result, ints)} of the result")
    if m.access & AccessFlag.SYNCHRONIZED:
        report("unsupported synchronized method")
    if m.access & AccessFlag.NATIVE:
        report("unsupported native method")
    if m.key == ("finalize", "()V"):
        report("unsupported method finalize: the card calls none")
    if m.argument_words > _MOST_ARGUMENTS:
        report(f"more than {_MOST_ARGUMENTS} words of arguments")


def _interface(c: JClass, problems: Problems) -> None:
    """Of an interface the card has abstract methods, and constants in place of fields (JCVM 3.0.4, 2.2.1.1 and 6.9)."""
    for m in c.file.methods:
        if m.code is not None and m.name != "<clinit>":
            kind = "static" if m.access & AccessFlag.STATIC else "default"
            problems.error(c.name, m.name, m.code.line(0), f"unsupported {kind} method of an interface")
    for f in c.fields:
        if not f.inlined:
            message = f"unsupported field {f.name} of an interface: only constants of primitive types can be there"
            problems.error(c.name, "", 0, message)


def _hierarchy(c: JClass, problems: Problems) -> None:
    parent = c.superclass
    hidden = c.is_public and isinstance(parent, JClass) and not parent.is_public
    if hidden and isinstance(parent, JClass) and any(m.access & VISIBLE and m.name != "<init>" for m in parent.methods):
        name = parent.name.replace("/", ".")
        problems.error(c.name, "", 0, f"its superclass {name} is package-visible but has public or protected methods")
    if len(c.interfaces) > _MOST_INTERFACES:
        problems.error(c.name, "", 0, f"{len(c.interfaces)} interfaces; a class can have {_MOST_INTERFACES}")
    if c.is_interface and c.is_public:
        for i in c.interfaces:
            if isinstance(i, JClass) and not i.is_public:
                message = f"a public interface cannot extend {i.name.replace('/', '.')}, which is package-visible"
                problems.error(c.name, "", 0, message)


def _multiselectable(package: JPackage, applets: list[str], problems: Problems) -> None:
    """All applets of a package are selectable on several channels at once, or none is (JCRE 3.0.5, 4.2)."""
    known = [c for name in applets if isinstance(c := package.resolve(name), JClass)]
    several = [c.name for c in known if package.is_subclass(c, MULTISELECTABLE)]
    if several and len(several) < len(known):
        for c in known:
            if c.name not in several:
                other = several[0].replace("/", ".")
                message = f"it does not implement MultiSelectable, and the applet {other} does; let both or neither"
                problems.error(c.name, "", 0, message)


def check(package: JPackage, applets: list[str], problems: Problems) -> None:
    """Note everything that cannot be converted; `applets` are the names (slashes) of the applet classes."""
    if len(package.classes) > _MOST_CLASSES:
        problems.error(package.name, "", 0, f"{len(package.classes)} classes; a package can have {_MOST_CLASSES}")
    for c in package.classes:
        if package.is_subclass(c, REMOTE):
            problems.error(c.name, "", 0, "unsupported remote object or interface (java.rmi.Remote)")
        _hierarchy(c, problems)
        if c.is_interface:
            _interface(c, problems)
        for m in c.methods:
            _method(m, package.ints, problems)
    _multiselectable(package, applets, problems)
    for name in applets:
        found = package.resolve(name)
        if not isinstance(found, JClass):
            problems.error(name, "", 0, "the applet class is not among the class files given")
            continue
        if found.access & AccessFlag.ABSTRACT:
            problems.error(name, "", 0, "the applet class is abstract")
        install = found.method(INSTALL)
        if install is None or not install.access & AccessFlag.STATIC or not install.access & AccessFlag.PUBLIC:
            problems.error(name, "", 0, "the applet class has no public static void install(byte[], short, byte)")
        if not package.is_subclass(found, APPLET):
            problems.error(name, "", 0, "the applet class does not extend javacard.framework.Applet")
