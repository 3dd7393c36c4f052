"""Which mutants there are of a text, and what is in their place."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cardlab.campaign.mutate.mutation import Mutation
from tests.mutating import inject
from tests.mutating.places import mutations

TEXT = '''\
"""A rule."""
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    LIMIT = 1


class Gate:
    """Opens."""

    tries: int | None = None

    def open(self, pin: str, é: bool) -> str:
        """Whether it does."""
        if len(pin) > 4 and é:
            raise ValueError("one of 4", 5)
        match pin:
            case "1" if é is None:
                self.tries = 3
            case _:
                self.note(pin, é)
        return "yes" if pin not in ("2",) else f"no {1 + 2}"
'''


@pytest.fixture
def found(tmp_path: Path) -> list[Mutation]:
    file = tmp_path / "gate.py"
    file.write_text(TEXT, encoding="utf-8")
    return mutations(file, tmp_path)


def told(found: list[Mutation], operator: str) -> set[tuple[str, str]]:
    return {(one.identity.original, one.identity.mutated) for one in found if one.identity.operator == operator}


def test_conditions_are_never_and_always_true(found: list[Mutation]) -> None:
    assert told(found, "condition") == {
        ("if len(pin) > 4 and é:", "if False:"),
        ("if len(pin) > 4 and é:", "if True:"),
        ('return "yes" if pin not in ("2",) else f"no {1 + 2}"', 'return "yes" if False else f"no {1 + 2}"'),
        ('return "yes" if pin not in ("2",) else f"no {1 + 2}"', 'return "yes" if True else f"no {1 + 2}"'),
    }


def test_an_operand_is_left_out(found: list[Mutation]) -> None:
    whole = "if len(pin) > 4 and é:"
    assert told(found, "operand") == {(whole, "if (len(pin) > 4):"), (whole, "if (é):")}


def test_statements_that_do_something_are_left_out(found: list[Mutation]) -> None:
    assert told(found, "statement") == {
        ('raise ValueError("one of 4", 5)', "pass"),
        ("self.tries = 3", "pass"),
        ("self.note(pin, é)", "pass"),
    }


def test_numbers_become_one_more_and_one_less_but_not_those_of_types_and_messages(found: list[Mutation]) -> None:
    assert told(found, "constant") == {
        ("if len(pin) > 4 and é:", "if len(pin) > 5 and é:"),
        ("if len(pin) > 4 and é:", "if len(pin) > 3 and é:"),
        ("self.tries = 3", "self.tries = 4"),
        ("self.tries = 3", "self.tries = 2"),
    }


def test_operators_are_exchanged_in_matches_too(found: list[Mutation]) -> None:
    assert ('case "1" if é is None:', 'case "1" if é is not None:') in told(found, "operator")
    assert ("if len(pin) > 4 and é:", "if len(pin) >= 4 and é:") in told(found, "operator")
    assert ("if len(pin) > 4 and é:", "if len(pin) > 4 or é:") in told(found, "operator")


def test_arguments_are_left_out(found: list[Mutation]) -> None:
    assert told(found, "argument") == {
        ("self.note(pin, é)", "self.note(pin)"),
        ("self.note(pin, é)", "self.note(é)"),
    }


ORDERS = """\
def numbers(raw, number, reader):
    int.from_bytes(raw, "big")
    int.from_bytes(raw, byteorder="big", signed=True)
    number.to_bytes(2, "big")
    number.to_bytes(2, "little")
    reader.parse(raw, "big")
"""


def test_what_holds_when_nothing_is_said_is_not_left_out(tmp_path: Path) -> None:
    """The order of bytes is "big" without its argument, so that no test could notice; of other calls nobody knows."""
    file = tmp_path / "orders.py"
    file.write_text(ORDERS, encoding="utf-8")
    assert {mutated for _, mutated in told(mutations(file, tmp_path), "argument")} == {
        'int.from_bytes("big")',
        'int.from_bytes(byteorder="big", signed=True)',
        'int.from_bytes(raw, byteorder="big")',
        'number.to_bytes("big")',
        "number.to_bytes(2)",
        'number.to_bytes("little")',
        "reader.parse(raw)",
        'reader.parse("big")',
    }


def test_each_is_another_program(found: list[Mutation]) -> None:
    texts = [one.applied(TEXT) for one in found]
    for text in texts:
        compile(text, "gate.py", "exec")
    assert len({*texts, TEXT}) == len(texts) + 1
    assert {one.identity.member for one in found} == {"Gate", "Gate.open"} - {"Gate"}


def test_numbers_tell_equal_ones_apart(tmp_path: Path) -> None:
    file = tmp_path / "twice.py"
    file.write_text("def both():\n    run(1)\n    run(1)\n", encoding="utf-8")
    names = [one.identity for one in mutations(file, tmp_path)]
    assert len({*names}) == len(names)
    assert max(one.number for one in names) == 2


def test_a_program_that_a_test_starts_has_the_changed_text(tmp_path: Path) -> None:
    """The file is as it was, a byte code file made of it is not used, and pytest's import hook comes behind."""
    (tmp_path / "gate.py").write_text("OPEN = True\n", encoding="utf-8")
    path = inject.write(tmp_path, "gate", str(tmp_path / "gate.py"), "OPEN = False\n")
    hooked = "import sys; from importlib.machinery import PathFinder; sys.meta_path.insert(0, PathFinder)"
    asked = [sys.executable, "-c", f"{hooked}; import gate; print(gate.OPEN)"]
    for expected, folders in (("True", [tmp_path]), ("False", [path, tmp_path])):
        environment = {"PYTHONPATH": ":".join(map(str, folders))}
        assert subprocess.check_output(asked, env=environment, text=True).strip() == expected
