"""``cardlab mutate`` on projects of their own: weak tests let mutants live, strong ones do not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from cardlab.campaign.mutate.hunt import Fallen, FalseKillError, Hunters, Prey
from cardlab.campaign.mutate.messages import Ground, Outcome, Tried
from cardlab.campaign.mutate.pool import Pool, WorkerError
from cardlab.campaign.mutate.settings import Settings
from cardlab.cli import run

PURSE = Path(__file__).parents[2] / "example_applet"

PROJECT = """
[tool.pytest.ini_options]
javacard_sources = "src"
javacard_class = "{applet}"
javacard_aid = "F00000000101"
javacard_parameters = "31323334"
testpaths = ["tests"]
[tool.cardlab.mutate]
record = "mutants.json"
explained = "survivors.toml"
"""

WEAK = """
def pin(card):
    card.send(0x80, 0x20, data=b"1234", expect=0x9000)

def read(card):
    return card.send(0x80, 0x52).hex()

def test_money_comes_and_goes(card):
    card.send(0x80, 0x30, data=bytes([0, 100]), expect=0x6982)
    pin(card)
    card.send(0x80, 0x30, data=bytes([0, 100]), expect=0x9000)
    card.send(0x80, 0x40, data=bytes([0, 30]), expect=0x9000)
    assert read(card) == "00460002"
"""

LIMITS = """
def test_no_more_than_the_purse_holds(card):
    pin(card)
    card.send(0x80, 0x30, data=(10000).to_bytes(2, "big"), expect=0x9000)
    card.send(0x80, 0x30, data=bytes([0, 1]), expect=0x6A84)
    card.send(0x80, 0x40, data=(10000).to_bytes(2, "big"), expect=0x9000)
    card.send(0x80, 0x40, data=bytes([0, 1]), expect=0x6A84)
    assert read(card) == "00000002"
"""

POWER = """
def test_both_or_none_whenever_the_power_fails(card_factory):
    for moment in range(1, 100):
        with card_factory() as card:
            pin(card)
            torn = card.tear(0x80, 0x30, data=bytes([0, 100]), at=moment)
            assert read(card) in ("00000000", "00640001")
            if not torn:
                return
