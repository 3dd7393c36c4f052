"""Runtimes register themselves: a second one needs no change outside its own distribution or folder."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from cardlab import runtime
from cardlab.card.card import SimulatedCard
from cardlab.errors import UsageError
from cardlab.runtime.backend import Backend, RuntimeOrder
from cardlab.runtime.choices import AbsentLe, PlatformChoices
from cardlab.runtime.feature import Feature
from cardlab.runtime.interface import AppletRuntime
from cardlab.runtime.jcardsim import BACKEND
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.runtime.jvm import is_running
from tests.conformance.cards import FakeServices

ROOT = Path(__file__).parents[3]
ANOTHER = """
from cardlab.runtime.backend import Backend

def make(order):
    raise NotImplementedError

BACKEND = Backend("another", "1", make)
"""


def python(code: str, *path: Path) -> str:
    environment = {"PYTHONPATH": ":".join(map(str, path)), "PATH": ""}
    command = [sys.executable, "-c", code]
    return subprocess.run(command, capture_output=True, text=True, check=True, env=environment, cwd=ROOT).stdout


def test_both_are_known_and_the_machine_is_the_usual_one() -> None:
    assert runtime.known()["jcardsim"] is runtime.choose("jcardsim") is BACKEND
    assert runtime.choose() is runtime.choose("vm") is runtime.known()["vm"] is not BACKEND
    assert all(name == one.name for name, one in runtime.known().items())


def test_an_unknown_name_lists_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no runtime nowhere") as refused:
        runtime.choose("nowhere")
    assert "jcardsim" in refused.value.hint
    with pytest.raises(UsageError, match="no runtime nowhere"):
        SimulatedCard(runtime="nowhere")


def test_knowing_them_imports_nothing_heavy() -> None:
    code = (
        "import sys; from cardlab.runtime import known; known()\n"
        "print([name for name in sys.modules if name.startswith(('jpype', 'cardlab.toolchain', 'cardlab.cap'))])"
    )
    assert python(code) == "[]\n"


def test_another_distribution_brings_one(tmp_path: Path) -> None:
    (tmp_path / "another.py").write_text(ANOTHER)
    about = tmp_path / "another-1.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: another\nVersion: 1\n")
    (about / "entry_points.txt").write_text("[cardlab.runtimes]\nanother = another:BACKEND\n")
    code = "from cardlab.runtime import choose, known; print(*known(), choose('another').version)"
    names = python(code, tmp_path).split()
    assert {"another", "jcardsim"} <= set(names)
    assert names[-1] == "1"


def test_a_folder_beside_the_others_is_one(tmp_path: Path) -> None:
    """A package below ``cardlab.runtime`` with an object BACKEND."""
    folder = tmp_path / "another"
    folder.mkdir()
    (folder / "__init__.py").write_text(ANOTHER)
    code = (
        f"import cardlab.runtime; cardlab.runtime.__path__.append({str(tmp_path)!r})\nprint(*cardlab.runtime.known())"
    )
    assert {"another", "jcardsim"} <= set(python(code).split())


def make(order: RuntimeOrder) -> AppletRuntime:
    raise AssertionError("nothing is made when a choice was refused")


@pytest.mark.parametrize(
    ("choices", "named"),
    [
        (PlatformChoices(apdu_buffer=300), None),
        (PlatformChoices(apdu_buffer=501), "apdu_buffer=501"),
        (PlatformChoices(absent_le=AbsentLe.DROP), None),
        (PlatformChoices(integers=True), "integers=True"),
        (PlatformChoices(integers=True, object_deletion=False, commit_capacity=77), "commit_capacity=77"),
    ],
)
def test_choices_that_it_cannot_do_are_refused_by_name(choices: PlatformChoices, named: str | None) -> None:
    """Each of them, with what it can do instead."""
    backend = Backend("some", "1", make, settable={"apdu_buffer": range(261, 501), "absent_le": None})
    if named is None:
        backend.require(choices)
        return
    with pytest.raises(UsageError, match=named):
        backend.open(RuntimeOrder(FakeServices(), bytes(32), choices=choices))
    with pytest.raises(UsageError, match=named) as refused:
        backend.require(choices)
    for name in choices.changed():
        assert (name in str(refused.value)) is (name in refused.value.hint)
    if "apdu_buffer" in named:
        assert "261 to 500" in refused.value.hint


def test_a_runtime_has_no_capability_that_it_does_not_declare() -> None:
    assert Feature.CHANNELS not in BACKEND.capabilities
    assert BACKEND.deviations


def test_without_its_bridge_java_does_not_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "jpype", raising=False)
    assert not is_running()


def test_why_there_are_no_classes_is_always_told() -> None:
    assert ClassLibrary(()).missing(b"a load file") == "it was given none that convert to it"
