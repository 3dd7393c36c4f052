"""Kinds of cards: one file each, found by its name; one parser of ``--card`` for tests and commands."""

from __future__ import annotations

import ast
import pkgutil
from pathlib import Path

import pytest

from cardlab import kinds
from cardlab.cli import run
from cardlab.errors import UsageError
from tests.cardlab.pytest_plugin.project import Project
from tests.cardlab.pytest_plugin.test_outside_project import lines, project

__all__ = ["project"]

PACKAGE = Path(kinds.__file__).parents[1]


def test_every_file_is_a_kind_of_its_name() -> None:
    files = {module.name for module in pkgutil.iter_modules(kinds.__path__)}
    assert set(kinds.known()) == files >= {"sim", "vpcd", "pcsc", "replay", "dry"}


@pytest.mark.parametrize("text", ["sim:", "sim:card.json", "pcsc:ACS ACR39U:0", "replay:a:b", "vpcd"])
def test_what_follows_the_first_colon_is_the_argument(text: str) -> None:
    choice = kinds.choose(text)
    assert (choice.kind.name, choice.argument) == tuple(text.partition(":")[::2])


@pytest.mark.parametrize("text", ["", "tape", "tape:1", ":sim", "SIM", "__init__", "../sim"])
def test_an_unknown_kind_lists_the_known_ones(text: str) -> None:
    with pytest.raises(UsageError, match="there is no such kind of card") as caught:
        kinds.choose(text)
    assert caught.value.hint == "known kinds: dry:READER, pcsc:READER, replay:FILE, sim, vpcd"


def test_a_command_lists_the_kinds_for_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["card", "apdu", "--card", "vpcd", "00A4040000"]) == UsageError.exit_code
    assert "known kinds: pcsc:READER, sim:FILE" in capsys.readouterr().err


TAPE = """
    from cardlab.kinds.sim import SimulatedCards
    from cardlab.lab.kind import CardKind, ForTests, Sharing

    KIND = CardKind(
        name="tape",
        about="cards of a foreign distribution",
        tests=ForTests(
            usage="tape:LENGTH",
            capabilities=SimulatedCards.capabilities,
            supply=lambda length, options: SimulatedCards(),
            sharing=Sharing.ONE_PROCESS,
        ),
    )
"""


@pytest.fixture
def with_tape(project: Project) -> Project:
    """A project beside which a distribution is installed that brings a kind of card."""
    project.write("site/tape.py", lines(TAPE))
    project.write("site/tape-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: tape\nVersion: 1.0\n")
    project.write("site/tape-1.0.dist-info/entry_points.txt", "[cardlab.kinds]\ntape = tape:KIND\n")
    project.write("test_it.py", "def test_it(card):\n    assert card.send(0x80, 0x52) == bytes(4)\n")
    return project


def test_a_kind_of_another_distribution(with_tape: Project) -> None:
    """It is one file, and nothing of the plugin is changed for it."""
    there = {"PYTHONPATH": str(with_tape.folder / "site")}
    assert "1 passed" in with_tape.run("--card", "tape:3", **there).output
    assert "card: tape:3, cards of a foreign distribution\n" in with_tape.run("--card", "tape:3", **there).output
    assert "--card tape names no length (write --card tape:LENGTH)" in with_tape.run("--card", "tape", **there).output
    assert "replay:FILE, sim, tape:LENGTH, vpcd" in with_tape.run("--card", "disk", **there).output
    assert "--card tape and -n: there is one card" in with_tape.run("--card", "tape:3", "-n", "2", **there).output
    taken = with_tape.run("--card", "tape:3", "--card-keys", "test", **there).output
    assert "--card tape:3 takes no --card-keys" in taken


def test_a_dry_run_is_a_kind_that_reaches_no_reader(project: Project) -> None:
    project.write("test_it.py", "def test_it(card):\n    assert card.send(0x80, 0x52) == bytes(4)\n")
    result = project.run("--card", "dry:not even there")
    assert result.code == 0, result.output
    told = result.output.partition("dry run: nothing was sent")[2]
    assert "test_it.py::test_it, to not even there:" in told
    assert "80520000 +1 bytes" in told
    assert "--card dry and -n: there is one card" in project.run("--card", "dry:x", "-n", "2").output
    refused = project.run("--card", "dry:x", "--destructive", "X").output
    assert "--card dry:x takes no --destructive (it is for --card pcsc:READER)" in refused


def test_an_import_is_no_way_round() -> None:
    """No circle of imports: what is imported at the top of a module leads nowhere back to it."""
    files = {_name(file): file for file in PACKAGE.rglob("*.py")}
    graph = {name: _imported(file, frozenset(files)) for name, file in files.items()}
    parts = ("cardlab.kinds", "cardlab.lab", "cardlab.pytest_plugin", "cardlab.cli")
    assert len([name for name in graph if name.startswith(parts)]) > 40
    circles = [name for name in graph if name.startswith(parts) and name in _reached(graph, name)]
    assert circles == []


