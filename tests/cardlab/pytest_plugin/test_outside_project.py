"""What a project sees that installs this package and nothing else."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.cardlab.pytest_plugin.project import EXAMPLE, SETTINGS, Project


@pytest.fixture
def project(tmp_path: Path) -> Project:
    made = Project(tmp_path)
    made.write("pyproject.toml", SETTINGS)
    made.copy_purse()
    return made


FAILING = """
    import pytest
    from hypothesis import given, settings, strategies as st

    def test_balance(card):
        card.send(0x80, 0x20, data=b"1234")
        card.send(0x80, 0x40, data=b"\\x00\\x01")

    def test_random(card):
        numbers = card.transmit
        card.select(bytes.fromhex("A000000151000000"))
        print("challenge", card.send(0x80, 0x50, data=bytes(8)).hex())
        assert False

    @settings(deadline=None)
    @given(st.integers(1, 1000))
    def test_examples(card_factory, amount):
        with card_factory() as card:
            card.send(0x80, 0x20, data=b"1234")
            card.send(0x80, 0x30, data=amount.to_bytes(2, "big"))
            assert amount < 300
"""


def lines(text: str) -> str:
    """Python source without its common indentation."""
    return "\n".join(line.removeprefix("    ") for line in text.strip("\n").splitlines())


def cards(output: str) -> dict[str, str]:
    """The card section of each failed test."""
    parts = re.split(r"^_{3,} (\w+) _{3,}$", output, flags=re.MULTILINE)
    sections = zip(parts[1::2], parts[2::2], strict=True)
    return {name: text.split(" card -", 1)[1] for name, text in sections if " card -" in text}


def test_the_example_runs_as_it_is_in_a_folder_of_its_own(project: Project) -> None:
    project.write("test_purse.py", (EXAMPLE / "test_purse.py").read_text(encoding="utf-8"))
    result = project.run("-q", "-n", "2")
    assert result.code == 0, result.output
    assert re.search(r"^\d\d passed in ", result.output, re.MULTILINE), result.output


def test_a_failure_shows_seed_and_transcript_and_the_seed_repeats_it(project: Project) -> None:
    project.write("test_fails.py", lines(FAILING))
    result = project.run("-q")
    assert result.code == 1, result.output
    shown = cards(result.output)
    assert set(shown) == {"test_balance", "test_random", "test_examples"}
    balance = shown["test_balance"]
    assert "[installed com.example.purse.Purse as F00000000101 through SCP03]" in balance
    assert "> 8020000004[4 bytes]00  VERIFY" in balance  # the PIN is left out
    assert "31323334" not in balance
    assert "> 8040000002000100  DEBIT\n  < 6A84 (NOT ENOUGH)" in balance  # named as in the applet's source
    assert "DEBIT (80 40 00 00): the card answered 6A84" in result.output
    assert "012C" in shown["test_examples"]  # the smallest amount that fails, 300
    assert shown["test_examples"].count("CREDIT") == 1  # of the last example only

    seed = re.search(r"seed ([0-9a-f]{16})", shown["test_random"])
    assert seed
    challenge = r"challenge [0-9a-f]+"
    repeated = project.run("-q", "-k", "test_random", "--card-seed", seed[1]).output
    other = project.run("-q", "-k", "test_random", "--card-seed", "random").output
    first = re.findall(challenge, result.output)
    assert len(first) == 1
    assert re.findall(challenge, repeated) == first
    assert re.findall(challenge, other) != first


def test_an_applets_own_exception_is_shown_with_its_line(project: Project) -> None:
    source = project.folder / "src/com/example/purse/Purse.java"
    text = source.read_text(encoding="utf-8").replace("short) 4);", "short) 4); buffer[-1] = 0;")
    source.write_text(text, encoding="utf-8")
    line = next(number for number, one in enumerate(text.splitlines(), 1) if "buffer[-1]" in one)
    project.write("test_it.py", "def test_it(card):\n    card.send(0x80, 0x52)\n")
    output = project.run("-q").output
    assert "the card answered 6F00" in output
    place = rf"com\.example\.purse\.Purse\.read\(Purse\.java:{line}\)"
    assert len(re.findall(rf"java\.lang\.ArrayIndexOutOfBoundsException at {place}", output)) == 2, output


def test_secrets_are_shown_when_asked_for(project: Project) -> None:
    project.write("test_fails.py", lines(FAILING))
    assert "> 80200000043132333400  VERIFY" in project.run("-q", "-k", "balance", "--card-secrets").output


MISTAKES = """
    import pytest

    mark = pytest.mark.javacard_applet

    @mark(class_name="com.example.purse.Pures")
    def test_class_name(card): ...

    @mark(sources="nowhere")
    def test_sources(card): ...

    @mark(aid="F000")
    def test_short_aid(card): ...

    @mark(aid="F0xx")
    def test_no_hexadecimal(card): ...

    @mark(package_aid="A0000000010101")
    def test_providers_differ(card): ...

    @mark(package_aid="F00000000101")
    def test_same_aid(card): ...

    @mark(aid="A000000151000000")
    def test_aid_is_taken(card): ...

    @mark(parameters=b"12345")
    def test_install_throws(card): ...

    @mark(sources="broken", class_name="Broken")
    def test_compile_error(card): ...

    @mark(sources="plain", class_name="plain.Plain")
    def test_no_applet(card): ...

    @mark(sources="subset", class_name="subset.Subset")
    def test_not_java_card(card): ...

    @mark(klass="Purse")
    def test_unknown_argument(card): ...
