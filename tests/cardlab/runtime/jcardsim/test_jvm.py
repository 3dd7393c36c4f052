"""The virtual machine: its start, who else may have started one, and what it prints."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.runtime.jcardsim import BACKEND

ROOT = Path(__file__).parents[4]


def python(code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)


def test_importing_starts_nothing() -> None:
    found = python(
        "import sys, cardlab.runtime.jcardsim.adapter\n"
        "assert 'jpype' not in sys.modules and not any(name.startswith('cardlab.toolchain') for name in sys.modules)"
    )
    assert found.returncode == 0, found.stderr


def test_starting_twice_is_starting_once() -> None:
    found = python("from cardlab.runtime import jvm\njvm.start()\njvm.start()\nprint('fine')")
    assert found.stdout == "fine\n", found.stderr


def test_a_foreign_virtual_machine_is_recognised() -> None:
    found = python(
        "import jpype\n"
        "from cardlab.errors import HarnessError\n"
        "from cardlab.runtime import jvm\n"
        "from cardlab.toolchain.java import find_java\n"
        "jpype.startJVM(str(find_java().library), classpath=[])\n"
        "try:\n"
        "    jvm.start()\n"
        "except HarnessError as error:\n"
        "    print(error, '|', error.hint)\n"
    )
    assert "does not have the simulator's classes" in found.stdout, found.stderr
    assert "another process" in found.stdout


@pytest.mark.parametrize("reverse", [False, True])
def test_the_order_of_the_class_path_matters(reverse: bool) -> None:
    """With jCardSim first its own classes would be used, and every card would have the same keys."""
    found = python(
        "import jpype\n"
        "from cardlab.errors import HarnessError\n"
        "from cardlab.runtime import jvm\n"
        "from cardlab.toolchain import jars\n"
        "from cardlab.runtime.jcardsim.classes import runtime_classes\n"
        "from cardlab.toolchain.java import find_java\n"
        "path = [str(runtime_classes()), str(jars.jar('jcardsim'))]\n"
        f"jpype.startJVM(str(find_java().library), classpath=path[::{-1 if reverse else 1}])\n"
        "try:\n"
        "    jvm.start()\n"
        "    print('taken')\n"
        "except HarnessError as error:\n"
        "    print('refused')\n"
    )
    assert found.stdout == ("refused\n" if reverse else "taken\n"), found.stderr


def test_nothing_of_jcardsim_is_printed() -> None:
    """It reports every Signature that is made on standard output."""
    found = python(
        "from cardlab.runtime import jvm\n"
        "jvm.start()\n"
        "jvm.java_class('java.lang.System').out.println('from Java')\n"
        "print('from Python')\n"
    )
    assert found.stdout == "from Python\n", found.stderr
    assert found.stderr == ""


INSTRUMENTED = r"""
import sys
from pathlib import Path
from cardlab.runtime import jvm
from cardlab.toolchain import jars
jvm.start([jars.jar("jacoco-agent")], ["-Djacoco-agent.output=none"])
from cardlab.toolchain.compile import class_files
from dataclasses import replace
from cardlab.runtime.jcardsim import BACKEND
from tests.cardlab.runtime.jcardsim.cards import load
from tests.conformance.cards import RuntimeCard, package
folder = Path(sys.argv[1])
files = {name: folder.joinpath(*name.split(".")).with_suffix(".class").read_bytes() for name in class_files(folder)}
names = ("runtimetest.Statics", "runtimetest.Transactions")
wanted = {name: code for name, code in files.items() if name.split("$")[0] in names}
assert b"$jacocoData" in files["runtimetest.Statics"]
card = RuntimeCard(BACKEND)
load(card, replace(package("Statics", "Transactions"), classes=wanted))
print(card.install("Statics"), card.install("Transactions"))
card.select("Statics")
print(card.ask(0).hex())
card.select("Transactions")
print(card.send(1, b"B\0w\7A\0").sw, card.ask(2).hex())
other = card.restored(["Statics"])
print(other.ask(0).hex())
data = jvm.java_class("org.jacoco.agent.rt.RT").getAgent().getExecutionData(False)
assert len(data) > 100
"""


def test_applets_instrumented_for_coverage_behave_the_same(applet_folder: Path, tmp_path: Path) -> None:
    """JaCoCo's fields and counters are no part of the card: the same sizes, rollback, state and answers."""
    from cardlab.toolchain import jars
    from cardlab.toolchain.java import find_java
    from tests.cardlab.runtime.jcardsim.cards import load
    from tests.conformance.cards import RuntimeCard, package

    instrument = [str(find_java().executable), "-jar", str(jars.jar("jacoco-cli")), "instrument", str(applet_folder)]
    subprocess.run([*instrument, "--dest", str(tmp_path)], capture_output=True, check=True)
    found = subprocess.run(
        [sys.executable, "-c", INSTRUMENTED, str(tmp_path)], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert found.returncode == 0, found.stderr
    lines = found.stdout.splitlines()
    plain = {
        name: applet_folder.joinpath(*name.split(".")).with_suffix(".class").read_bytes()
        for name in ("runtimetest.Statics", "runtimetest.Transactions", "runtimetest.Transactions$Node")
    }
    card = RuntimeCard(BACKEND)
    load(card, replace(package("Statics", "Transactions"), classes=plain))
    assert lines[0] == f"{card.install('Statics')} {card.install('Transactions')}"
    card.select("Statics")
    assert lines[1] == card.ask(0).hex() == "00010101"
    card.select("Transactions")
    assert lines[2] == f"{card.send(1, bytes.fromhex('420077074100')).sw} {card.ask(2).hex()}"
    assert lines[3] == "00020202"
