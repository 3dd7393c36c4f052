"""What cannot be converted is refused with class, method and line, all of it at once (JCVM 3.0.4, section 2.2)."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.cap.convert import Conversion, convert
from cardlab.cap.errors import ConversionError
from cardlab.cap.exports import Exports, builtin
from cardlab.cap.reader import read_cap
from cardlab.cap.verifier import verify
from cardlab.classfile.classfile import AccessFlag
from cardlab.classfile.errors import ClassFileError
from tests.cardlab.cap.conftest import Compile, CompileAll
from tests.cardlab.cap.handmade import class_file

AID = bytes.fromhex("F000000001")

LOOKS = [
    "if (# > 0) a = 1;",
    "a = (short) (# / 2);",
    "a = (short) (# >> 1);",
    "a = arr[#];",
    "switch (#) { case 1: a = 2; }",
]
OVERFLOWS = ["a + b", "a - b", "a * b", "-a", "a << 1", "c << 1", "a / b", "a >>> 1", "a ^ (b + 1)", "c + d + c"]
EXACT = [
    "c + d",
    "c - d",
    "c * d",
    "-c",
    "a & b",
    "a | 5",
    "~a",
    "a % b",
    "a >> b",
    "(a + b) & 0xFF",
    "(short) (a + b)",
]


def _line(n: int, statement: str) -> str:
    return f"static void m{n}(short a, short b, byte c, byte d, short[] arr, boolean z, Object o) {{ {statement} }}"


def _convert(compile_source: Compile, statements: list[str]) -> Conversion:
    body = "\n".join(_line(n, s) for n, s in enumerate(statements))
    raw = compile_source("Refuse", f"package refuse; class Refuse {{\n{body}\n}}")
    return convert(raw, AID, (1, 0), [], builtin())


def test_every_overflow_that_is_looked_at_is_an_error_with_its_line(compile_source: Compile) -> None:
    # '-a' and 'a / b' in '# / 2' and the like: every pair must be refused, one line each.
    statements = [look.replace("#", f"({value})") for look in LOOKS for value in OVERFLOWS]
    with pytest.raises(ConversionError) as caught:
        _convert(compile_source, statements)
    assert sorted({p.line for p in caught.value.problems}) == [n + 2 for n in range(len(statements))]
    assert {p.class_name for p in caught.value.problems} == {"refuse.Refuse"}
    assert {p.method for p in caught.value.problems} == {f"m{n}" for n in range(len(statements))}


def test_exact_values_may_be_looked_at(compile_source: Compile) -> None:
    _convert(compile_source, [look.replace("#", f"({value})") for look in LOOKS for value in EXACT])


def test_an_overflow_may_be_on_either_way_to_a_join(compile_source: Compile) -> None:
    with pytest.raises(ConversionError) as caught:
        _convert(compile_source, ["if ((z ? c : a + b) > 0) a = 1;", "if ((z ? a + b : c) > 0) a = 1;"])
    assert [p.line for p in caught.value.problems] == [2, 3]


def test_what_the_kits_overlook_is_an_error(compile_source: Compile) -> None:
    """They look at the right operand of | & ^ only (docs/reference/cap.md)."""
    values = ["(a + b) | 5", "(a << 8) | c", "(a * b) ^ a", "(a + b) & c", "(c << 9) | (d & 0xFF)"]
    statements = [look.replace("#", f"({value})") for look in LOOKS for value in values]
    with pytest.raises(ConversionError) as caught:
        _convert(compile_source, statements)
    assert [p.line for p in caught.value.problems] == [n + 2 for n in range(len(statements))]
    _convert(compile_source, [f"a = (short) ({value});" for value in values])


def test_what_never_needs_more_than_16_bits_is_no_error(compile_source: Compile) -> None:
    values = [
        "(c << 8) | (d & 0xFF)",
        "(c & 0x7F) << 8 | d",
        "(a + b) & 0x7F",
        "(a + b) | -32768",
        "(a << 3) & (c & 15) | 1",
    ]
    _convert(compile_source, [look.replace("#", f"({value})") for look in LOOKS for value in values])


UNSUPPORTED = {
    "int i = a; a = (short) i;": "int type of local variable i",
    "long l = a; a = (short) l;": "long",
    "float f = a; a = (short) f;": "float",
    "double f = a; a = (short) f;": "double",
    "char h = 'a'; a = (short) h;": "char",
    "if ((a & 0xFFFF) > 5) a = 1;": "int type constant 65535",
    "int[] x = new int[2];": "int[]",
    "byte[][] x = new byte[2][2];": "multidimensional",
    "Object[] x = new byte[2][];": "multidimensional",
    "synchronized (o) { a = 1; }": "synchronized",
    'o = "text";': "String type constant",
    "o = Object.class;": "Class type constant",
    "o.hashCode();": "int type of result",
    "o.toString();": "String type of result",
    "for (short x : arr) a += x;": "local variable",
    "new Thread().start();": "java.lang.Thread",
    "o = new java.util.ArrayList();": "java.util",
}


def test_every_unsupported_feature_is_named_with_its_line(compile_source: Compile) -> None:
    with pytest.raises(ConversionError) as caught:
        _convert(compile_source, list(UNSUPPORTED))
    for n, (statement, words) in enumerate(UNSUPPORTED.items()):
        found = [p.message for p in caught.value.problems if p.line == n + 2 and p.method == f"m{n}"]
        assert any(words in m for m in found), (statement, found)


DECLARATIONS = {
    "static int i;": "int type of field i",
    "String t;": "String type of field t",
    "byte[][] t;": "multidimensional",
    "synchronized void m() { }": "synchronized method",
    "native void m();": "native method",
    "protected void finalize() { }": "finalize",
    "long m() { return 1; }": "long type of the result",
    "void m(char q) { }": "char type of parameter 1",
    "static Object t = new Object();": "static initialiser",
    "static short t = 5; static short u = (short) (t + 1);": "static initialiser",
    "static byte[] t = {1};": "without applets",
    "enum E { A }": "java.lang.Enum",
}
HIERARCHIES = {
    "public class Refuse extends B { } class B { public void m() { } }": "package-visible",
    "public interface Refuse extends B { } interface B { void m(); }": "cannot extend",
    "class Refuse extends B { public void m() { } } class B { void m() { } }": "cannot be made public",
    "interface Refuse { byte[] T = {1, 2}; }": "unsupported field T of an interface",
    "interface Refuse { short K = 5; Object NONE = null; }": "unsupported field NONE of an interface",
}
ALLOWED = ["public class Refuse extends B { } class B { protected B() { } void m() { } }"]
"""Nearly as one of HIERARCHIES."""
CLASSES = {f"class Refuse {{ {more} }}": words for more, words in DECLARATIONS.items()} | HIERARCHIES


@pytest.fixture(scope="module")
def refused(compile_sources: CompileAll) -> Path:
    """The class files of CLASSES, package p0 and so on, and of ALLOWED, by one run of the compiler."""
    texts = enumerate([*CLASSES, *ALLOWED])
    return compile_sources({f"p{n}/Refuse.java": f"package p{n}; {text}" for n, text in texts})


def _compiled(text: str, folder: Path) -> list[bytes]:
    place = folder / f"p{[*CLASSES, *ALLOWED].index(text)}"
    return [file.read_bytes() for file in sorted(place.glob("*.class"))]


@pytest.mark.parametrize("text", CLASSES)
def test_declarations_and_hierarchies(text: str, refused: Path) -> None:
    with pytest.raises(ConversionError, match=CLASSES[text]) as caught:
        convert(_compiled(text, refused), AID, (1, 0), [], builtin())
    assert not any(one.line for one in caught.value.problems if not one.method), "class files have lines of code only"


@pytest.mark.parametrize("text", ALLOWED)
def test_hierarchies_that_are_sound(text: str, refused: Path) -> None:
    assert convert(_compiled(text, refused), AID, (1, 0), [], builtin()).cap


def test_applets_and_aids() -> None:
    raw = class_file(b"\xb1")
    applet = (AID + b"\x01", "hand.Hand")
    for aid, applets, exports, words in (
        (b"\x01", [], builtin(), "5 to 16"),
        (AID, [(b"\x01", "hand.Hand")], builtin(), "5 to 16"),
        (AID, [applet], builtin(), "no public static void install"),
        (AID, [applet], builtin(), "does not extend javacard.framework.Applet"),
        (AID, [(AID + b"\x01", "hand.Other")], builtin(), "not among the class files"),
        (AID, [], Exports(), "no export file"),
    ):
        with pytest.raises(ConversionError, match=words):
            convert([raw], aid, (1, 0), applets, exports)
    with pytest.raises(ConversionError, match="given twice"):
        convert([raw, raw], AID, (1, 0), [], builtin())
    with pytest.raises(ConversionError, match="one package"):
        convert([], AID, (1, 0), [], builtin())


OTHER = bytes.fromhex("F00000000201")
APPLET = """package twice; public class Twice extends javacard.framework.Applet {
public static void install(byte[] b, short o, byte l) { } public void process(javacard.framework.APDU a) { } }"""


@pytest.mark.parametrize(
    "applets, words",
    [
        ([OTHER], "AID F00000000201 has another provider than the package, F000000001"),
        ([AID + b"\1", AID + b"\1"], "AID F00000000101 is that of twice.Twice, too"),
        ([AID], "AID F000000001 is that of the package, too"),
    ],
)
def test_aids_of_applets(applets: list[bytes], words: str, compile_source: Compile) -> None:
    """JCVM 3.0.4, 4.2: a package and its applets have one provider; each has an AID of its own."""
    raw = compile_source("Twice", APPLET)
    assert convert(raw, AID, (1, 0), [(AID + b"\1", "twice.Twice")], builtin()).cap
    with pytest.raises(ConversionError, match=words):
        convert(raw, AID, (1, 0), [(aid, "twice.Twice") for aid in applets], builtin())


def test_an_abstract_applet_class(compile_source: Compile) -> None:
    raw = compile_source("Twice", APPLET.replace("public class", "public abstract class"))
    with pytest.raises(ConversionError, match="the applet class is abstract"):
        convert(raw, AID, (1, 0), [(AID + b"\1", "twice.Twice")], builtin())


SEVERAL = """package several; public class Several extends javacard.framework.Applet { Several() { }
public static void install(byte[] b, short o, byte l) { } public void process(javacard.framework.APDU a) { } }
class Shared extends Several implements javacard.framework.MultiSelectable {
public static void install(byte[] b, short o, byte l) { }
public boolean select(boolean b) { return true; } public void deselect(boolean b) { } }
class Inherits extends Shared { public static void install(byte[] b, short o, byte l) { } }"""


def test_all_applets_are_multiselectable_or_none(compile_source: Compile) -> None:
    """JCRE 3.0.5, 4.2; a class that is no applet does not count."""
    raw = compile_source("Several", SEVERAL)
    several, shared, inherits = (
        (AID + bytes((n,)), f"several.{c}") for n, c in enumerate(("Several", "Shared", "Inherits"))
    )
    for applets in ([several], [shared], [shared, inherits]):
        assert verify(read_cap(convert(raw, AID, (1, 0), applets, builtin()).cap), builtin()).findings == ()
    words = r"several\.Several: it does not implement MultiSelectable, and the applet several\.Inherits does"
    with pytest.raises(ConversionError, match=words):
        convert(raw, AID, (1, 0), [several, inherits], builtin())


def test_the_default_package() -> None:
    with pytest.raises(ConversionError, match="the default package cannot be converted; give Hand a package"):
        convert([class_file(b"\xb1", name="Hand")], AID, (1, 0), [], builtin())


@pytest.mark.parametrize("more, kind", [(AccessFlag.STATIC, "static"), (AccessFlag(0), "default")])
def test_methods_with_code_in_an_interface(more: AccessFlag, kind: str) -> None:
    """Java 8 has them, the card's interface_info has no place for them (6.9.2)."""
    interface = AccessFlag.INTERFACE | AccessFlag.ABSTRACT
    raw = class_file(b"\xb1", version=52, access=interface, method_access=AccessFlag.PUBLIC | more)
    with pytest.raises(ConversionError, match=rf"hand\.Hand\.run: unsupported {kind} method of an interface"):
        convert([raw], AID, (1, 0), [], builtin())


