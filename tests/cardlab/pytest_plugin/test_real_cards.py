"""``--card pcsc:READER``: a card with keys of its own, and applications that are not the tests', comes back unharmed.

The card is a simulated one in a virtual reader; the runs reach it as they would any other, and know nothing of that.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.installation import Installation, security_domain
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.pytest_plugin.applet import Applet
from cardlab.pytest_plugin.build import build
from cardlab.reader import VirtualReader
from cardlab.reader.daemon import PrivateDaemon
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.transport import Layer
from jpki.package import jpki_executable
from tests.cardlab.card.cards import OTHER_SSD, PROBE, executable
from tests.cardlab.pytest_plugin.project import EXAMPLE, SETTINGS, Project, Result
from tests.cardlab.pytest_plugin.readers import needs_readers
from tests.cardlab.pytest_plugin.test_outside_project import lines
from tests.waiting import wait_for

TESTS_FOLDER = Path(__file__).resolve().parents[2]
ROOT = TESTS_FOLDER.parent
KEYS = StaticKeys(*(bytes(range(start, start + 16)) for start in (0x10, 0x30, 0x50)))
KEYS_TEXT = " ".join(key.hex() for key in (KEYS.enc, KEYS.mac, KEYS.dek))
CUSTOMERS = bytes.fromhex("F04A504B4920")  # a load file that is on the card
INITIALIZE_UPDATE, EXTERNAL_AUTHENTICATE = 0x50, 0x82
READING = {0xA4, 0xCA}

pytestmark = needs_readers

TESTS = """
    import os, signal
    import pytest

    def test_credit(card):
        card.send(0x80, 0x20, data=b"1234")
        card.send(0x80, 0x30, data=b"\\x01\\x00")
        card.reset()
        assert card.send(0x80, 0x52) == b"\\x01\\x00\\x00\\x01"

    def test_blocks_its_own_pin(card):
        for left in (2, 1, 0):
            card.send(0x80, 0x20, data=b"9999", expect=0x63C0 + left)

    def test_blocks_another_pin(card):
        card.select(bytes.fromhex("PROBE"))
        card.send(0x00, 0x20, 0, 0x81, b"9999")

    def test_locks_the_card(card):
        from cardlab.globalplatform.constants import CardState
        card.manager().set_card_state(CardState.SECURED)

    def test_an_older_domain_below_a_younger_one(card):
        from cardlab.globalplatform.installation import security_domain
        from cardlab.globalplatform.scp03 import StaticKeys
        older, younger = bytes.fromhex("F00000000201"), bytes.fromhex("F00000000202")
        client = card.manager()
        client.create_security_domain(security_domain(older))
        client.create_security_domain(security_domain(younger))
        client.select(younger)
        client.authenticate(card_keys())
        client.put_keys(StaticKeys(*[bytes(16)] * 3), 1)
        card.manager().extradite(older, younger)

    @pytest.mark.needs("power_cut")
    def test_power(card): ...

    def test_interrupted(card):
        card.install(card_applet(card), aid=bytes.fromhex("F0000000010F"))
        os.kill(os.getpid(), signal.SIGINT)

    def card_keys():
        from cardlab.globalplatform.key_source import read_keys
        return read_keys("env:KEYS")

    def card_applet(card):
        from cardlab.pytest_plugin import Applet
        purse = {"class_name": "com.example.purse.Purse", "aid": "F00000000101"}
        return Applet.create(sources="src", parameters=b"1234", **purse)
