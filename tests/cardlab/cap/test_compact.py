"""CAP format 2.3, compact (JCVM 3.1, chapter 6): what kits write for Java Card 3.1 and 3.2, and static resources."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from cardlab.cap.container import FILE_NAMES, Component, load_file, pack, with_header
from cardlab.cap.convert import Conversion
from cardlab.cap.convert.api import convert
from cardlab.cap.disasm import disassemble, method_code
from cardlab.cap.errors import CapError, ConversionError
from cardlab.cap.exportfile import read_exp, write_exp
from cardlab.cap.exports import builtin
from cardlab.cap.info import as_json, lines
from cardlab.cap.model import StaticResource, TokenMapping
from cardlab.cap.reader import CapFile, read_cap, read_load_file, write_cap
from cardlab.cap.verifier import verify
from cardlab.cli.cap import command
from cardlab.toolchain.api_jar import api_jar_file
from cardlab.toolchain.compile import compile_java
from tests.cardlab.cap.corpus import Case, digests, names, recorded
from tests.cardlab.cap.kit import EXPORT_FILE

PLATFORM = "3.1"
EXPORTS = builtin(PLATFORM)
RESOURCES = (StaticResource(1, b"hello resource"), StaticResource(7, b"AB"))


@pytest.fixture(scope="module")
def compact(corpus_classes: Path) -> dict[str, Conversion]:
    """The corpus for Java Card 3.1."""
    found: dict[str, Conversion] = {}
    for name in names():
        libraries = (found["library"].export,) if name == "user" else ()
        found[name] = Case(name, corpus_classes).convert(libraries, PLATFORM)
    return found


@pytest.fixture(scope="module")
def with_resources(corpus_classes: Path) -> CapFile:
    """An applet's package with two static resources."""
    case = Case("minimal", corpus_classes)
    return read_cap(convert(case.raw(), case.aid, (1, 0), case.applets, EXPORTS, (2, 3), RESOURCES).cap)


@pytest.mark.parametrize("name", names())
def test_components_are_those_of_the_kit(name: str, compact: dict[str, Conversion]) -> None:
    ours = {FILE_NAMES[tag]: data for tag, data in compact[name].components.items()}
    assert digests(ours) == recorded(PLATFORM)[name]["components"]


@pytest.mark.parametrize("name", names())
def test_export_files_are_those_of_the_kit(name: str, compact: dict[str, Conversion]) -> None:
    """Format 2.3: the packages that they name, and how many methods older packages inherit."""
    raw = write_exp(compact[name].export, (2, 3))
    assert digests({EXPORT_FILE: raw}) == recorded(PLATFORM)[name]["export"]
    assert write_exp(read_exp(raw), (2, 3)) == raw


NAMING = """package naming; public class A extends B implements javacardx.apdu.ExtendedLength {
public static javacard.security.Key k; public javacardx.crypto.Cipher m() { return null; }
public A(javacard.framework.APDU a) { } }
class B { javacardx.external.Memory hidden; }"""


def test_packages_are_named_in_the_order_of_their_first_use(tmp_path: Path) -> None:
    """As in a kit's export file: superclasses, interfaces, fields, methods of each class; not the order of imports."""
    source = tmp_path / "A.java"
    source.write_text(NAMING, "utf-8")
    classes = compile_java([source], tmp_path / "classes", classpath=[api_jar_file(PLATFORM)])
    raw = [file.read_bytes() for file in sorted(classes.rglob("*.class"))]
    made = convert(raw, bytes.fromhex("F000000001"), (1, 0), [], EXPORTS, (2, 3)).export
    found = [one.name for one in read_exp(write_exp(made, (2, 3)), "naming").references]
    assert found == ["java/lang", "javacardx/apdu", "javacard/security", "javacard/framework", "javacardx/crypto"]


@pytest.mark.parametrize("name", names())
def test_read_verified_and_written_again(name: str, compact: dict[str, Conversion]) -> None:
    raw = compact[name].cap
    cap = read_cap(raw)
    assert cap.header.format == (2, 3)
    assert write_cap(cap) == raw
    assert read_load_file(cap.load_file()).load_file() == cap.load_file()
    found = verify(cap, EXPORTS.plus([compact["library"].export]))
    assert (found.findings, found.notes) == ((), ())