def _name(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def _imported(file: Path, modules: frozenset[str]) -> set[str]:
    """Those of the modules that one imports, anywhere in it but for type checkers only."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    found: set[str] = set()
    for node in ast.walk(_without_type_checking(tree)):
        if isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{one.name}" for one in node.names}
            found |= whole if whole <= modules else {node.module, *whole}
        elif isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
    return found & modules


def _without_type_checking(tree: ast.Module) -> ast.Module:
    kept = [one for one in tree.body if not (isinstance(one, ast.If) and ast.unparse(one.test) == "TYPE_CHECKING")]
    return ast.Module(kept, [])


def _reached(graph: dict[str, set[str]], start: str) -> set[str]:
    reached: set[str] = set()
    pending = set(graph[start])
    while pending:
        name = pending.pop()
        if name not in reached:
            reached.add(name)
            pending |= graph.get(name, set())
    return reached


def test_a_kind_that_is_not_named_is_not_imported(project: Project) -> None:
    project.write(
        "test_it.py",
        "import sys\n\ndef test_it(card):\n"
        "    assert [name for name in sys.modules if name.startswith('cardlab.kinds.')] == ['cardlab.kinds.sim']\n",
    )
    assert "1 passed" in project.run("-q").output


RUNTIME = """
    from dataclasses import replace
    from cardlab.runtime.feature import Feature
    from cardlab.runtime.jcardsim import BACKEND as usual

    BACKEND = replace(usual, name="short", capabilities=usual.capabilities - {Feature.TEARS})
"""
NEEDING = """
    import pytest

    def test_runtime(card):
        assert card._lower.simulated.backend.name == "short"

    @pytest.mark.needs("power_cut")
    def test_power(card): ...
"""


@pytest.fixture
def with_runtime(project: Project) -> tuple[Project, dict[str, str]]:
    """A project beside which a distribution is installed that brings a runtime, without power cuts."""
    project.write("site/short.py", lines(RUNTIME))
    project.write("site/short-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: short\nVersion: 1.0\n")
    project.write("site/short-1.0.dist-info/entry_points.txt", "[cardlab.runtimes]\nshort = short:BACKEND\n")
    project.write("test_it.py", lines(NEEDING))
    return project, {"PYTHONPATH": str(project.folder / "site")}


def test_the_runtime_is_an_option_or_a_setting(with_runtime: tuple[Project, dict[str, str]]) -> None:
    project, there = with_runtime
    assert "1 passed, 1 skipped" in project.run("--card-runtime", "short", **there).output
    skipped = project.run("-rs", "--card-runtime", "short", **there).output
    assert "--card sim lacks power that fails within a command" in skipped
    assert "1 failed, 1 passed" in project.run("-q", **there).output  # the usual one
    settings = (project.folder / "pyproject.toml").read_text(encoding="utf-8")
    project.write("pyproject.toml", settings + 'javacard_runtime = "short"\n')
    assert "1 passed, 1 skipped" in project.run(**there).output
    assert "1 failed, 1 passed" in project.run("--card-runtime", "jcardsim", **there).output


def test_an_unknown_runtime_lists_the_known_ones(with_runtime: tuple[Project, dict[str, str]]) -> None:
    project, there = with_runtime
    said = project.run("--card-runtime", "abacus", **there)
    assert said.code == pytest.ExitCode.USAGE_ERROR
    assert "--card-runtime abacus: there is no runtime abacus" in said.output
    assert "jcardsim, short" in said.output
    refused = project.run("--card", "replay:x", "--card-runtime", "short", **there).output
    assert "--card replay:x takes no --card-runtime" in refused
    settings = (project.folder / "pyproject.toml").read_text(encoding="utf-8")
    project.write("pyproject.toml", settings + 'javacard_runtime = "abacus"\n')
    assert "javacard_runtime abacus: there is no runtime abacus" in project.run(**there).output


@pytest.mark.parametrize("command", [["apdu", "00A4040000"], ["info"], ["serve"]])
def test_a_command_that_makes_a_card_takes_the_runtime(command: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    card = [] if command == ["serve"] else ["--card", "sim"]
    assert run(["card", *command, *card, "--runtime", "abacus"]) == UsageError.exit_code
    said = capsys.readouterr().err
    assert "there is no runtime abacus" in said
    assert "jcardsim" in said


def test_a_command_uses_the_runtime(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["card", "apdu", "--card", "sim", "--runtime", "jcardsim", "00A4040000=9000"]) == 0
    assert run(["card", "apdu", "--card", "pcsc:x", "--runtime", "jcardsim", "00A4040000"]) == UsageError.exit_code
    assert "--card pcsc:x takes no --runtime" in capsys.readouterr().err