"""

NOT_JAVA_CARD = """
    package subset;
    import javacard.framework.*;
    public class Subset extends Applet {
        public static void install(byte[] p, short o, byte l) {
            new Subset().register();
        }
        public void process(APDU apdu) {
            long sum = apdu.getBuffer()[0];
            String text = "sum " + sum;
            if (text.length() > 3) ISOException.throwIt((short) 0x6D00);
        }
    }
"""

MESSAGES = {
    "test_class_name": ["no class com.example.purse.Pures in ", "the applets there: com.example.purse.Purse"],
    "test_sources": ["there are no Java sources at ", "nowhere"],
    "test_short_aid": ["aid F000 has 2 bytes, an AID has 5 to 16"],
    "test_no_hexadecimal": ["aid 'F0xx' is not hexadecimal"],
    "test_providers_differ": ["differ in their first five bytes"],
    "test_same_aid": ["package_aid and aid are both F00000000101"],
    "test_aid_is_taken": ["com.example.purse.Purse was not installed"],
    "test_install_throws": [
        "com.example.purse.Purse was not installed: INSTALL answered 6A80",
        "install() threw javacard.framework.ISOException: 6A80 at ",
        "com.example.purse.Purse.<init>(Purse.java:",
    ],
    "test_compile_error": ["Broken.java:3: error: "],
    "test_no_applet": ["package plain is Java, but not Java Card:", "plain.Plain"],
    "test_not_java_card": [
        "package subset is Java, but not Java Card:",
        "subset.Subset.process line 8",
        "subset.Subset.process line 9",
    ],
    "test_unknown_argument": ["javacard_applet does not know klass"],
}


def test_each_mistake_has_its_message_and_no_traceback(project: Project) -> None:
    project.write("test_mistakes.py", lines(MISTAKES))
    project.write("broken/Broken.java", "import javacard.framework.*;\npublic class Broken {\n  int x = true;\n}\n")
    project.write("plain/Plain.java", "package plain;\npublic class Plain {}\n")
    project.write("subset/Subset.java", lines(NOT_JAVA_CARD))
    result = project.run("-q")
    assert result.code == 1
    assert f"{len(MESSAGES)} errors" in result.output, result.output
    parts = re.split(r"^_{3,} ERROR at setup of (\w+) _{3,}$", result.output, flags=re.MULTILINE)
    said = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert set(said) == set(MESSAGES)
    for test, wanted in MESSAGES.items():
        for text in wanted:
            assert text in said[test], f"{test}: {said[test]}"
        assert "Traceback" not in said[test]
        assert "harness/" not in said[test], said[test]  # not a line of ours


def test_without_an_applet_the_message_says_how_to_name_one(project: Project) -> None:
    project.write("pyproject.toml", "[tool.pytest.ini_options]\n")
    project.write("test_it.py", "def test_it(card): ...\ndef test_blank(blank_card): blank_card.manager()\n")
    result = project.run("-q")
    assert "1 passed, 1 error" in result.output, result.output
    assert "set javacard_sources, javacard_class and javacard_aid" in result.output


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ("--card", "tape"),
            "--card tape: there is no such kind of card (known kinds: dry:READER, pcsc:READER, replay:FILE, sim, vpcd)",
        ),
        (("--card", "sim:3"), "--card sim:3: sim takes no argument"),
        (("--installer", "gp"), "--installer gp and --card sim: GlobalPlatformPro reaches cards in readers only"),
        (("--card-seed", "xyz"), "--card-seed xyz is no seed"),
        (("--card-seed", "1" * 17), "--card-seed 11111111111111111 is no seed"),
    ],
)
def test_wrong_options_are_usage_errors(project: Project, arguments: tuple[str, ...], message: str) -> None:
    project.write("test_it.py", "def test_it(): ...\n")
    result = project.run(*arguments)
    assert result.code == pytest.ExitCode.USAGE_ERROR
    assert message in result.output


def test_a_run_without_cards_imports_and_starts_nothing(project: Project) -> None:
    project.write(
        "test_it.py",
        "import sys\n\ndef test_it():\n"
        "    loaded = [name for name in sys.modules if name.split('.')[0] in ('cardlab', 'jpype', 'cryptography')]\n"
        "    assert sorted(loaded) == ['cardlab', 'cardlab.pytest_plugin', 'cardlab.pytest_plugin.settings']\n",
    )
    result = project.run_anew("-q")
    assert "1 passed" in result.output, result.output


def test_changed_sources_are_compiled_again_and_unchanged_ones_are_not(project: Project) -> None:
    project.write("test_it.py", "def test_it(card):\n    assert card.send(0x80, 0x52) == bytes(4)\n")
    assert project.run("-q").code == 0
    stamps = {path: path.stat().st_mtime_ns for path in project.folder.glob(".cache/**/*.class")}
    assert stamps
    assert project.run("-q").code == 0
    assert stamps == {path: path.stat().st_mtime_ns for path in stamps}
    source = project.folder / "src/com/example/purse/Purse.java"
    source.write_text(
        source.read_text(encoding="utf-8").replace("INS_READ = 0x52", "INS_READ = 0x54"), encoding="utf-8"
    )
    result = project.run("-q")
    assert result.code == 1
    assert "the card answered 6D00" in result.output