"""


class Seen(Layer):
    """Remembers the instructions that reached the card."""

    def __init__(self, lower: SimulatedCard) -> None:
        super().__init__(lower)
        self.instructions: list[int] = []

    def transmit(self, command: bytes) -> bytes:
        self.instructions.append(command[1])
        return super().transmit(command)


class Laboratory:
    """A card in a reader, and a project with tests."""

    def __init__(self, project: Project, daemon: PrivateDaemon, card: SimulatedCard, seen: Seen) -> None:
        self._project = project
        self._daemon = daemon
        self.card = card
        self.seen = seen

    def run(self, *arguments: str, keys: str = KEYS_TEXT, reader: str = "Virtual PCD 0 00 00") -> Result:
        """A run on the card in the reader."""
        self.seen.instructions.clear()
        where = {**self._daemon.environment, "KEYS": keys, "COLUMNS": "400"}
        return self._project.run("-q", "--card", f"pcsc:{reader}", *arguments, **where)

    def is_card_there(self) -> bool:
        """Whether the service has noticed it."""
        return "there is no card" not in self.run("--card-keys", "env:KEYS").output

    def contents(self) -> str:
        """Everything the issuer sees."""
        client = GlobalPlatformClient(self.card)
        self.card.reset()
        client.select()
        client.authenticate(KEYS)
        found = "\n".join(map(str, client.registry()))
        self.card.reset()
        return found + str(self.card.state)

    @property
    def confirmed(self) -> tuple[str, ...]:
        """The options of a run that may write, taken from what a run without them says."""
        said = self.run("--card-keys", "env:KEYS").output
        identity = re.search(r"--destructive=([0-9A-F]+-[0-9A-F]+)", said)
        assert identity, said
        return ("--card-keys", "env:KEYS", f"--destructive={identity[1]}")


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Laboratory]:
    project = Project(tmp_path_factory.mktemp("project"))
    project.write("pyproject.toml", SETTINGS)
    project.copy_purse()
    project.write("test_it.py", lines(TESTS.replace("PROBE", PROBE.hex())))
    project.run("-q", "-k", "credit")  # compiles
    purse = Applet.create(sources=EXAMPLE / "src", class_name="com.example.purse.Purse", aid="F00000000101")
    classes = ClassLibrary([executable(), executable(CUSTOMERS), jpki_executable(), *build([purse])])
    with SimulatedCard(CardConfig(keys=KEYS), seed="a customer's card", classes=classes) as card:
        client = GlobalPlatformClient(card)
        client.select()
        client.authenticate(KEYS)
        client.load(CUSTOMERS, executable(CUSTOMERS).data_block)
        client.install(Installation(CUSTOMERS, PROBE, PROBE))
        client.create_security_domain(security_domain(OTHER_SSD))
        seen = Seen(card)
        with PrivateDaemon(2) as daemon, VirtualReader(seen, port=daemon.ports[0]):
            made = Laboratory(project, daemon, card, seen)
            wait_for(made.is_card_there)
            yield made


def test_keys_are_never_guessed(lab: Laboratory) -> None:
    result = lab.run()
    assert result.code == pytest.ExitCode.USAGE_ERROR
    assert "does not say which keys the card has; they are never guessed" in result.output
    assert lab.seen.instructions == []


@pytest.mark.parametrize("said", ["", "3BE0-00000000"], ids=["nothing", "another card"])
def test_nothing_is_written_to_a_card_that_was_not_confirmed(lab: Laboratory, said: str) -> None:
    result = lab.run("--card-keys", "env:KEYS", *([f"--destructive={said}"] if said else []))
    assert result.code == pytest.ExitCode.USAGE_ERROR
    identity = f"{lab.card.atr.hex().upper()}-{(lab.card.config.cplc or b'')[12:16].hex().upper()}"
    assert f"the card in Virtual PCD 0 00 00 is {identity} (its ATR and its serial number)" in result.output
    assert f"--destructive={identity}" in result.output
    assert set(lab.seen.instructions) <= READING


def test_tests_run_and_the_card_is_as_it_was(lab: Laboratory) -> None:
    before = lab.contents()
    result = lab.run("-rs", *lab.confirmed, "-k", "not interrupted")
    assert "2 failed, 3 passed, 1 skipped, 1 deselected" in result.output, result.output
    assert "--card pcsc lacks power that fails within a command" in result.output
    assert "VERIFY 00200081 was not sent: the selected application was on the card before" in result.output
    assert "SET STATUS 84F0800F was not sent: it changes the life cycle of the card" in result.output
    assert lab.contents() == before


def test_the_suites_of_this_project_run_on_it(lab: Laboratory) -> None:
    """The applet's tests, and the GlobalPlatform client's: every one that a real card can do, of those named here."""
    before = lab.contents()
    client, pins = TESTS_FOLDER / "cardlab/globalplatform/test_on_cards.py", TESTS_FOLDER / "jpki/applet/test_pins.py"
    chosen = "on_cards or test_wrong_pins_block_and_only_the_tsm_unblocks or test_the_way_to_the_users_pin"
    result = lab.run(*lab.confirmed, "-c", str(ROOT / "pyproject.toml"), "-k", chosen, str(client), str(pins))
    assert re.search(r"^12 passed, 2 skipped, \d+ deselected", result.output, re.MULTILINE), result.output
    assert lab.contents() == before


def test_an_interrupted_run_leaves_nothing(lab: Laboratory) -> None:
    before = lab.contents()
    result = lab.run(*lab.confirmed, "-k", "interrupted")
    assert result.code == pytest.ExitCode.INTERRUPTED, result.output
    assert lab.seen.instructions.count(0xE6) >= 3, "a load file and two instances were on the card"
    assert lab.contents() == before


def test_the_first_failed_authentication_ends_the_run(lab: Laboratory) -> None:
    confirmed = lab.confirmed
    result = lab.run(*confirmed, keys="00" * 16)
    assert result.code == 8, result.output
    assert "the card's keys are not those that were named" in result.output
    assert "the run ends here, before the card blocks its keys" in result.output
    assert lab.seen.instructions.count(INITIALIZE_UPDATE) == 1
    assert EXTERNAL_AUTHENTICATE not in lab.seen.instructions
    assert KEYS_TEXT.split()[0] not in result.output


def test_a_dry_run_tells_what_would_be_sent_and_sends_nothing(lab: Laboratory) -> None:
    result = lab.run("--dry-run", "-k", "credit", reader="not even there")
    assert result.code == 0, result.output
    assert lab.seen.instructions == []
    told = result.output.partition("dry run: nothing was sent")[2]
    assert "test_it.py::test_credit, to not even there:" in told
    for line in (r"84E60200 \+\d+ bytes  INSTALL", r"84E8\d{4} \+\d+ bytes  LOAD", r"80300000 \+\d bytes", "  reset"):
        assert re.search(line, told), told


def test_two_processes_cannot_share_a_card(lab: Laboratory) -> None:
    assert "--card pcsc and -n: there is one card" in lab.run("-n", "2", "--card-keys", "env:KEYS").output


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("404142434445464748494A4B4C4D4E4F", "that is no place to take keys from"),
        ("env:NO_SUCH_VARIABLE", "there is no environment variable NO_SUCH_VARIABLE"),
        ("env:PATH", "env:PATH holds no keys"),
        ("file:nowhere", "keys from nowhere: No such file or directory"),
    ],
)
def test_sources_of_keys_that_are_none(lab: Laboratory, source: str, said: str) -> None:
    output = lab.run("--card-keys", source).output
    assert said in output
    assert "4041" not in output
