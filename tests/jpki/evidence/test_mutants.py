"""What is on record about mutants, when it counts, what the page says, and what is hunted again (F4)."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from cardlab.campaign.mutant_record import Found
from cardlab.campaign.mutants import Mutant
from cardlab.errors import BuildError, UsageError
from jpki.evidence.mutant_hunt import Catch, Hunt, problem
from jpki.evidence.mutants import Knowledge, Mutants, Way
from jpki.evidence.mutants_page import markdown, summary

APPLET = "class Pin {\n  int tries = 5; // B7\n}\n"
TEST = "def test_it():\n    assert True\n"
LIST = """
[[mutant]]
name = "more tries"
requirement = "B7"
test = "test_pin.py::test_it"
[[mutant.edits]]
file = "Pin.java"
find = "5"
replace = "6"
[[mutant]]
name = "a comment"
requirement = "B7"
test = "test_pin.py::test_it"
undetectable = "Comments do nothing."
[[mutant.edits]]
file = "Pin.java"
find = "B7"
replace = "B8"
"""
FILES = {
    "applet/src/Pin.java": APPLET,
    "harness/jpki/model/rules.py": "TRIES = 5\n",
    "tests/jpki/applet/test_pin.py": TEST,
    "tests/jpki/applet/machine.py": "STEPS = 40\n",
    "tests/jpki/applet/machine_driver.py": "",
    "tests/jpki/applet/machine_properties.py": "",
    "tests/jpki/applet/mutants/pins.toml": LIST,
}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A repository with an applet of one class, and two mutants."""
    for name, text in FILES.items():
        file = tmp_path / "checkout" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return tmp_path / "checkout"


def known(root: Path) -> Knowledge:
    mutants = Mutants(root)
    return mutants.known(mutants.named("more tries"))


def learn_all(root: Path) -> None:
    """Every way found something."""
    mutants = Mutants(root)
    for way in Way:
        mutants.learn(mutants.named("more tries"), way, f"by {way}", 0 if way is Way.TEST else 7)


# -- when a record counts ---------------------------------------------------------------------------------------------


def test_what_was_found_is_known_wherever_the_repository_is(root: Path, tmp_path: Path) -> None:
    learn_all(root)
    shutil.copytree(root, tmp_path / "elsewhere")
    assert [found.by for found in known(tmp_path / "elsewhere").hunts] == ["by test", "by model"]
    assert known(tmp_path / "elsewhere").noticed


@pytest.mark.parametrize(
    ("file", "old", "new", "still"),
    [
        ("applet/src/Pin.java", "tries = 5", "tries = 5 + 0", set()),
        ("applet/src/Pin.java", "// B7", "// as B7 wants", {Way.TEST, Way.MODEL}),
        ("tests/jpki/applet/mutants/pins.toml", 'replace = "6"', 'replace = "7"', set()),
        ("tests/jpki/applet/test_pin.py", "assert True", "assert 1", {Way.MODEL}),
        ("harness/jpki/model/rules.py", "TRIES = 5", "TRIES = 4", {Way.TEST}),
        ("tests/jpki/applet/machine.py", "STEPS = 40", "STEPS = 4", {Way.TEST}),
    ],
)
def test_it_counts_until_something_that_decides_changes(
    root: Path, file: str, old: str, new: str, still: set[Way]
) -> None:
    learn_all(root)
    changed = (root / file).read_text(encoding="utf-8").replace(old, new)
    (root / file).write_text(changed, encoding="utf-8")
    assert {way for way in Way if known(root).by(way)} == still


def test_a_mutant_that_is_none_is_an_error(root: Path) -> None:
    with pytest.raises(UsageError, match="no mutant 'fewer tries'"):
        Mutants(root).named("fewer tries")


# -- the page ---------------------------------------------------------------------------------------------------------


def test_the_page_says_what_was_not_hunted(root: Path) -> None:
    page = markdown(Mutants(root))
    assert "| more tries | B7 | `test_pin.py::test_it`, not hunted | not hunted |  |" in page
    assert "| a comment: Comments do nothing. | B7 | `test_pin.py::test_it`, not hunted |" in page
    assert "0 of the other 1 are noticed" in page


def test_the_page_says_what_was_found(root: Path) -> None:
    mutants = Mutants(root)
    real, equivalent = mutants.all
    mutants.learn(real, Way.TEST, "test_pin.py::test_it")
    mutants.learn(real, Way.MODEL, "DisagreementError", 7)
    mutants.learn(equivalent, Way.TEST, "")
    page = markdown(mutants)
    assert "| more tries | B7 | `test_pin.py::test_it` | 7 |  |" in page
    assert "| a comment: Comments do nothing. | B7 | `test_pin.py::test_it` |" in page
    assert "1 of the other 1 are noticed" in page