def test_remote_objects() -> None:
    """Their class_info would need what is not written (6.9.2); without it the card would take them for others."""
    raw = class_file(b"\xb1", parent="javacard/framework/service/CardRemoteObject")
    with pytest.raises(ConversionError, match=r"hand\.Hand: unsupported remote object"):
        convert([raw], AID, (1, 0), [], builtin())


def _classes(count: int, code: bytes) -> list[bytes]:
    return [class_file(code, name=f"hand/C{n}") for n in range(count)]


@pytest.mark.parametrize(
    "classes, words",
    [
        ([class_file(b"\0" * 32767 + b"\xb1")], r"hand\.Hand\.run: 32768 bytes of code; a method can have 32767"),
        ([class_file(b"\xb1", max_locals=256)], r"hand\.Hand\.run: more than 255 words"),
        ([class_file(b"\xb1", max_stack=256)], "more than 255 words"),
        ([class_file(b"\0\xb1", handlers=[(0, 1, 1)] * 256)], "256 exception handlers; a package can have 255"),
        (_classes(3, b"\0" * 22000 + b"\xb1"), "the methods have 66010 bytes"),
        (_classes(256, b"\xb1"), "256 classes; a package can have 255"),
        ([class_file(b"\xb1", parent="hand/Hand")], "its own superclass"),
        ([class_file(b"\xb1", name=f"hand/{a}", parent=f"hand/{b}") for a, b in ("AB", "BA")], "its own superclass"),
    ],
    ids=range(8),
)
def test_limits_of_the_format(classes: list[bytes], words: str) -> None:
    """JCVM 3.0.4, 2.2.4: what is too large is an error that names the number, never a wrapped one."""
    with pytest.raises(ConversionError, match=words):
        convert(classes, AID, (1, 0), [], builtin())


def test_versions() -> None:
    assert convert([class_file(b"\xb1", version=52)], AID, (1, 0), [], builtin()).package == "hand"
    for version in (44, 53, 65):
        with pytest.raises(ClassFileError, match="-target"):
            convert([class_file(b"\xb1", version=version)], AID, (1, 0), [], builtin())
