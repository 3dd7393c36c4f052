"""``jpki card``: the cards it serves, as other programs see them, and what it says of any card."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import pytest

from cardlab.card.config import DEFAULT_ATR, DEFAULT_KEYS
from cardlab.cli.ending import until_told
from cardlab.errors import SecureChannelError
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.atr import Atr
from cardlab.reader import VirtualReader
from cardlab.reader.daemon import PrivateDaemon
from cardlab.reader.server import Link
from cardlab.reader.view import View
from cardlab.transport.pcsc import PcscTransport, list_readers
from jpki.certificates.indicator import AccessSource, parse_signed_attributes
from jpki.cli import run
from jpki.client.constants import Slot
from jpki.client.errors import WrongPinError
from jpki.client.sample import SAMPLE_PINS
from jpki.client.user import JpkiClient
from tests.jpki.pcsc.echo import EchoCard
from tests.waiting import PATIENCE, wait_for

Insert = Callable[..., VirtualReader]

OTHER_ATR = "3BFD1300008131FE158073C021C057597562694B657940"


@dataclass(frozen=True)
class Serving:
    """A running ``jpki card serve`` and the file that it writes to."""

    process: subprocess.Popen[bytes]
    said_file: Path

    @property
    def said(self) -> str:
        return self.said_file.read_text()

    def wait_for(self, text: str) -> None:
        """Until it has said this, while it runs."""
        wait_for(lambda: text in self.said or self.process.poll() is not None)
        assert text in self.said, self.said

    def end(self, by: signal.Signals = signal.SIGINT) -> int:
        """Interrupt it; returns its exit code."""
        self.process.send_signal(by)
        return self.process.wait(PATIENCE)


@contextmanager
def serving(folder: Path, *options: str, **environment: str) -> Iterator[Serving]:
    """``jpki card serve`` with these options; ended when it has not ended by itself."""
    said = folder / "said"
    command = [sys.executable, "-m", "jpki.cli", "card", "serve", *options]
    with said.open("wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.STDOUT, env={**os.environ, **environment})
    with process:
        try:
            yield Serving(process, said)
        finally:
            process.kill()


def jpki_json(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> object:
    """What a command prints with ``--json``."""
    assert run([*arguments, "--json"]) == code
    return json.loads(capsys.readouterr().out)


@pytest.mark.slow
@pytest.mark.parametrize(("interface", "option"), [("usb", "usb"), ("hci", "hci"), ("hci", "usb")])
def test_an_element_that_is_reached_over_another_medium(
    pcscd: PrivateDaemon, tmp_path: Path, interface: str, option: str
) -> None:
    """D5: shown with the card's own ATR; whoever installs the applet says whether its TSM may use the medium."""
    port, name = str(pcscd.ports[3]), f"pcsc:{pcscd.readers[3]}"
    with serving(tmp_path, "--port", port, "--profile", "empty", "--interface", interface) as served:
        served.wait_for("in the reader at 127.0.0.1:" + port)
        wait_for(lambda: list_readers()[3].atr)
        assert list_readers()[3].atr == DEFAULT_ATR
        assert run(["card", "install", "--card", name, "--keys", "test", "--not-contactless", option]) == 0
        with PcscTransport.open(pcscd.readers[3]) as card:
            JpkiClient(card).select()
            if interface == option:
                assert SecureChannelLayer.open(card, DEFAULT_KEYS).level is SecurityLevel.FULL
            else:
                with pytest.raises(SecureChannelError, match="6985"):
                    SecureChannelLayer.open(card, DEFAULT_KEYS)
        assert served.end() == 0
    wait_for(lambda: list_readers()[3].atr is None)


