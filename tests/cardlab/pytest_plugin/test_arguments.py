"""What tests write for commands: either it works, or the error says what to write."""

from __future__ import annotations

from tests.cardlab.pytest_plugin.project import Project
from tests.cardlab.pytest_plugin.test_outside_project import lines, project

__all__ = ["project"]

WORKS = """
    from itertools import count
    import pytest

    PIN = b"1234"

    DATA = [PIN, bytearray(PIN), memoryview(PIN), [0x31, 50, 51, 52], tuple(PIN), range(49, 53)]

    @pytest.mark.parametrize("data", DATA)
    def test_data(card, data):
        card.send(0x80, 0x20, data=data)
        card.send(0x80, 0x30, data=[1, 0])

    @pytest.mark.parametrize("expect", ["63Cx", "0x63C2", (0x9000, 0x63C2), ["9000", "63Cx"], "9000,63C2", "xxxx"])
    def test_expect(card, expect):
        card.send(0x80, 0x20, data=b"9999", expect=expect)

    def test_a_loop_over_moments_ends(card_factory):
        torn = []
        for moment in count(1):
            with card_factory() as card:
                card.send(0x80, 0x20, data=PIN)
                torn.append(card.tear(0x80, 0x30, data=[0, 1], at=moment))
            if not torn[-1]:
                break
        assert torn == [True] * (len(torn) - 1) + [False] and len(torn) > 2
"""

WRONG = """
    from cardlab.iso7816.apdu import CommandApdu

    def test_hexadecimal(card): card.send(0x80, 0x30, data="0102")
    def test_text(card): card.send(0x80, 0x20, data="PIN!")
    def test_number(card): card.send(0x80, 0x30, data=7)
    def test_none(card): card.send(0x80, 0x30, data=None)
    def test_too_large(card): card.send(0x80, 0x30, data=[1, 256])
    def test_instruction(card): card.send(0x80, "30")
    def test_expected(card): card.send(0x80, 0x52, expect=0x19000)
    def test_expected_none(card): card.send(0x80, 0x52, expect=None)
    def test_mask(card): card.send(0x80, 0x20, data=b"9999", expect=(0x9000, "69xx"))
    def test_moment_zero(card): card.tear(0x80, 0x30, at=0)
    def test_moment_before(card): card.tear(0x80, 0x30, at=-1)
    def test_lab_moment_before(card): card.transport._lower.cut_power_at(-1)
    def test_select(card): card.select("F00000000101")
    def test_transmit(card): card.transmit(b"\\x80\\x52\\0\\0")
    def test_p1(card): card.send(0x80, 0x30, 256)
"""

MESSAGES = {
    "test_hexadecimal": "data='0102' is text: write bytes.fromhex('0102') for hexadecimal, '0102'.encode() for char",
    "test_text": "data='PIN!' is text: write 'PIN!'.encode()",
    "test_number": "data=7 is no sequence of bytes: write bytes([7])",
    "test_none": 'data=None is no sequence of bytes: write b"" for none',
    "test_too_large": "data=[1, 256] holds what is no byte: write numbers from 0 to 255, or bytes",
    "test_instruction": "ins='30' is no number: write 0x30",
    "test_expected": '0x19000 is no status word: write 0x9000, "63Cx" (x stands for any digit), or several: (0x9000',
    "test_expected_none": "None is no status word: write 0x9000",
    "test_mask": "the card answered 63C2 (2 tries left), expected 9000 or 69xx",
    "test_moment_zero": "at=0: moments are counted from 1, so a loop begins with itertools.count(1)",
    "test_moment_before": "at=-1: moments are counted from 1",
    "test_lab_moment_before": "power cut at -1: moments are counted from 1",
    "test_select": "aid='F00000000101' is text: write bytes.fromhex('F00000000101')",
    "test_transmit": "transmit() takes a CommandApdu (cardlab.iso7816.apdu); for a command in bytes write",
    "test_p1": "p1 is 256, it must fit in one byte",
}


def test_what_people_write_works(project: Project) -> None:
    project.write("test_it.py", lines(WORKS))
    result = project.run("-q")
    assert "13 passed" in result.output, result.output