def test_disassembled(compact: dict[str, Conversion], conversions: dict[str, Conversion]) -> None:
    """The code is what it is in format 2.1."""
    for name in names():
        texts = []
        for cap in (read_cap(compact[name].cap), read_cap(conversions[name].cap)):
            assert cap.descriptor is not None
            methods = [m for c in cap.descriptor.classes if not c.is_interface for m in c.methods]
            texts.append([[i.name for i in disassemble(method_code(cap, m)[1])] for m in methods])
        assert texts[0] == texts[1]


def test_static_resources_survive(with_resources: CapFile) -> None:
    assert with_resources.resources == RESOURCES
    # Tag and a size of four bytes, the count, number and length of each, then the data (a kit's file, byte for byte).
    assert with_resources.raw[Component.STATIC_RESOURCE].hex() == (
        "0d0000001e000200010000000e000700000002" + b"hello resourceAB".hex()
    )
    assert with_resources.directory.resource_size == 0x1E
    assert read_cap(write_cap(with_resources)).resources == RESOURCES
    assert read_load_file(with_resources.load_file()).resources == RESOURCES
    assert verify(with_resources, EXPORTS).findings == ()


def test_static_resources_are_described(with_resources: CapFile) -> None:
    facts = as_json(with_resources, EXPORTS, b"")
    assert facts["format"] == "2.3"
    assert facts["resources"] == {"1": 14, "7": 2}
    said = "\n".join(lines(with_resources, EXPORTS, b""))
    assert "StaticResources" in said
    assert "resource 7" in said


@pytest.mark.parametrize(
    ("resources", "cap_format", "words"),
    [
        (RESOURCES, (2, 1), "Java Card 3.1 or later"),
        ((RESOURCES[0], RESOURCES[0]), (2, 3), "given twice"),
        ((StaticResource(0x8000, b"x"),), (2, 3), "numbers are 0 to 32767"),
        ((StaticResource(1, b""),), (2, 3), "has 0 bytes"),
    ],
)
def test_what_no_applet_could_reach_is_refused(
    resources: tuple[StaticResource, ...], cap_format: tuple[int, int], words: str, corpus_classes: Path
) -> None:
    case = Case("minimal", corpus_classes)
    with pytest.raises(ConversionError, match=words) as caught:
        convert(case.raw(), case.aid, (1, 0), case.applets, EXPORTS, cap_format, resources)
    assert not any(one.line for one in caught.value.problems), "resources are in no source"


def changed(cap: CapFile, mapping: TokenMapping) -> CapFile:
    """The package with another mapping in its last class."""
    last = replace(cap.classes.items[-1], mapping=mapping)
    return read_cap(write_cap(replace(cap, classes=replace(cap.classes, items=(*cap.classes.items[:-1], last)))))


@pytest.mark.parametrize(
    ("tokens", "inheritable", "words"),
    [
        (bytes((0, 1, 2, 3, 4, 5, 6, 8)), 8, "mapped to the token 8 of the superclass, which has it not"),
        (bytes((0, 1, 2, 3, 4, 5, 6, 6)), 8, "two methods are mapped to one token"),
        (bytes((0, 1, 2, 3, 4, 5, 6, 255)), 8, "not all 8 tokens of the superclass are mapped"),
        (bytes((0, 1, 2, 3, 4, 5, 6, 7)), 9, "9 methods are inheritable, it has 8"),
    ],
)
def test_the_verifier_follows_the_token_mapping(
    tokens: bytes, inheritable: int, words: str, compact: dict[str, Conversion]
) -> None:
    cap = read_cap(compact["minimal"].cap)
    assert changed(cap, TokenMapping(bytes(range(8)), 8)).raw == cap.raw
    found = verify(changed(cap, TokenMapping(tokens, inheritable)), EXPORTS).findings
    assert len(found) == 1
    assert words in found[0]


@pytest.mark.parametrize(
    ("resources", "words"),
    [((), "has no resource"), ((RESOURCES[0], replace(RESOURCES[1], id=1)), "the same number")],
)
def test_the_verifier_looks_at_static_resources(
    resources: tuple[StaticResource, ...], words: str, with_resources: CapFile
) -> None:
    size = len(replace(with_resources, resources=resources).encode()[Component.STATIC_RESOURCE]) - 5
    made = replace(with_resources, resources=resources, directory=replace(with_resources.directory, resource_size=size))
    found = verify(read_cap(write_cap(made)), EXPORTS).findings
    assert len(found) == 1
    assert words in found[0]