@pytest.mark.slow
def test_a_served_card_keeps_its_state(
    pcscd: PrivateDaemon, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Contactless (D5), with a wrong PIN; interrupted, served again over contacts: the try is still counted."""
    port, state = str(pcscd.ports[3]), str(tmp_path / "card.json")
    with serving(tmp_path, "--port", port, "--state", state, "--interface", "type-a") as served:
        served.wait_for("in the reader at 127.0.0.1:" + port)
        wait_for(lambda: list_readers()[3].atr)
        [*_, found] = list_readers()
        assert found.atr is not None
        assert Atr.parse(found.atr).is_contactless
        with PcscTransport.open(found.name) as card:
            assert card.protocol == "T=1"
            user = JpkiClient(card)
            user.select()
            user.verify(Slot.SIGNING, SAMPLE_PINS[Slot.SIGNING])
            signed = user.sign_with_indicator(Slot.SIGNING, sha256(b"text").digest())
            assert parse_signed_attributes(signed.signed_attributes).indicator.source is AccessSource.CONTACTLESS
            with pytest.raises(WrongPinError):
                user.verify(Slot.SIGNING, b"WRONGPIN1")
        assert served.end() == 0
        assert f"saved to {state}" in served.said
        assert re.search(r"^[\d:.]{12}  VERIFY 0020009B09\[9 bytes\] -> 9000 \(success\), ", served.said, re.MULTILINE)
        assert b"PASSWORD1".hex().upper() not in served.said
        assert " SIGN WITH INDICATOR 802E009A20" in served.said
    wait_for(lambda: list_readers()[3].atr is None)
    with serving(tmp_path, "--port", port, "--state", state, "--quiet", "--atr", OTHER_ATR) as served:
        wait_for(lambda: list_readers()[3].atr == bytes.fromhex(OTHER_ATR))
        card_name = f"pcsc:{pcscd.readers[3]}"
        found_now = jpki_json(capsys, "card", "info", "--card", card_name, "--keys", "test")
        assert isinstance(found_now, dict)
        assert found_now["jpki"]["slots"] == {
            "signing": {"certificate": True, "tries_left": 4},
            "authentication": {"certificate": True, "tries_left": 3},
        }
        kinds = {entry["kind"]: entry["state"] for entry in found_now["registry"]}
        assert kinds == {"issuer": "OP_READY", "application": "SELECTABLE", "load file": "LOADED"}
        assert served.end(signal.SIGTERM) == 0
        assert "GET DATA" not in served.said


@pytest.mark.slow
def test_a_service_of_its_own_for_as_many_cards_as_one_likes(tmp_path: Path) -> None:
    with serving(tmp_path, "--pcscd", "--cards", "3", "--profile", "empty", "--seed", "5") as served:
        for number in range(3):
            served.wait_for(f"card {number}  in the reader")
        environment = dict(re.findall(r"^export (\w+)=(.*)$", served.said, re.MULTILINE))
        wait_for(lambda: [entry["card"] for entry in listed(environment)] == [True] * 3 + [False])
        with pytest.raises(ProcessLookupError):
            assert served.end() == 0
            os.kill(served.process.pid, 0)
    assert not Path(environment["PCSCLITE_CSOCK_NAME"]).parent.exists()


@pytest.mark.slow
def test_it_ends_when_its_service_does(tmp_path: Path) -> None:
    """With a line that says so; the card is saved."""
    state = tmp_path / "card.json"
    with serving(tmp_path, "--pcscd", "--profile", "empty", "--state", str(state)) as served:
        served.wait_for("in the reader")
        os.kill(pcscd_of(served.process.pid), signal.SIGKILL)
        assert served.process.wait(PATIENCE) == 6
        assert "jpki: pcscd has ended (killed by signal 9); it said: " in served.said
        assert f"saved to {state}" in served.said


def pcscd_of(parent: int) -> int:
    """The process that another one started."""
    (children,) = (path.read_text().split() for path in Path(f"/proc/{parent}/task/{parent}").glob("children"))
    (child,) = map(int, children)
    return child


def listed(environment: Mapping[str, str]) -> list[dict[str, object]]:
    """The readers, for a process that is led to a service."""
    command = [sys.executable, "-m", "jpki.cli", "card", "list", "--json"]
    done = subprocess.run(command, capture_output=True, env={**os.environ, **environment}, check=True)
    readers: list[dict[str, object]] = json.loads(done.stdout)
    return readers


@pytest.mark.slow
def test_without_pcscd_it_waits_and_says_for_what(tmp_path: Path) -> None:
    with socket.socket() as nobody:
        nobody.bind(("127.0.0.1", 0))
        port = nobody.getsockname()[1]
        with serving(tmp_path, "--port", str(port), "--profile", "empty") as served:
            served.wait_for(f"waiting for a virtual reader at 127.0.0.1:{port} (pcscd with vsmartcard-vpcd")
            assert served.end() == 0


@pytest.mark.slow
def test_a_reader_that_has_another_card(pcscd: PrivateDaemon, insert: Insert, tmp_path: Path) -> None:
    """It says so; nothing is taken from the card that is there. That one out, it goes in."""
    there, port = EchoCard(), pcscd.ports[0]
    reader = insert(there)
    with serving(tmp_path, "--port", str(port), "--profile", "empty", "--atr", OTHER_ATR) as served:
        served.wait_for(f"another card is in the reader at 127.0.0.1:{port}, it seems; this one goes in when that one")
        assert "--port names another reader" in served.said
        assert list_readers()[0].atr == there.atr
        reader.stop()
        served.wait_for(f"in the reader at 127.0.0.1:{port}\n")
        wait_for(lambda: list_readers()[0].atr == bytes.fromhex(OTHER_ATR))
        assert served.end() == 0


@pytest.mark.slow
def test_ctrl_c_while_the_cards_are_made(tmp_path: Path) -> None:
    with serving(tmp_path, "--cards", "8", "--port", "9", "--state", str(tmp_path / "card.json")) as served:
        served.wait_for("new cards have these PINs")
        assert served.end() == 0
        assert served.said.splitlines()[-1] == f"saved to {tmp_path / 'card.json'}"
    assert not (tmp_path / "card-8.json").exists()


@pytest.mark.parametrize("told_by", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_what_ends_it_does_not_interrupt_it(told_by: signal.Signals) -> None:
    before = signal.signal(told_by, signal.SIG_DFL)
    try:
        with until_told() as told:
            for _ in range(2):
                signal.raise_signal(told_by)
            assert told.is_set()
    finally:
        signal.signal(told_by, before)


def test_a_view_that_nobody_reads_any_more(capfd: pytest.CaptureFixture[str]) -> None:
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "w") as out:
        view = View(out, "", "127.0.0.1:1")
        for link in (Link.CONNECTED, Link.LOST):
            view.link(link)
    assert capfd.readouterr().err == ""


@pytest.mark.parametrize(
    ("options", "wrong"),
    [
        (["--atr", "3B8"], "--atr 3B8"),
        (["--atr", "3BE000FF8131FE4515"], "check byte 15 is wrong"),
        (["--atr", "3B00"], "it has no T=1"),
        (["--atr", "card"], "that is not hexadecimal"),
        (["--host", "no..host"], "no machine is known by this name"),
        (["--state", "STATE/card.json"], "there is no folder"),
        (["--pcscd", "--port", "1"], "--pcscd chooses its own ports"),
        (["--port", "65535", "--cards", "2"], "ports end at 65535"),
        (["--state", "STATE", "--seed", "1"], "holds a card already"),
    ],
)
def test_options_that_cannot_be(
    options: list[str], wrong: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = tmp_path / "card.json"
    state.write_text("{}")
    assert run(["card", "serve", *(one.replace("STATE", str(state)) for one in options)]) == 2
    assert wrong in capsys.readouterr().err


def test_info_of_a_card_that_is_no_secure_element(
    pcscd: PrivateDaemon, insert: Insert, capsys: pytest.CaptureFixture[str]
) -> None:
    card = EchoCard()
    card.answer = b"\x6d\x00"
    insert(card)
    assert run(["card", "info"]) == 0
    said = capsys.readouterr().out
    assert "ATR  3BE000FF8131FE4514\n  direct convention\n  protocols T=1\n" in said
    assert "issuer security domain  not reached: SELECT of the issuer security domain: the card answered 6D00" in said
    assert "JPKI applet  not there" in said


def test_wrong_keys_are_tried_once(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    keys = tmp_path / "keys"
    keys.write_text("00112233445566778899AABBCCDDEEFF\n" * 3)
    assert run(["card", "info", "--card", "sim", "--keys", f"file:{keys}"]) == 8
    assert "cryptogram" in capsys.readouterr().err
    keys.write_text("0011\n" * 3)
    assert run(["card", "info", "--card", "sim", "--keys", f"file:{keys}"]) == 2
    assert "0011" not in (said := capsys.readouterr().err)
    assert "holds no keys" in said


def test_a_file_that_holds_no_commands(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "commands"
    file.write_bytes(b"\x80\xca\x9f\x7f\x00\xff")
    assert run(["card", "apdu", "--file", str(file)]) == 2
    assert "is no command in hexadecimal" in capsys.readouterr().err


def test_commands_are_sent_and_compared(
    pcscd: PrivateDaemon, insert: Insert, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    card = EchoCard()
    card.answer = bytes.fromhex("CAFE63C2")
    insert(card)
    script = tmp_path / "commands"
    script.write_text("# a remark\n\nreset\n00 20 00 80=6984,63cx  # tries left\n")
    before = card.resets
    assert run(["card", "apdu", "80CA9F7F00", "--file", str(script)]) == 0
    assert capsys.readouterr().out.splitlines() == [
        "> 80CA9F7F00  GET DATA",
        "< CAFE 63C2 (2 tries left)",
        "! reset 3BE000FF8131FE4514",
        "> 00200080  VERIFY",
        "< CAFE 63C2 (2 tries left)",
    ]
    assert card.resets > before
    assert card.last == bytes.fromhex("00200080")


def test_the_first_unexpected_answer_ends_it(
    pcscd: PrivateDaemon, insert: Insert, capsys: pytest.CaptureFixture[str]
) -> None:
    card = EchoCard()
    card.answer = bytes.fromhex("6982")
    insert(card)
    found = jpki_json(capsys, "card", "apdu", "00A40400=9000", "00200080", code=7)
    assert found == {
        "as_expected": False,
        "steps": [{"command": "00A40400", "name": "SELECT", "data": "", "sw": "6982", "expected": ["9000"]}],
    }
    assert card.last == bytes.fromhex("00A40400")


@pytest.mark.parametrize("wrong", ["00A404", "00A40400=90", "00A404000", "select", "00A40400=9000=6A82"])
def test_all_commands_are_read_before_the_first_is_sent(
    wrong: str, pcscd: PrivateDaemon, insert: Insert, capsys: pytest.CaptureFixture[str]
) -> None:
    card = EchoCard()
    insert(card)
    assert run(["card", "apdu", "00A40400", wrong]) == 2
    assert repr(wrong) in capsys.readouterr().err
    assert card.last == b""
