"""Which packages are imported in which order, and how often a member of another package stands in the pool."""

from __future__ import annotations

from cardlab.cap.constants import PoolTag
from cardlab.cap.convert import convert
from cardlab.cap.exports import builtin
from cardlab.cap.reader import CapFile, read_cap
from cardlab.cap.verifier import verify
from tests.cardlab.cap.conftest import Compile
from tests.cardlab.cap.corpus import PLATFORM

EXPORTS = builtin(PLATFORM)
AID = bytes.fromhex("F000000001")
APPLET = """package used; import javacard.framework.*; import javacard.security.*; import javacardx.crypto.*;
public class Used extends Applet { %s
public static void install(byte[] b, short o, byte l) { new Used().register(); } public void process(APDU a) { %s } }"""


def _converted(compile_source: Compile, members: str, code: str) -> CapFile:
    classes = compile_source("Used", APPLET % (members, code))
    cap = read_cap(convert(classes, AID, (1, 0), [(AID + b"\1", "used.Used")], EXPORTS).cap)
    assert verify(cap, EXPORTS).findings == ()
    return cap


def _imports(cap: CapFile) -> list[str]:
    found = [EXPORTS.by_aid(p.aid) for p in cap.imports]
    return [p.name.replace("/", ".") for p in found if p is not None]


def test_superclasses_of_the_superclass_come_behind_the_methods(compile_source: Compile) -> None:
    cap = _converted(compile_source, "", "MessageDigest.getInstance((byte) 1, false).reset();")
    assert _imports(cap) == ["javacard.framework", "javacard.security", "java.lang"]


def test_fields_come_before_them(compile_source: Compile) -> None:
    cap = _converted(compile_source, "Object o; Cipher c;", "MessageDigest.getInstance((byte) 1, false).reset();")
    assert _imports(cap) == ["javacard.framework", "java.lang", "javacardx.crypto", "javacard.security"]


def test_an_imported_static_is_one_entry_through_whatever_class_it_is_named(compile_source: Compile) -> None:
    code = "Cipher.getInstance((byte) 1, false); AEADCipher.getInstance((byte) 1, false);"
    cap = _converted(compile_source, "", code)
    crypto = _imports(cap).index("javacardx.crypto")
    found = [i for i in cap.pool if i.tag is PoolTag.STATIC_METHOD and i.is_external and i.class_ref.package == crypto]
    assert len(found) == 1


def test_a_static_of_the_package_is_an_entry_for_each_class_that_it_is_named_through(compile_source: Compile) -> None:
    members = "static class A { static void f() { } } static class B extends A { }"
    cap = _converted(compile_source, members, "A.f(); B.f();")
    calls = [i for i in cap.pool if i.tag is PoolTag.STATIC_METHOD and not i.is_external]
    assert len(calls) - len(set(calls)) == 1