def test_the_page_hides_no_failure(root: Path) -> None:
    """A named test that passes, and one that fails on a mutant that cannot be noticed."""
    mutants = Mutants(root)
    mutants.learn(mutants.all[0], Way.TEST, "")
    mutants.learn(mutants.all[1], Way.TEST, "test_pin.py::test_it")
    page = markdown(mutants)
    assert "`test_pin.py::test_it`: passes | not hunted" in page
    assert "`test_pin.py::test_it`: FAILS |" in page
    assert "0 of the other 1 are noticed" in page


def test_the_summary_counts_those_asked_for(root: Path) -> None:
    mutants = Mutants(root)
    mutants.learn(mutants.all[0], Way.MODEL, "DisagreementError", 7)
    words = summary(mutants, mutants.chosen(["tries"]))
    assert "1 mutants, 0 of which nothing can notice" in words
    assert "the state machine with the model: 1 of 1 hunted" in words
    assert "the test named: 0 of 0 hunted, 1 not hunted" in words


# -- hunting ----------------------------------------------------------------------------------------------------------


@dataclass
class Hunting:
    """A hunter that finds nothing in fewer than so many lives, and counts how often it is called."""

    needs: int
    calls: int = field(default=0)

    def __call__(self, mutant: Mutant, lives: int) -> Catch:
        self.calls += 1
        return Catch("a property", self.needs, "said so") if lives >= self.needs else Catch(lives=lives)


def hunt(root: Path, hunter: Hunting, lives: int, *, again: bool = False) -> list[str]:
    mutants = Mutants(root)
    told: list[str] = []
    run = Hunt(mutants, {Way.MODEL: hunter}, lives, again, told.append)
    return run.all(mutants.chosen(["tries"]), [Way.MODEL])


def test_what_was_noticed_is_hunted_again_only_when_told(root: Path) -> None:
    hunter = Hunting(needs=3)
    assert hunt(root, hunter, 10) == hunt(root, hunter, 100) == []
    assert hunter.calls == 1
    hunt(root, hunter, 10, again=True)
    assert hunter.calls == 2
    assert known(root).model == Found("a property", Mutants(root).fingerprint(Mutants(root).all[0], Way.MODEL), 3)


def test_what_was_not_noticed_is_hunted_again_with_more_lives_only(root: Path) -> None:
    hunter = Hunting(needs=50)
    for lives, calls in ((10, 1), (10, 1), (5, 1), (20, 2), (50, 3), (100, 3)):
        hunt(root, hunter, lives)
        assert hunter.calls == calls
    assert known(root).noticed


def test_a_hunt_that_cannot_be_made_is_told_and_leaves_nothing(root: Path) -> None:
    def broken(mutant: Mutant, lives: int) -> Catch:
        raise BuildError("it does not compile")

    mutants = Mutants(root)
    told = Hunt(mutants, {Way.TEST: broken}, 10, False, lambda _: None).all(mutants.all[:1], [Way.TEST])
    assert told == ["more tries: it does not compile"]
    assert known(root).hunts == []


SEEN, UNSEEN = Found("somebody", "", 7), Found("", "", 40)
REAL = Mutant("one", "B7", (), test="test_pin.py::test_it")
MACHINE = Mutant("one", "B7", (), test="test_pin.py::test_it", machine=True)
EQUIVALENT = Mutant("one", "B7", (), test="test_pin.py::test_it", undetectable="no difference")


@pytest.mark.parametrize(
    ("mutant", "knowledge", "wrong"),
    [
        (REAL, Knowledge(None, None), ""),
        (REAL, Knowledge(SEEN, UNSEEN), ""),
        (REAL, Knowledge(UNSEEN, None), "not noticed by test_pin.py::test_it"),
        (REAL, Knowledge(UNSEEN, SEEN), "not noticed by test_pin.py::test_it, but otherwise"),
        (REAL, Knowledge(None, UNSEEN), ""),
        (MACHINE, Knowledge(SEEN, UNSEEN), "not noticed by the state machine any more"),
        (EQUIVALENT, Knowledge(UNSEEN, None), ""),
        (EQUIVALENT, Knowledge(None, SEEN), "listed as undetectable, but noticed"),
    ],
)
def test_what_is_not_as_the_entry_says(mutant: Mutant, knowledge: Knowledge, wrong: str) -> None:
    assert problem(mutant, knowledge) == wrong
