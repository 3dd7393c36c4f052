"""Thorough runs in parts: nothing is left out, a result counts for what was tested, and what changed since is stale."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.errors import HarnessError, IntegrityError, UsageError, VerificationError
from jpki.evidence import traceability
from jpki.evidence.thorough.command import Thorough, command
from jpki.evidence.thorough.inputs import Inputs
from jpki.evidence.thorough.page import PAGE, markdown
from jpki.evidence.thorough.parts import PARTS, Block, Part, Parts
from jpki.evidence.thorough.record import RECORD, Result, State, ThoroughRecord, put_on_record
from jpki.evidence.thorough.run import Runner

ROOT = Path(__file__).resolve().parents[3]
PROFILED = re.compile(
    r'^\s*@given\(|\(RuleBasedStateMachine\)|getoption\("--profile"\)|settings\(\)|run_state_machine_as_test\('
    r"|from tests\.jpki\.applet\.tears import",
    re.MULTILINE,
)
"""What a test has that does more in a thorough run."""
RESULT = Result("0123abcd", "2026-11-27T12:40Z", 130, 7, 3, 1, (), "digest")
CONFTEST = 'def pytest_addoption(parser):\n    parser.addoption("--profile")\n'


# -- the parts of this project ----------------------------------------------------------------------------------------


def test_every_test_that_is_thorough_is_in_a_part() -> None:
    parts = Parts.read(ROOT).all
    places = {ROOT / one.partition("::")[0] for part in parts for one in part.tests}
    assert [one for one in places if not one.exists()] == []
    found = [path for path in (ROOT / "tests").rglob("test_*.py") if PROFILED.search(path.read_text(encoding="utf-8"))]
    assert len(found) > 50
    left_out = [path for path in found if not places & {path, *path.parents}]
    assert left_out == [], f"put them into {PARTS}"


def test_names_of_parts_are_different() -> None:
    names = [block.name for part in Parts.read(ROOT).all for block in part.all_blocks()]
    assert len(set(names)) == len(names) > 60


def test_what_a_test_depends_on_is_found_from_its_imports() -> None:
    inputs = Inputs(ROOT, Parts.read(ROOT).dynamic)
    flows = inputs.files(["tests/jpki/flows/test_interleavings.py"])
    for needed in (
        "harness/jpki/parties/sp_tsm/service.py",
        "harness/cardlab/runtime/vm/java/cardlab/vm/Machine.java",
        "applet/src/jp/example/jpki/JpkiApplet.java",
        "tests/jpki/flows/conftest.py",
        "tests/jpki/flows/truth.py",
    ):
        assert ROOT / needed in flows or not (ROOT / needed).exists(), needed
    assert any(path.is_relative_to(ROOT / "applet") for path in flows)
    numbers = inputs.files(["tests/cardlab/iso7816/test_tlv.py"])
    assert ROOT / "harness/cardlab/iso7816/tlv.py" in numbers
    assert not any(path.is_relative_to(ROOT / "harness/jpki") for path in numbers)
    assert not any(path.name.endswith("record.json") for path in flows)


def test_a_file_that_names_no_parts_is_told(tmp_path: Path) -> None:
    write(tmp_path, {PARTS.as_posix(): "[[part]]\n"})
    with pytest.raises(IntegrityError, match="names no parts"):
        Parts.read(tmp_path)


# -- a small checkout -------------------------------------------------------------------------------------------------


def write(root: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Two modules, of which the tests need one, with a table beside it and one in a string."""
    write(
        tmp_path,
        {
            "harness/cardlab/__init__.py": "",
            "harness/cardlab/used/__init__.py": "",
            "harness/cardlab/used/first.py": "def f():\n    from cardlab.used import second\n",
            "harness/cardlab/used/second.py": 'LAZY = "cardlab.lazy:command"\n',
            "harness/cardlab/used/table.txt": "1 2 3",
            "harness/cardlab/used/record.json": "{}",
            "harness/cardlab/lazy.py": "",
            "harness/cardlab/other.py": "",
            "tests/conftest.py": CONFTEST,
            "tests/test_good.py": "NEEDS = 'cardlab.used.first'\n\n\ndef test_good():\n    pass\n",
            "tests/test_bad.py": "def test_bad():\n    assert False\n\n\ndef test_good():\n    pass\n",
            "docs/generated/x.md": "",
            PARTS.as_posix(): '[dynamic]\n[[part]]\nname = "good"\ntests = ["tests/test_good.py"]\n'
            '[[part]]\nname = "bad"\ntests = ["tests/test_bad.py::test_{block}"]\nblocks = 2\n',
        },
    )
    return tmp_path


@pytest.mark.parametrize(
    ("name", "counts"),
    [
        ("harness/cardlab/used/first.py", True),
        ("harness/cardlab/used/second.py", True),
        ("harness/cardlab/used/table.txt", True),
        ("harness/cardlab/lazy.py", True),
        ("tests/conftest.py", True),
        ("tests/test_good.py", True),
        ("harness/cardlab/other.py", False),
        ("harness/cardlab/used/record.json", False),
        ("tests/test_bad.py", False),
    ],
)
def test_only_what_a_test_needs_makes_its_result_stale(checkout: Path, name: str, counts: bool) -> None:
    before = Inputs(checkout, {}).digest(["tests/test_good.py"])
    (checkout / name).write_text("# changed\n" + (checkout / name).read_text(encoding="utf-8"), encoding="utf-8")
    after = Inputs(checkout, {}).digest(["tests/test_good.py"])
    assert (after != before) is counts
    state = replace(RESULT, inputs=before).state(after)
    assert state is (State.STALE if counts else State.PASSED)


