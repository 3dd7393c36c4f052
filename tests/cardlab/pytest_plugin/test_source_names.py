"""What an applet's sources call its instructions and status words."""

from __future__ import annotations

import pytest

from cardlab.pytest_plugin.source_names import SourceNames

PLAIN = "class A extends Applet { %s }"


@pytest.mark.parametrize(
    ("declared", "commands"),
    [
        ("static final byte INS_A = 0x10;", {0x10: "A"}),
        ("final static byte INS_A = 0x10;", {0x10: "A"}),
        ("private static final byte INS_A = (byte) 0xA4;", {0xA4: "A"}),
        ("public final static short INS_READ_ALL = 16;", {16: "READ ALL"}),
        ("static final byte INS_A = 1, INS_B = 2;", {1: "A", 2: "B"}),
        ("static final byte INS_A = (byte)0x81,\n    INS_B = (byte) (0x82);", {0x81: "A", 0x82: "B"}),
        ("byte INS_A = 1; byte INS_B = 2;", {1: "A", 2: "B"}),  # of an interface
        ("static final byte INS_A = -2;", {0xFE: "A"}),
        ("static final byte INS_A = 0b101, INS_B = 017, INS_C = 0x1_0;", {5: "A", 15: "B", 16: "C"}),
        ("static final byte BASE = 0x20; static final byte INS_A = (byte) (BASE + 1), INS_B = BASE | 8;",
         {0x21: "A", 0x28: "B"}),
        ("static final byte INS_B = Other.INS_A + 1; static final byte INS_A = 7;", {8: "B", 7: "A"}),
        ("// static final byte INS_A = 1;\n/* byte INS_B = 2; */ String s = \"byte INS_C = 3;\";", {}),
        ("static final byte INS_A = INS_B; static final byte INS_B = INS_A;", {}),
        ("byte INS_A = buffer[1]; short x = (short) (INS_ + 1);", {}),
        ("static final byte INS_A = 1 /* one */, INS_B /* two */ = 2; // INS_C = 3", {1: "A", 2: "B"}),
        ("static final byte INS_A = 1, INS_AGAIN = 1;", {1: "A"}),
    ],
)  # fmt: skip
def test_commands(declared: str, commands: dict[int, str]) -> None:
    assert SourceNames.parse([PLAIN % declared]) == SourceNames(commands, {})


def test_status_words_and_several_files() -> None:
    found = SourceNames.parse(
        [
            "interface Words { short SW_FULL = 0x6A84; short SW_BASE = (short) 0x6F10; }",
            "class A { static final short SW_NEXT = (short) (Words.SW_BASE + 1); final static byte INS_X = 3; }",
        ]
    )
    assert found == SourceNames({3: "X"}, {0x6A84: "FULL", 0x6F10: "BASE", 0x6F11: "NEXT"})
