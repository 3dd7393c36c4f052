"""Descriptions of applets, packages and cards that do not fit together: refused without a run of pytest."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cardlab.cap.container import FILE_NAMES, pack
from cardlab.errors import UsageError
from cardlab.pytest_plugin.applet import Applet, Library
from cardlab.pytest_plugin.build import _packages, build
from cardlab.pytest_plugin.configured import applet_of, applet_under_test
from cardlab.pytest_plugin.libraries import Libraries
from cardlab.pytest_plugin.made import Made
from cardlab.pytest_plugin.run import Run
from cardlab.pytest_plugin.settings import SETTINGS
from cardlab.toolchain.executable import Executable
from cardlab.toolchain.workbench import CompileOrder, working_at
from tests.cardlab.cap.handmade import class_file
from tests.cardlab.runtime.vm.handmade import Hand
from tests.cardlab.runtime.vm.machines import PACKAGE, applet_aid


class Compiled:
    """A bench at which a file becomes an empty class of its name, in the package that its folder is called."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def classes(self, order: CompileOrder) -> Path:
        out = self._folder / str(len(list(self._folder.iterdir())))
        for file in order.files:
            place = out / file.parent.name / f"{file.stem}.class"
            place.parent.mkdir(parents=True, exist_ok=True)
            code = bytes(len(file.parent.name)) + b"\xb1"  # their names do not tell load files apart
            place.write_bytes(class_file(code, name=f"{file.parent.name}/{file.stem}"))
        return out

    def converting(self, request: object) -> None:
        """Nothing is said of it."""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """Folders with sources, a package each."""
    for name in ("one/A", "other/B"):
        file = tmp_path / "src" / f"{name}.java"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.touch()
    (tmp_path / "classes").mkdir()
    return tmp_path / "src"


def test_one_package_of_two_sets_of_sources(sources: Path) -> None:
    applets = [
        Applet.create(sources=sources / folder, class_name=name, aid=aid, package_aid="F000000001")
        for folder, name, aid in (("one", "one.A", "F00000000101"), ("other", "other.B", "F00000000102"))
    ]
    words = r"^package_aid F000000001 stands for two different sets of sources"
    with working_at(Compiled(sources.with_name("classes"))), pytest.raises(UsageError, match=words) as refused:
        build(applets)
    assert refused.value.hint == "give each set a package_aid of its own"


def test_two_applets_of_one_package(sources: Path) -> None:
    (sources / "one" / "B.java").touch()
    applets = [
        Applet.create(sources=sources / "one", class_name=name, aid=aid, package_aid="F000000001")
        for name, aid in (("one.A", "F00000000101"), ("one.B", "F00000000102"), ("one.A", "F00000000101"))
    ]
    with working_at(Compiled(sources.with_name("classes"))):
        ((version, package),) = _packages(applets, Libraries())
    assert (version, package.aid.hex(), package.version) == ("3.0.4", "f000000001", (1, 0))
    assert [(one.class_name, one.aid.hex()) for one in package.modules] == [
        ("one.A", "f00000000101"),
        ("one.B", "f00000000102"),
    ]
    assert {*package.classes} == {"one.A", "one.B"}


LICENSED = """// SPDX-License-Identifier: Apache-2.0

package one.inner;

public class A extends Applet { }
"""


def test_a_class_that_is_not_there_is_told_with_those_that_are(sources: Path) -> None:
    """Whatever stands before the package."""
    (sources / "one" / "A.java").write_text(LICENSED, encoding="utf-8")
    applet = Applet.create(sources=sources / "one", class_name="one.Missing", aid="F00000000101")
    with working_at(Compiled(sources.with_name("classes"))), pytest.raises(UsageError) as refused:
        build([applet])
    assert refused.value.hint == "the applets there: one.inner.A"


