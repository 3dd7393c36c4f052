"""How much a package can have (JCVM 3.0.5, 2.2.4), and members that are others than when a class was compiled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cardlab.cap.convert import convert
from cardlab.cap.convert.manifest import manifest
from cardlab.cap.errors import ConversionError
from cardlab.cap.exports import builtin
from tests.cardlab.cap.conftest import CompileAll

AID = bytes.fromhex("F000000001")


def _many(count: int, one: str) -> str:
    return " ".join(one.replace("#", str(n)) for n in range(count))


def _interfaces(count: int) -> str:
    named = ", ".join(f"I{n}" for n in range(count))
    return _many(count, "interface I# { }") + f" class Much implements {named} {{ }}"


PROTECTED = "protected static void m#() { }"
VIRTUAL = "more than 128 public or 128 package-visible virtual methods"
ABOVE = f"class Above {{ {_many(200, 'byte f#;')} }}"
LIMITS: Mapping[str, tuple[Callable[[int], str], int, str]] = {
    "interfaces": (_interfaces, 15, "{} interfaces; a class can have 15"),
    "interface methods": (
        lambda count: f"interface Much {{ {_many(count, 'void m#();')} }}",
        128,
        "{} methods; an interface can have 128",
    ),
    "static methods": (
        lambda count: f"class Much {{ private Much() {{ }} {_many(count, PROTECTED)} }}",
        255,
        "{} visible static methods and constructors; a class can have 255",
    ),
    "static fields": (
        lambda count: f"class Much {{ {_many(count, 'public static byte f#;')} }}",
        255,
        "{} visible static fields; a class can have 255",
    ),
    "instance fields": (
        lambda count: f"{ABOVE} class Much extends Above {{ {_many(count - 200, 'short g#;')} }}",
        255,
        "{} instance fields with the inherited ones; a class can have 255",
    ),
    "public methods": (  # equals of java.lang.Object is one of the 128
        lambda count: f"class Much {{ {_many(count, 'public void m#() { }')} }}",
        127,
        VIRTUAL,
    ),
    "package-visible methods": (lambda count: f"class Much {{ {_many(count, 'void m#() { }')} }}", 128, VIRTUAL),
}
"""The source with so many, how many there can be, and what is said of more."""


def _raw(folder: Path) -> list[bytes]:
    return [file.read_bytes() for file in sorted(folder.glob("*.class"))]


@pytest.fixture(scope="module")
def packages(compile_sources: CompileAll) -> Path:
    """The class files of LIMITS at the limit and one beyond, of package most0, more0 and so on."""
    texts = {
        f"{name}{n}/Much.java": f"package {name}{n}; {source(limit + beyond)}"
        for n, (source, limit, _) in enumerate(LIMITS.values())
        for name, beyond in (("most", 0), ("more", 1))
    }
    return compile_sources(texts)


@pytest.mark.parametrize("what", LIMITS)
def test_the_most_and_one_more(what: str, packages: Path) -> None:
    n, (_, limit, words) = [*LIMITS].index(what), LIMITS[what]
    assert convert(_raw(packages / f"most{n}"), AID, (1, 0), [], builtin()).cap
    with pytest.raises(ConversionError) as caught:
        convert(_raw(packages / f"more{n}"), AID, (1, 0), [], builtin())
    [problem] = caught.value.problems
    assert (problem.class_name, problem.message) == (f"more{n}.Much", words.format(limit + 1))


@pytest.mark.parametrize("name", ["com.example." + "a" * 200, "jp.example." + "口座" * 40], ids=["letters", "kanji"])
def test_lines_of_the_manifest(name: str) -> None:
    """72 bytes with their ends at most (JAR File Specification, Notes on Manifest and Signature Files)."""
    made = manifest(name, AID, (1, 0), [], [], (2, 1), False)
    assert max(map(len, made.splitlines(keepends=True))) == 72
    assert f"Java-Card-Package-Name: {name}" in made.replace(b"\r\n ", b"").decode().splitlines()


USER = """package moved; class User extends Parent {
static void a(Library one) { one.method(); }
static void b() { Library.fixed(); }
static short c(Library one) { return one.field; }
static short d() { return Library.place; }
static void e(Face one) { one.look(); }
void f() { super.own(); }
static void g(Library one) { one.gone(); }
static short h(Library one) { return one.lost; }
static void i(Face one) { one.away(); }
static Object j() { return new Made((short) 1); }
}"""
BEFORE = """package moved; class Library { short field; static short place; short lost;
void method() { } static void fixed() { } void gone() { } }
class Parent { void own() { } } interface Face { void look(); void away(); }
class Made { Made(short a) { } }"""
AFTER = """package moved; class Library implements Face { static short field; short place;
static void method() { } void fixed() { } public void look() { } }
class Parent { static void own() { } } interface Face { void look(); }
class Sized { Sized() { } Sized(short a) { } } class Made extends Sized { }"""
CHANGED = {
    "a": "method moved.Library.method is static",
    "b": "method moved.Library.fixed is not static",
    "c": "field moved.Library.field is static",
    "d": "field moved.Library.place is not static",
    "f": "method moved.Parent.own is static or abstract",
    "g": "method moved.Library.gone()V does not exist or is not exported",
    "h": "field moved.Library.lost does not exist or is not exported",
    "i": "method moved.Face.away()V does not exist or is not exported",
    "j": "constructor moved.Made.<init>(S)V does not exist or is not exported",
}


def test_members_that_have_changed_since(compile_sources: CompileAll) -> None:
    """A class that was not compiled again with those that it uses."""
    old = compile_sources({"moved/User.java": USER, "moved/Library.java": BEFORE}) / "moved"
    new = compile_sources({"moved/Library.java": AFTER}) / "moved"
    assert convert(_raw(old), AID, (1, 0), [], builtin()).cap
    with pytest.raises(ConversionError) as caught:
        convert([*_raw(new), (old / "User.class").read_bytes()], AID, (1, 0), [], builtin())
    told = {one.method: one.message for one in caught.value.problems}
    assert told.keys() == CHANGED.keys()
    assert {method: told[method][: len(words)] for method, words in CHANGED.items()} == CHANGED


def test_an_interface_that_became_a_class(compile_sources: CompileAll) -> None:
    call = "package face; class User { static void a(Face one) { one.look(); } }"
    old = compile_sources({"face/User.java": call, "face/Face.java": "package face; interface Face { void look(); }"})
    new = compile_sources({"face/Face.java": "package face; class Face { void look() { } }"})
    raw = [(old / "face" / "User.class").read_bytes(), (new / "face" / "Face.class").read_bytes()]
    with pytest.raises(ConversionError, match=r"face\.Face is not an interface"):
        convert(raw, AID, (1, 0), [], builtin())


@pytest.mark.parametrize("kind", ["boolean", "byte", "short"])
def test_arrays_that_there_are(kind: str, arrays: Path) -> None:
    assert convert(_raw(arrays / f"{kind}s"), AID, (1, 0), [], builtin()).cap


@pytest.mark.parametrize("kind", ["char", "int", "long", "float", "double"])
def test_arrays_that_there_are_not(kind: str, arrays: Path) -> None:
    with pytest.raises(ConversionError) as caught:
        convert(_raw(arrays / f"{kind}s"), AID, (1, 0), [], builtin())
    assert [one.message for one in caught.value.problems if "array" in one.message] == [
        f"unsupported array type {kind}[]"
    ]


@pytest.fixture(scope="module")
def arrays(compile_sources: CompileAll) -> Path:
    """A package for each primitive type, with a class that makes an array of it."""
    kinds = ("boolean", "byte", "short", "char", "int", "long", "float", "double")
    text = "package #s; class Made { static Object made() { return new #[2]; } }"
    return compile_sources({f"{kind}s/Made.java": text.replace("#", kind) for kind in kinds})
