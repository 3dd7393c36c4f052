"""What is told of an exception that an applet did not catch: its reason, the API's method, the applet's lines."""

from __future__ import annotations

import pytest

from cardlab.runtime import jvm
from cardlab.runtime.reasons import REASONS, in_words
from tests.cardlab.pytest_plugin.project import Project
from tests.cardlab.pytest_plugin.test_outside_project import lines

APPLET = """\
package com.example;

import javacard.framework.*;
import javacard.security.*;
import javacardx.crypto.Cipher;

public class Odd extends Applet {
    static final byte[] NONE = {};
    private final short[] few = new short[2];

    Odd(byte mode) {
        if (mode == 1) few[2] = 1;
        if (mode == 2) ISOException.throwIt((short) 0x6A99);
        if (mode == 3) Cipher.getInstance((byte) 99, false);
        if (mode == 4) JCSystem.makeTransientByteArray((short) 30000, JCSystem.CLEAR_ON_RESET);
    }

    public static void install(byte[] array, short offset, byte length) {
        short at = (short) (offset + array[offset] + 1);
        at += (short) (array[at] + 1);
        new Odd(array[at] == 0 ? 0 : array[(short) (at + 1)]).register();
    }

    public void process(APDU apdu) {
        if (selectingApplet()) return;
        byte[] buffer = apdu.getBuffer();
        switch (buffer[ISO7816.OFFSET_INS]) {
            case 1: JCSystem.beginTransaction(); JCSystem.beginTransaction(); break;
            case 2: apdu.setOutgoingAndSend((short) 0, (short) 400); break;
            case 3: unset(buffer); break;
            case 4: deep((short) 6); break;
            case 5: deep((short) 30); break;
            case 6: UserException(); break;
            case 7: Util.arrayCopy(buffer, (short) 0, NONE, (short) 0, (short) 1); break;
            default: ISOException.throwIt(ISO7816.SW_INS_NOT_SUPPORTED);
        }
    }

    private void unset(byte[] buffer) {
        Key key = KeyBuilder.buildKey(KeyBuilder.TYPE_DES, KeyBuilder.LENGTH_DES, false);
        Cipher cipher = Cipher.getInstance(Cipher.ALG_DES_ECB_NOPAD, false);
        cipher.init(key, Cipher.MODE_ENCRYPT);
    }

    private short deep(short levels) {
        return levels == 0 ? few[9] : deep((short) (levels - 1));
    }

    private void UserException() {
        CryptoException.throwIt((short) 77);
    }
}
"""

TESTS = """
    import pytest

    @pytest.mark.parametrize("ins", range(1, 8))
    def test_it(card, ins):
        card.send(0x80, ins)

    @pytest.mark.javacard_applet(parameters=b"\\1")
    def test_install_1(card): ...

    @pytest.mark.javacard_applet(parameters=b"\\2")
    def test_install_2(card): ...

    @pytest.mark.javacard_applet(parameters=b"\\3")
    def test_install_3(card): ...

    @pytest.mark.javacard_applet(parameters=b"\\4")
    def test_install_4(card): ...
"""


def line(text: str) -> int:
    return next(number for number, one in enumerate(APPLET.splitlines(), 1) if text in one)


def at(method: str, text: str) -> str:
    return f" at com.example.Odd.{method}(Odd.java:{line(text)})"


DEEP = at("deep", "few[9]")
TOLD = {
    "test_it[1]": f"javacard.framework.TransactionException: IN_PROGRESS (1) in JCSystem.beginTransaction()"
    f"{at('process', 'case 1')}",
    "test_it[2]": f"javacard.framework.APDUException: BAD_LENGTH (3) in APDU.setOutgoingAndSend()"
    f"{at('process', 'case 2')}",
    "test_it[3]": f"javacard.security.CryptoException: UNINITIALIZED_KEY (2) in init()"
    f"{at('unset', 'cipher.init')}{at('process', 'case 3')}",
    "test_it[4]": f"java.lang.ArrayIndexOutOfBoundsException: Index 9 out of bounds for length 2{DEEP * 7}"
    f"{at('process', 'case 4')}\n",
    "test_it[5]": f"Index 9 out of bounds for length 2{DEEP * 8} and 24 more\n",
    "test_it[6]": f"javacard.security.CryptoException: 77 in CryptoException.throwIt()"
    f"{at('UserException', 'throwIt((short) 77)')}{at('process', 'case 6')}",
    "test_it[7]": f"destination index 1 out of bounds for byte[0] in Util.arrayCopy(){at('process', 'case 7')}",
    "test_install_1": f"INSTALL answered 6985 (conditions of use not satisfied); install() threw "
    f"java.lang.ArrayIndexOutOfBoundsException: Index 2 out of bounds for length 2{at('<init>', 'mode == 1')}"
    f"{at('install', 'new Odd(')}\n",
    "test_install_2": f"INSTALL answered 6A99 (meaning unknown); install() threw ISOException 6A99 in "
    f"ISOException.throwIt(){at('<init>', 'mode == 2')}{at('install', 'new Odd(')}\n",
    "test_install_3": f"; install() threw javacard.security.CryptoException: NO_SUCH_ALGORITHM (3) in "
    f"Cipher.getInstance()"
    f"{at('<init>', 'mode == 3')}{at('install', 'new Odd(')}\n",
    "test_install_4": f"INSTALL answered 6A84 (not enough memory); install() found no memory in "
    f"JCSystem.makeTransientByteArray(){at('<init>', 'mode == 4')}{at('install', 'new Odd(')}\n",
}


@pytest.fixture(scope="module")
def output(tmp_path_factory: pytest.TempPathFactory) -> str:
    project = Project(tmp_path_factory.mktemp("odd"))
    project.write(
        "pyproject.toml",
        '[tool.pytest.ini_options]\njavacard_sources = "src"\njavacard_class = "com.example.Odd"\n'
        'javacard_aid = "F00000000101"\n',
    )
    project.write("src/com/example/Odd.java", APPLET)
    project.write("test_it.py", lines(TESTS))
    return project.run("-q", "--card-runtime", "jcardsim", COLUMNS="600").output


@pytest.mark.parametrize("test", TOLD)
def test_what_is_told(output: str, test: str) -> None:
    section = output.partition(f" {test} __")[2].partition("\n______")[0]
    assert TOLD[test] in section + "\n", section or output


def test_the_reasons_are_those_of_the_api() -> None:
    """Each number has the name of the constant in the class, as far as the API at hand has the class."""
    jvm.start()
    seen = 0
    for name, reasons in REASONS.items():
        try:
            fields = jvm.java_class(name).class_.getDeclaredFields()
        except TypeError:  # later than the API at hand
            continue
        constants = {
            int(one.getShort(None)): str(one.getName())
            for one in fields
            if str(one.getType()) == "short" and str(one.getName()).isupper()
        }
        assert constants
        assert constants.items() <= {**reasons}.items(), name
        seen += 1
    assert seen >= 6


def test_reasons_in_words() -> None:
    assert in_words("javacard.security.CryptoException", 2) == "UNINITIALIZED_KEY (2)"
    assert in_words("javacard.framework.ISOException", 0x6A80 - 0x10000) == "6A80"
    assert in_words("javacard.framework.UserException", -3) == "-3"
