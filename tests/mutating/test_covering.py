"""Which test executes which line: in the process that measures, and in programs that a test starts."""

from __future__ import annotations

import inspect
import json
import subprocess
import sys
from pathlib import Path

from cardlab.pytest_plugin import seeds
from tests.mutating.covering import Covering
from tests.mutating.packages import ROOT, Package

SHOWN = "from cardlab.pytest_plugin.seeds import show; show(1)"
MEASURED = f"""
import json, subprocess, sys
from pathlib import Path
from types import SimpleNamespace
from tests.mutating.covering import _Measure

measure = _Measure(Path(sys.argv[1]), [{seeds.__file__!r}])
for name, code in (("test_a.py::test_other", {SHOWN!r}), ("test_a.py::test_own", "pass")):
    item = SimpleNamespace(nodeid=name)
    measure.pytest_runtest_logstart(name)
    measure.pytest_runtest_setup(item)
    measure.pytest_runtest_call(item)
    subprocess.run([sys.executable, "-c", code], check=True)
    if code == "pass":
        {SHOWN}
    measure.pytest_runtest_logreport(SimpleNamespace(nodeid=name, failed=False, skipped=False, when="call"))
print(json.dumps(measure.result(["test_a.py"])))
"""


def test_programs_that_a_test_starts_count_for_it(tmp_path: Path) -> None:
    """Their lines, and their time: a test that starts programs is not the cheapest."""
    command = [sys.executable, "-c", MEASURED, str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)["test_a.py"]
    lines, first = inspect.getsourcelines(seeds.show)
    returned = first + len(lines) - 1
    executed = found["lines"][str(Path(seeds.__file__).relative_to(ROOT))]
    assert {who for who, these in executed.items() if returned in these} == {
        "test_a.py::test_other|call",
        "test_a.py::test_own|call",
    }
    assert found["tests"]["test_a.py::test_other"]["seconds"] > 0, "its program's time is its own"


def test_who_fails_is_told_and_like_who_is_skipped_does_not_hunt() -> None:
    tests = {
        "test_a.py::test_passes": {"passed": True, "seconds": 0.0, "skipped": False},
        "test_a.py::test_skipped": {"passed": True, "seconds": 0.0, "skipped": True},
        "test_a.py::test_fails": {"passed": False, "seconds": 0.0, "skipped": False},
    }
    executed = {"one.py": {f"{test}|call": [1] for test in tests}}
    covering = Covering(Package("one", "one", (), ("test_a.py",)), {"test_a.py": {"tests": tests, "lines": executed}})
    assert covering.tests("one.py", (1, 1)) == covering.all_tests == ["test_a.py::test_passes"]
    assert covering.failing == ["test_a.py::test_fails"]