"""


def project(folder: Path, applet: str, tests: str) -> Path:
    (folder / "tests").mkdir(parents=True)
    (folder / "pyproject.toml").write_text(PROJECT.format(applet=applet), encoding="utf-8")
    (folder / "tests" / "test_applet.py").write_text(tests, encoding="utf-8")
    return folder


def mutate(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    """What the command prints; ``code`` is its exit code, ``said`` what it tells meanwhile."""
    code = run(["mutate", "--json", "--workers", "1", *arguments])
    said = capsys.readouterr()
    return {"code": code, "said": said.err, **json.loads(said.out)}


# -- the example applet, with weaknesses planted in its tests ----------------------------------------------------------

SOURCE = (PURSE / "src" / "com" / "example" / "purse" / "Purse.java").read_text(encoding="utf-8").splitlines()
FIRST, CHECK, LAST = (
    next(number for number, line in enumerate(SOURCE, 1) if part in line)
    for part in ("JCSystem.beginTransaction()", "if (balance < 0 ||", "JCSystem.commitTransaction()")
)
MOVE = ("--lines", f"Purse.java:{FIRST}-{LAST}", "--operator", "transaction", "--operator", "comparison")
FIELDS = ("file", "member", "operator", "original", "mutated", "number")


@pytest.fixture
def purse(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = project(tmp_path / "purse", "com.example.purse.Purse", WEAK)
    shutil.copytree(PURSE / "src", folder / "src")
    monkeypatch.chdir(folder)
    return folder


def survivors(found: dict[str, Any]) -> set[tuple[str, str]]:
    return {(one["operator"], one["mutated"]) for one in found["survivors"]}


def explain(folder: Path, found: dict[str, Any]) -> None:
    entries = ("".join(f"{name} = {json.dumps(one[name])}\n" for name in FIELDS) for one in found["survivors"])
    text = "\n".join(f'[[survivor]]\n{entry}reason = "so it is"\n' for entry in entries)
    (folder / "survivors.toml").write_text(text, encoding="utf-8")


@pytest.mark.slow
def test_what_weak_tests_do_not_notice_is_found(purse: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """And what they lack kills it; explanations count as long as nothing notices; a share sees a test grow weaker."""
    tests = purse / "tests" / "test_applet.py"
    weak = mutate(capsys, *MOVE)
    boundary = ("comparison", "if (balance < 0 || balance >= LIMIT)")
    torn = {one for one in survivors(weak) if one[0] == "transaction"}
    assert weak["code"] == 1
    assert boundary in survivors(weak)
    assert len(torn) > 2
    assert all(one["line"] in range(FIRST, LAST + 1) for one in weak["survivors"])

    explain(purse, weak)
    explained = mutate(capsys, *MOVE)
    assert (explained["code"], explained["hunted"]) == (0, 0)  # all of them are on record
    assert explained["counts"]["explained"] == len(weak["survivors"])

    tests.write_text(WEAK + LIMITS + POWER, encoding="utf-8")
    strong = mutate(capsys, *MOVE)
    assert strong["hunted"] == weak["chosen"] - weak["counts"]["killed"]  # what was noticed stays so
    assert survivors(strong) <= survivors(weak) - torn - {boundary}
    assert any(one.startswith("explained, but killed") for one in strong["problems"])

    (purse / "survivors.toml").unlink()
    record = (purse / "mutants.json").read_bytes()
    weaker = LIMITS.partition("\n    ")[0] + "\n    pass\n"
    tests.write_text(WEAK + weaker + POWER, encoding="utf-8")
    share = mutate(capsys, "--lines", f"Purse.java:{CHECK}", "--operator", "comparison", "--share")
    assert share["code"] == 1
    assert "seed " in share["said"]
    assert any("has noticed it" in one for one in share["problems"])
    assert share["counts"]["killed"] == share["hunted"] > len(share["problems"])
    assert (purse / "mutants.json").read_bytes() == record


def test_mutants_are_listed_with_their_lines(purse: Path, capsys: pytest.CaptureFixture[str]) -> None:
    code = run(["mutate", "--list", "--lines", f"Purse.java:{CHECK}", "--operator", "operand"])
    assert code == 0
    assert capsys.readouterr().out.splitlines() == [
        f"Purse.java:{CHECK}: Purse.java Purse.move, operand: if (balance < 0 || balance > LIMIT)  ->  if ({mutated})"
        for mutated in ("balance < 0", "balance > LIMIT", "balance < 0 && balance > LIMIT")
    ]


@pytest.mark.parametrize("wrong", [["--lines", "Purse"], ["--sources", "none"]])
def test_wrong_options(purse: Path, capsys: pytest.CaptureFixture[str], wrong: list[str]) -> None:
    assert run(["mutate", *wrong]) == 2


# -- what tests may do -------------------------------------------------------------------------------------------------

ADDER = """package com.example.adder;
import javacard.framework.*;
public final class Adder extends Applet {
    public static void install(byte[] b, short offset, byte length) {
        new Adder().register(b, (short) (offset + 1), b[offset]);
    }
    public void process(APDU apdu) {
        byte[] buffer = apdu.getBuffer();
        if (selectingApplet()) {
            return;
        }
        short sum = 0;
        short i = 0;
        while (i != buffer[ISO7816.OFFSET_P1]) {
            i++;
            sum += i;
        }
        Util.setShort(buffer, (short) 0, sum);
        apdu.setOutgoingAndSend((short) 0, (short) 2);
    }
}
"""

TESTS = '''
from functools import cache
from hashlib import sha256
from pathlib import Path
import pytest
from cardlab.pytest_plugin import Applet
from cardlab.pytest_plugin.build import build

HERE = Path(__file__).parent
ADDER = Applet.create(sources="src", class_name="com.example.adder.Adder", aid="F00000000101", base=HERE.parent)

def test_sum(card):
    assert card.send(0x80, 0, 4).hex() == "000a"

def test_bytes():
    """Fails whenever the load file has other bytes than the first time."""
    known, now = HERE / "known", sha256(build([ADDER])[0].data_block).hexdigest()
    if not known.exists():
        known.write_text(now)
    assert known.read_text() == now

def test_that_waits(card):
    while card.send(0x80, 0, 2).hex() != "0003":
        pass

@cache
def remembered(make):
    with make() as card:
        return card.send(0x80, 0, 3).hex()

def test_with_a_memory(card_factory):
    assert remembered(card_factory) == "0006"

FAILED = []

def test_with_a_grudge(card):
    """Fails for ever when it has failed once."""
    if card.send(0x80, 0, 1).hex() != "0001":
        FAILED.append(1)
    assert not FAILED

RUNS = HERE / "runs"

def test_that_counts_its_runs(card):
    RUNS.write_text(RUNS.read_text() + "x" if RUNS.exists() else "x")
    assert card.send(0x80, 0, 0).hex() == "0000"

@pytest.fixture(scope="module")
def six(card_factory):
    with card_factory() as card:
        return card.send(0x80, 0, 3).hex()

def test_of_what_is_made_once(six, card):
    assert six == "0006"

def test_of_what_was_made_before(six, card):
    assert six == "0006"

def test_that_asks_no_card():
    RUNS.write_text(RUNS.read_text() + "." if RUNS.exists() else ".")
'''


@pytest.fixture(scope="module")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Ground:
    folder = project(tmp_path_factory.mktemp("project") / "adder", "com.example.adder.Adder", TESTS)
    source = folder / "src" / "com" / "example" / "adder" / "Adder.java"
    source.parent.mkdir(parents=True)
    source.write_text(ADDER, encoding="utf-8")
    return Settings.read(folder).ground()


@pytest.fixture(scope="module")
def pool(ground: Ground) -> Iterator[Pool]:
    with Pool(ground, 1) as made:
        made.learn()
        yield made


def hunted(pool: Pool, *changes: tuple[str, str, str], limit: float = 60.0, equals: bool = True) -> list[Fallen]:
    """Mutants as (text, what it becomes, the test that hunts)."""
    path = next(pool.workers[0].ground.sources[0].rglob("*.java"))
    found: dict[int, Fallen] = {}
    prey = [
        Prey(new, {str(path): ADDER.replace(old, new)}, (f"tests/test_applet.py::{by}",), True)
        for old, new, by in changes
    ]
    hunters = Hunters(pool, lambda test: limit, found.__setitem__, {pool.digest: -1} if equals else None)
    hunters.hunt(range(len(prey)), prey.__getitem__)
    return [found[number] for number in range(len(prey))]


def outcomes(found: list[Fallen]) -> list[Outcome]:
    return [one.outcome for one in found]


@pytest.mark.slow
def test_only_tests_of_what_an_applet_does_hunt(pool: Pool) -> None:
    """The original first: the test that notices bytes learns them so."""
    assert outcomes(hunted(pool, ("sum", "sum", "test_bytes"), equals=False)) == [Outcome.SURVIVED]
    tried: list[Tried] = []
    pool.try_all(pool.tests, coverage=True, told=tried.append)
    passed = {one.test.partition("::")[2]: one.passed for one in tried}
    assert passed == {
        "test_sum": True, "test_bytes": False, "test_that_waits": True, "test_with_a_memory": True,
        "test_with_a_grudge": True, "test_that_counts_its_runs": True, "test_of_what_is_made_once": True,
        "test_of_what_was_made_before": True, "test_that_asks_no_card": True,
    }  # fmt: skip
    lines = next(set(one.lines) for one in tried if one.test.endswith("test_sum"))
    assert {line for file, line in lines if file == "com/example/adder/Adder.java"} >= {8, 9, 10, 14, 15, 16, 18, 19}


@pytest.mark.slow
def test_what_becomes_of_mutants(pool: Pool) -> None:
    found = hunted(
        pool,
        ("sum += i", "sum -= i", "test_sum"),
        ("sum += i", "sum -= i; ", "test_sum"),  # the same once more
        ("short sum = 0;", "short sum = 0;  ", "test_sum"),  # the original
        ("short sum = 0;", "short sum = nothing;", "test_sum"),
        ("short sum = 0;", "short sum = 0; long none = i;", "test_sum"),
        ("sum += i", "sum |= i", "test_that_waits"),
        ("            i++;\n", "", "test_sum"),  # for ever: the budget ends it
        ("sum += i", "sum += 1", "test_with_a_memory"),
    )
    assert outcomes(found) == [
        Outcome.KILLED, Outcome.EQUAL, Outcome.EQUAL, Outcome.INVALID, Outcome.INVALID, Outcome.SURVIVED,
        Outcome.KILLED, Outcome.KILLED,
    ]  # fmt: skip
    assert "nothing" in found[3].message
    assert found[0].by == "tests/test_applet.py::test_sum"


@pytest.mark.slow
def test_tests_that_get_every_answer_that_they_know_are_not_run(ground: Ground) -> None:
    """Nor those that got it through a fixture; what asks no card, and what is not traced, is run."""
    runs = ground.folder / "tests" / "runs"
    with Pool(ground, 1) as pool:
        pool.learn()
        traces = pool.trace({one: 0.1 for one in pool.tests if not one.endswith("test_with_a_memory")})
        pool.traced(traces)
        opaque = {name.partition("::")[2] for name, one in traces.tests.items() if one.opaque}
        assert opaque == {"test_that_asks_no_card", "test_bytes"}
        runs.write_text("", encoding="utf-8")
        every = ("sum += i", "sum |= i", "test_that_counts_its_runs")  # of 0 numbers it is the same
        assert outcomes(hunted(pool, every)) == [Outcome.SURVIVED]
        assert runs.read_text(encoding="utf-8") == ""
        found = hunted(
            pool,
            ("short sum = 0;", "short sum = 1;", "test_that_counts_its_runs"),
            ("short sum = 0;", "short sum = 2;", "test_that_asks_no_card"),
            ("sum += i", "sum -= i", "test_of_what_was_made_before"),
            ("sum += i", "sum |= i", "test_with_a_memory"),
        )
        assert outcomes(found) == [Outcome.KILLED, Outcome.SURVIVED, Outcome.KILLED, Outcome.KILLED]
        assert runs.read_text(encoding="utf-8") == "x."


@pytest.mark.slow
def test_a_test_that_does_not_end_has_noticed(pool: Pool) -> None:
    """Its process is ended, and another one goes on with the next mutant."""
    found = hunted(
        pool, ("sum += i", "sum ^= 5", "test_that_waits"), ("sum += i", "sum -= i", "test_sum"), limit=3.0, equals=False
    )
    assert outcomes(found) == [Outcome.KILLED, Outcome.KILLED]
    assert found[0].message == "does not end"


@pytest.mark.slow
def test_a_test_that_fails_for_another_reason_ends_the_hunt(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a process of its own: the grudge stays."""
    monkeypatch.setattr("cardlab.campaign.mutate.hunt.CONTROL_EVERY", 1)
    with Pool(ground, 1) as other, pytest.raises(FalseKillError, match="test_with_a_grudge fails without a mutant"):
        other.learn()
        hunted(other, *[("sum += i", f"sum += {n}", "test_with_a_grudge") for n in (2, 3)], equals=False)


def test_tests_that_cannot_be_collected(tmp_path: Path) -> None:
    folder = project(tmp_path / "broken", "com.example.adder.Adder", "import no_such_module\n")
    (folder / "src").mkdir()
    with pytest.raises(WorkerError, match="no_such_module"):
        Pool(Settings.read(folder).ground(), 1)