def test_what_cannot_work_is_told_what_to_write_where_the_test_wrote_it(project: Project) -> None:
    project.write("test_it.py", lines(WRONG))
    result = project.run("-q", COLUMNS="300")
    assert f"{len(MESSAGES)} failed" in result.output, result.output
    for name, message in MESSAGES.items():
        _, _, section = result.output.partition(f"_ {name} _")
        section = section.partition("\n____")[0]
        assert message in section, section
        assert name == "test_lab_moment_before" or "harness/" not in section, section  # not a line of ours


SECRETS = """
    import pytest
    from cardlab.pytest_plugin import Applet

    SEED, PIN = bytes.fromhex("AABB"), b"1234"

    def test_settings(card):
        card.send(0x80, 0x20, data=PIN)
        card.send(0x80, 0x30, data=SEED, expect=0x6F00)

    @pytest.mark.javacard_applet(secrets="show INS_VERIFY")
    def test_marker(card):
        card.send(0x80, 0x20, data=PIN)
        card.send(0x80, 0x30, data=SEED, expect=0x6F00)

    def test_blank(blank_card):
        blank_card.send(0x80, 0x30, data=SEED)

    def test_named(card_factory):
        applet = Applet.create(sources="src", class_name="com.example.purse.Purse", aid="F00000000101",
                               parameters=PIN, secrets=["show 8020"])
        with card_factory(applet) as card:
            card.send(0x80, 0x20, data=PIN)
            card.send(0x80, 0x30, data=SEED, expect=0x6F00)

    @pytest.mark.javacard_applet(secrets=["INS_SEED"])
    def test_unknown(card): ...
"""


def test_an_applet_says_which_of_its_commands_carry_secrets(project: Project) -> None:
    settings = (project.folder / "pyproject.toml").read_text(encoding="utf-8")
    project.write("pyproject.toml", settings + 'javacard_secrets = ["INS_CREDIT"]\n')
    project.write("test_it.py", lines(SECRETS))
    result = project.run("-q", "--record", "run.txt")
    assert "4 failed, 1 error" in result.output, result.output
    sections = {
        name: result.output.partition(f"_ {name} _")[2].partition("\n____")[0]
        for name in ("test_settings", "test_marker", "test_blank", "test_named")
    }
    for name, (pin, seed) in {
        "test_settings": (False, False),
        "test_marker": (True, True),  # the marker's are instead of the settings'
        "test_blank": (False, False),
        "test_named": (True, False),
    }.items():
        sent = [line for line in sections[name].splitlines() if line.strip().startswith("> ")]
        assert any("31323334" in line for line in sent) == pin, sections[name]
        assert any("AABB" in line for line in sent) == seed, sections[name]
        assert any("8030000002" in line for line in sent), sections[name]
    assert "the sources have no instruction INS_SEED" in result.output
    assert "they have INS_CREDIT, INS_DEBIT, INS_READ, INS_VERIFY" in result.output
    written = (project.folder / "run.txt").read_text(encoding="utf-8")
    assert written.count("hidden: xx30xxxx\n") == 2
    assert "hidden: show xx20xxxx\n" in written
    assert "hidden: xx30xxxx, show 8020xxxx\n" in written


def test_a_recording_with_secrets_of_the_applet_replays(project: Project) -> None:
    settings = (project.folder / "pyproject.toml").read_text(encoding="utf-8")
    project.write("pyproject.toml", settings + 'javacard_secrets = ["INS_CREDIT", "show 8020"]\n')
    project.write(
        "test_it.py",
        "def test_it(card):\n    card.send(0x80, 0x20, data=b'1234')\n    card.send(0x80, 0x30, data=b'\\1\\0')\n",
    )
    assert project.run("-q", "--record", "run.txt").code == 0
    text = (project.folder / "run.txt").read_text(encoding="utf-8")
    assert "> 8030000002[2 bytes]00" in text
    assert "> 80200000043132333400" in text
    assert "1 passed" in project.run("-q", "--card", "replay:run.txt").output