def test_the_verifier_compares_the_directory(with_resources: CapFile) -> None:
    made = replace(with_resources, directory=replace(with_resources.directory, resource_size=29))
    assert verify(read_cap(write_cap(made)), EXPORTS).findings == (
        "Directory: component STATIC_RESOURCE has 30 bytes, not 29",
    )


def test_older_formats_have_no_static_resources(with_resources: CapFile, conversions: dict[str, Conversion]) -> None:
    parts = {**conversions["minimal"].components}
    parts[Component.STATIC_RESOURCE] = with_resources.raw[Component.STATIC_RESOURCE]
    with pytest.raises(CapError, match=r"only format 2\.3"):
        read_load_file(load_file(parts))


MODERN = """\
package modern;

public class Modern {
    static void build(boolean named) {
        if (named) {
            javacard.security.NamedParameterSpec.getInstance((short) 257);
        } else {
            javacard.framework.JCSystem.isArrayView(null);
        }
    }
}
"""


@pytest.mark.parametrize(
    ("platform", "words"),
    [
        (
            "3.0.4",
            "javacard.security.NamedParameterSpec is not exported by its package, version 1.5; Java Card 3.1 has it",
        ),
        ("3.0.4", "JCSystem.isArrayView(Ljava/lang/Object;)Z does not exist or is not exported; Java Card 3.1 has it"),
        ("3.1", ""),
    ],
)
def test_what_is_missing_is_said_with_the_version_that_has_it(platform: str, words: str, tmp_path: Path) -> None:
    source = tmp_path / "Modern.java"
    source.write_text(MODERN, "utf-8")
    out = compile_java(source, tmp_path / "classes", classpath=[api_jar_file("3.1")], warnings_are_errors=False)
    raw = [file.read_bytes() for file in out.rglob("*.class")]
    if not words:
        assert convert(raw, bytes.fromhex("F000000001"), (1, 0), [], builtin(platform), (2, 3)).cap
        return
    with pytest.raises(ConversionError) as refused:
        convert(raw, bytes.fromhex("F000000001"), (1, 0), [], builtin(platform))
    assert words in str(refused.value)


def extended(compact: dict[str, Conversion]) -> dict[Component, bytes]:
    """The components of a package with the flag of the extended format."""
    parts = {**compact["minimal"].components}
    info = bytearray(parts[Component.HEADER][3:])
    info[6] |= 8  # ACC_EXTENDED
    parts[Component.HEADER] = with_header(Component.HEADER, bytes(info))
    return parts


def test_the_extended_format_is_named(compact: dict[str, Conversion]) -> None:
    """Even where nothing behind the header can be read: sizes have four bytes there."""
    block = load_file(extended(compact))
    for raw in (block, block[:30] + b"\7\0\0\0\xff"):
        with pytest.raises(CapError, match="the extended format"):
            read_load_file(raw)


def test_an_extended_file_is_described(compact: dict[str, Conversion], tmp_path: Path) -> None:
    """As kits write one: public packages in the header, an applet's package and place, .capx for large components."""
    public, applet = bytes.fromhex("F000000001"), bytes.fromhex("F00000000201")
    header = bytes.fromhex("DECAFFED03020C0001") + lv(b"\xf0" + bytes(4)) + b"\1\0\1" + lv(public) + b"\0"
    imported = b"\1\x08\1" + lv(bytes.fromhex("A0000000620101"))
    parts = {
        "Header.cap": with_header(Component.HEADER, header),
        "Applet.cap": with_header(Component.APPLET, b"\1" + lv(applet) + bytes.fromhex("00006E")),
        "Import.cap": with_header(Component.IMPORT, imported),
        "Method.capx": b"\7" + (70_000).to_bytes(4, "big") + bytes(70_000),
    }
    file = tmp_path / "both.cap"
    file.write_bytes(pack({f"both/javacard/{name}": data for name, data in parts.items()}))
    with pytest.raises(CapError, match="the extended format"):
        read_cap(file.read_bytes())
    found = CliRunner().invoke(command, ["info", str(file)])
    assert found.exit_code == 0
    for words in ("2.3 extended", "package        F000000001", "applet         F00000000201", "Method          70005"):
        assert words in found.output
    told = json.loads(CliRunner().invoke(command, ["info", "--json", str(file)]).output)
    assert told["components"]["Method"] == 70_005
    assert [one["version"] for one in told["imports"]] == ["1.8"]


def lv(data: bytes) -> bytes:
    """Length and value."""
    return bytes((len(data),)) + data