def run(checkout: Path, *tests: str) -> Result:
    return Runner(checkout).run(Block("it", tests), Inputs(checkout, {}), 5)


def test_what_came_out_is_what_pytest_said(checkout: Path) -> None:
    result = run(checkout, "tests/test_bad.py")
    assert (result.passed, result.failed, result.seed) == (1, ("tests/test_bad.py::test_bad",), 5)
    assert result.state(result.inputs) is State.FAILED
    assert result.state("other") is State.STALE


def test_what_failed_in_a_class_has_its_name(checkout: Path) -> None:
    bad = "class TestAll:\n    def test_bad(self):\n        assert False\n"
    (checkout / "tests" / "test_class.py").write_text(bad, encoding="utf-8")
    assert run(checkout, "tests/test_class.py").failed == ("tests/test_class.py::TestAll::test_bad",)


def test_a_run_that_does_not_end_is_not_on_record(checkout: Path) -> None:
    with pytest.raises(HarnessError, match="did not come to its end"):
        run(checkout, "tests/test_none.py")


def test_what_is_changed_meanwhile_was_not_tested(checkout: Path) -> None:
    itself = "from pathlib import Path\n\n\ndef test_it():\n    Path(__file__).write_text('# another')\n"
    write(checkout, {"tests/test_itself.py": itself})
    with pytest.raises(HarnessError, match="was changed while it ran"):
        run(checkout, "tests/test_itself.py")


# -- record, order and page -------------------------------------------------------------------------------------------


def due(thorough: Thorough, wanted: Iterable[str] = (), *, again: bool = False) -> list[str]:
    return [block.name for block in thorough.due([*wanted], again=again)]


def test_what_was_never_run_comes_first_and_what_passed_not_again(checkout: Path) -> None:
    thorough = Thorough(checkout)
    assert due(thorough) == ["good", "bad/0", "bad/1"]
    digests = {name: thorough.inputs.digest([f"tests/test_{name}.py"]) for name in ("good", "bad")}
    put_on_record(checkout / RECORD, {"good": replace(RESULT, inputs="old")})
    put_on_record(checkout / RECORD, {"bad/0": replace(RESULT, inputs=digests["bad"], failed=("t",))})
    assert due(thorough) == ["bad/1", "bad/0", "good"]
    put_on_record(checkout / RECORD, {"good": replace(RESULT, inputs=digests["good"])})
    assert due(thorough) == ["bad/1", "bad/0"]
    assert due(thorough, ["g*"], again=True) == ["good"]
    assert due(thorough, ["bad"]) == ["bad/1", "bad/0"] and due(thorough, ["bad/1"]) == ["bad/1"]
    with pytest.raises(UsageError, match="there is no part worse"):
        due(thorough, ["worse"])


def test_a_result_is_on_record_and_on_the_page(checkout: Path) -> None:
    thorough = Thorough(checkout)
    (block,) = thorough.due(["good"], again=False)
    result = thorough.run(block, 9)
    assert ThoroughRecord.read(checkout / RECORD).results == {"good": result}
    assert "| good | passed |" in (checkout / PAGE).read_text(encoding="utf-8")


def test_the_command_fails_with_what_failed(checkout: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(traceability, "checkout", lambda: checkout)
    monkeypatch.setattr(
        Thorough, "run", lambda self, block, seed: replace(RESULT, failed=("t",) if "bad" in block.name else ())
    )
    with pytest.raises(VerificationError, match=r"^failed: bad/0, bad/1\n") as failed:
        command.callback((), only_list=False, again=False, seed=5)  # type: ignore[misc]
    assert "make it a test of the default run" in failed.value.hint


def test_the_page_says_what_is_stale_and_what_failed() -> None:
    parts = Parts((Part("a", ("t",)), Part("b", ("t{block}",), 3)), {})
    blocks = [block for part in parts.all for block in part.all_blocks()]
    record = ThoroughRecord({"a": RESULT, "b/0": replace(RESULT, failed=("tests/t.py::test_x",)), "b/1": RESULT})
    states = dict(zip(blocks, (State.STALE, State.FAILED, State.PASSED, State.NEVER), strict=True))
    page = markdown(parts, record, states)
    assert "4 blocks: 1 failed, 1 never run, 1 stale, 1 passed." in page
    assert "| a | stale | 2026-11-27 12:40 | `0123abcd` | 2 min | 3 |" in page
    assert "| b | 1 failed, 1 never run, 1 passed |" in page
    assert "`tests/t.py::test_x`, block b/0, commit `0123abcd`, `--seed 7`" in page


def test_a_record_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "record.json").write_text('{"a": {"seed": 1}}', encoding="utf-8")
    with pytest.raises(IntegrityError, match="no record of thorough runs"):
        ThoroughRecord.read(tmp_path / "record.json")