def test_libraries_that_are_no_package_each(sources: Path) -> None:
    with working_at(Compiled(sources.with_name("classes"))):
        known = Libraries().plus(Library(sources / "one", bytes.fromhex("F000000001")), "3.0.4")
        assert len(known.packages) == 1
        with pytest.raises(UsageError, match=r"other has the AID F000000001 of another one") as refused:
            known.plus(Library(sources / "other", bytes.fromhex("F000000001")), "3.0.4")
        assert refused.value.hint == "write another AID behind it: path=F00000000102"
        with pytest.raises(UsageError, match=r"src holds the Java packages one, other") as refused:
            known.plus(Library(sources), "3.0.4")
        assert refused.value.hint == "name a folder for each"


def test_a_library_in_a_cap_file_with_class_files_is_unpacked_to_compile_against(sources: Path) -> None:
    with working_at(Compiled(sources.with_name("classes"))):
        (made,) = Libraries().plus(Library(sources / "one"), "3.0.4").packages
        assert isinstance(made, Executable)
        file = sources / "one.cap"
        file.write_bytes(made.cap)
    known = Libraries().plus(Library(file), "3.0.4")
    assert [one.aid for one in known.packages] == [made.aid]
    (folder,) = known.classpath
    assert (folder / "one" / "A.class").read_bytes() == made.package.classes["one.A"]


def test_an_applet_in_a_cap_file_is_called_by_the_file(tmp_path: Path) -> None:
    aid, file = applet_aid("Hand"), tmp_path / "hand.cap"
    parts = Hand("sspush 1").components()
    file.write_bytes(pack({f"hand/javacard/{FILE_NAMES[one]}": raw for one, raw in parts.items()}))
    made = Applet.of_cap(cap="hand.cap", parameters="01", base=tmp_path)
    assert (made.class_name, made.sources, made.cap, made.parameters) == ("hand.cap", (), file, b"\1")
    assert (made.aid, made.package_aid) == (aid, PACKAGE)


@pytest.mark.parametrize(
    ("values", "lacking"),
    [
        ({"class_name": "a.B", "aid": "F00000000101"}, "sources"),
        ({"sources": ("src",)}, "class_name and aid"),
    ],
)
def test_an_applet_that_is_described_by_half(values: dict[str, Any], lacking: str) -> None:
    with pytest.raises(UsageError, match=rf"^the applet under test lacks {lacking}") as refused:
        applet_of(values)
    assert refused.value.hint


def item(mark: pytest.MarkDecorator) -> Any:
    """A test with one marker."""
    return SimpleNamespace(path=Path("/tests/test_it.py"), iter_markers=lambda name: [mark.mark])


def test_a_cap_file_that_is_no_path() -> None:
    with pytest.raises(UsageError, match=r"^cap 5 is of the wrong kind") as refused:
        Applet.of_cap(cap=5)  # type: ignore[arg-type]
    assert refused.value.hint == "write the path of a CAP file"
    config: Any = SimpleNamespace(inipath=Path("/tests/pytest.ini"), getini=_nothing)
    with pytest.raises(UsageError, match=r"^cap 5 is of the wrong kind"):
        applet_under_test(config, item(pytest.mark.javacard_applet(cap=5)))


def _nothing(name: str) -> Any:
    return [] if any(one.name == name and one.form.of_pytest in ("args", "linelist") for one in SETTINGS) else ""


def test_a_marker_names_one_profile() -> None:
    with pytest.raises(UsageError, match=r"names one profile, not .'a', 'b'.") as refused:
        Made().of_test(item(pytest.mark.javacard_profile("a", "b")))
    assert refused.value.hint


def test_what_globalplatformpro_sends_is_not_recorded() -> None:
    config = SimpleNamespace(getoption={"--installer": "gp", "--record": "run.txt"}.__getitem__)
    with pytest.raises(UsageError, match=r"^--installer gp and --record: ") as refused:
        Run._program(SimpleNamespace(_config=config))  # type: ignore[arg-type]
    assert refused.value.hint == "leave one of them out"
