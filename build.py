#!/usr/bin/env python3
"""Builds, tests and shows the project with nothing but Python 3.11: makes .venv from the lock, then runs a command."""

import os
import sys

if sys.version_info < (3, 11):  # noqa: UP036 - said here, before anything that an older Python would stumble over
    version = f"{sys.version_info[0]}.{sys.version_info[1]}"
    print(f"build.py: this is Python {version}; run it with Python 3.11 or newer", file=sys.stderr)
    sys.exit(3)

import contextlib
import hashlib
import importlib.util
import json
import re
import shutil
import subprocess
import sysconfig
import tomllib
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "made-from"
PCSC_STAMP = VENV / "pcsc-made-from"
LOCK = ROOT / "scripts" / "requirements.lock"
PCSC_LOCK = ROOT / "scripts" / "pcsc.lock"

# The exit codes of docs/reference/exit-codes.md that apply before the package can be imported.
USAGE, MISSING, DAMAGED = 2, 3, 4

HELP = """\
usage: python3 build.py COMMAND [arguments]

  demo    the applet's life on a simulated secure element, from compilation to verified signatures
  test    the test suite; arguments go to pytest (--profile quick|default|thorough, --requirement C6, a path, ...);
          --quick: a choice of tests that touches every folder, in less than a minute; --cov: Python's coverage, too;
          --thorough [PART ...]: what is due of the thorough profile, block by block, put on record; --thorough --list
          --random-order [SEED]: in an order that the seed decides, which is drawn and printed when it is left out
  applet  compile the applet and say what it measures
  bench   measure speed
  lint    ruff, ruff format and mypy
  mutate  hunt mutants of the harness, [PACKAGE ...]: do its tests notice changes of it?

`python3 build.py COMMAND --help` tells more. The first run installs what scripts/requirements.lock names into .venv.
"""

# What pip prints when it cannot reach an index, and when the index lacks a file.
UNREACHABLE = ("NewConnectionError", "Connection refused", "name resolution", "ProxyError", "timed out", "Max retries")
NOT_FOUND = ("No matching distribution", "Could not find a version")
# With one of these pytest runs in one process: they choose tests or want a terminal.
ONE_PROCESS = (
    "-n",
    "--numprocesses",
    "--dist",
    "--pdb",
    "--trace",
    "-s",
    "--capture",
    "--co",
    "-h",
    "--help",
    "--version",
)
# With these it is still the whole suite.
ALL_TESTS = ("--profile=", "--random-order")
PARALLEL = ["-n", "logical", "--maxprocesses", "8", "--dist", "worksteal"]
# The applet's coverage is the suite's own option and decides; the harness's is pytest-cov's, which makes Python half as
# fast before 3.12, so it is measured when somebody asks for it.
APPLET_COVERAGE = ["--coverage"]
HUNT = "from tests.mutating.__main__ import main; sys.exit(main(sys.argv[1:]))"
HARNESS_COVERAGE = ["--cov", "--cov-report=xml:build/coverage/harness.xml", "--cov-report=html:build/coverage/harness"]


class StoppedError(Exception):
    """Ends the program with a line and an exit code."""

    def __init__(self, code: int, line: str) -> None:
        super().__init__(line)
        self.code = code


def main(arguments: list[str]) -> int:
    """Run one command; returns the exit code."""
    if arguments and arguments[0] in ("-h", "--help", "help"):
        print(HELP, end="")
        return 0
    commands = {"demo": jpki, "applet": jpki, "bench": jpki, "test": test, "lint": lint, "mutate": mutate}
    if not arguments or arguments[0] not in commands:
        wrong = f"there is no command {arguments[0]!r};" if arguments else "which command?"
        raise StoppedError(USAGE, f"{wrong} say one of {', '.join(commands)}; `build.py --help` tells what they do")
    make_environment()
    if arguments[0] in ("test", "bench", "mutate"):
        add_pcsc()
    return commands[arguments[0]](arguments)


def jpki(arguments: list[str]) -> int:
    """`build.py demo` is `jpki demo`, in the folder that the user is in."""
    return run_last("-m", "jpki.cli", *arguments)


def test(arguments: list[str]) -> int:
    """Pytest; on all cores when it is the whole suite, with the applet's coverage when nothing of it is left out."""
    if "--thorough" in arguments:
        return run_last("-m", "jpki.evidence.thorough", *(one for one in arguments[1:] if one != "--thorough"))
    given = join_seed([one for one in arguments[1:] if one != "--cov"])
    harness = harness_coverage() if "--cov" in arguments else []
    # Paths are those of the user's folder; everything else is relative to the repository.
    values = {place + 1 for place, one in enumerate(given) if one in ("-k", "-m", "-p", "-o", "-W", "--profile")}
    paths = [place for place, one in enumerate(given) if place not in values and Path(one.split("::")[0]).exists()]
    given = [str(Path(one).absolute()) if place in paths else one for place, one in enumerate(given)]
    os.chdir(ROOT)
    alone = paths or any(one.startswith(ONE_PROCESS) for one in given)
    parallel = [] if alone else PARALLEL
    if "--quick" in given:
        if paths:
            raise StoppedError(USAGE, "--quick is a choice of tests: leave it out, or the paths")
        return run_last("-m", "pytest", *parallel, *quick(), *harness, *(one for one in given if one != "--quick"))
    profile = {place - 1 for place in values if given[place - 1] == "--profile"}
    whole = all(place in profile | values or one.startswith(ALL_TESTS) for place, one in enumerate(given))
    return run_last("-m", "pytest", *parallel, *(APPLET_COVERAGE if whole else []), *harness, *given)


def harness_coverage() -> list[str]:
    """What pytest is told for ``--cov``. From Python 3.12 lines cost next to nothing, from 3.14 branches as well."""
    if sys.version_info >= (3, 12):
        os.environ.setdefault("COVERAGE_CORE", "sysmon")
    branches = ["--cov-branch"] if sys.version_info >= (3, 14) or sys.version_info < (3, 12) else []
    return [*HARNESS_COVERAGE, *branches]


def join_seed(given: list[str]) -> list[str]:
    """``--random-order 7`` as one argument; what follows it and is no number is a path, or another option."""
    joined: list[str] = []
    for one in given:
        if joined and joined[-1] == "--random-order":
            joined[-1:] = [f"--random-order={one}"] if one.isdigit() else ["--random-order=new", one]
        else:
            joined.append(one)
    return joined


def quick() -> list[str]:
    """What pytest is told for ``--quick``: the tests that pyproject.toml lists without slow ones, and few examples."""
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return ["--profile", "quick", "-m", "not slow", *content["tool"]["build"]["quick"]]


def lint(arguments: list[str]) -> int:
    """Style, format and types; all three run, the worst answer counts."""
    if len(arguments) > 1:
        raise StoppedError(USAGE, "lint takes no arguments")
    checks = (["ruff", "check"], ["ruff", "format", "--check"], ["mypy"])
    return max(subprocess.call([str(PYTHON), "-m", *one], cwd=ROOT) for one in checks)


def mutate(arguments: list[str]) -> int:
    """Hunt mutants of the harness (docs/reference/tests.md)."""
    os.chdir(ROOT)
    return run_last("-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {HUNT}", *arguments[1:])


def run_last(*arguments: str) -> int:
    """Become the environment's Python; where the system cannot do that, start it and wait."""
    command = [str(PYTHON), "-P", *arguments]  # -P: modules in the user's folder stay out of the way
    if os.name != "nt":
        os.execv(command[0], command)  # noqa: S606 - a fixed program, a list of arguments, no shell
    return subprocess.call(command)


def make_environment() -> None:
    """Leave a complete .venv behind; costs a hash of two files when there is one already."""
    fingerprint = hashlib.sha256(f"{ROOT}\n{project_facts()}\n".encode() + LOCK.read_bytes()).hexdigest()
    if is_complete(fingerprint):
        return
    if not (importlib.util.find_spec("venv") and importlib.util.find_spec("ensurepip")):
        package = f"python3.{sys.version_info.minor}-venv"
        raise StoppedError(MISSING, f"this Python has no venv; on Debian or Ubuntu: apt-get install {package}")
    with exclusive(ROOT / ".venv.lock"):
        if is_complete(fingerprint):  # someone else made it while we waited
            return
        note("making .venv (the first time this takes about half a minute)")
        create_venv()
        packages = LOCK.read_text(encoding="utf-8").count("==")
        note(f"installing the {packages} locked packages")
        pip("install", "--require-hashes", "--no-deps", "--only-binary", ":all:", "-r", str(LOCK))
        pip("install", "--no-index", "--no-deps", "--no-build-isolation", "--editable", str(ROOT))
        STAMP.write_text(fingerprint, encoding="ascii")  # last: without it .venv counts as half made


def add_pcsc() -> None:
    """Add pyscard, which reaches readers, where that is possible; elsewhere say in a line what is left out, and why."""
    fingerprint = hashlib.sha256(STAMP.read_bytes() + PCSC_LOCK.read_bytes()).hexdigest()
    if is_complete(fingerprint, PCSC_STAMP):
        return
    why = compiler_lacks()
    if not why:
        note("installing pyscard, for card readers")
        try:
            with exclusive(ROOT / ".venv.lock"):
                pip("install", "--require-hashes", "--no-deps", "--no-build-isolation", "-r", str(PCSC_LOCK))
            PCSC_STAMP.write_text(fingerprint, encoding="ascii")
            return
        except StoppedError as error:
            why = str(error).splitlines()[-1]
    note(f"nothing is done with card readers, as pyscard is not installed: {why}")


def compiler_lacks() -> str:
    """What Linux needs to compile pyscard and does not have, with the remedy; other systems get it compiled."""
    if not sys.platform.startswith("linux"):
        return ""
    headers = (Path(sysconfig.get_path("include")) / "Python.h", Path("/usr/include/PCSC/winscard.h"))
    missing = [name for name in ("cc", "swig") if shutil.which(name) is None]
    missing += [header.name for header in headers if not header.exists()]
    install = "on Debian or Ubuntu: apt-get install gcc libpcsclite-dev python3-dev swig"
    return f"no {', '.join(missing)}; {install}" if missing else ""


def project_facts() -> str:
    """The part of pyproject.toml that decides what is installed; settings of tools do not."""
    content = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    return json.dumps([content["build-system"], content["project"], content["tool"]["hatch"]])


def is_complete(fingerprint: str, stamp: Path = STAMP) -> bool:
    """Was .venv made to its end, from this lock, in this place, and is its Python still there?"""
    try:
        return stamp.read_text(encoding="ascii") == fingerprint and PYTHON.exists()
    except (OSError, UnicodeError):
        return False


def create_venv() -> None:
    """A new, empty environment in place of whatever was there."""
    import venv

    try:
        STAMP.unlink(missing_ok=True)
        venv.EnvBuilder(clear=True, symlinks=os.name != "nt", with_pip=True).create(VENV)
    except (OSError, subprocess.CalledProcessError) as error:
        raise StoppedError(MISSING, f"cannot make {VENV}: {error}; is a program from it still running?") from error


def pip(*arguments: str) -> None:
    """Run pip inside .venv; on failure say in one line what is missing."""
    environment = {**os.environ, "PIP_USER": "0", "PIP_NO_INPUT": "1", "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    environment.setdefault("PIP_RETRIES", "2")
    command = [str(PYTHON), "-I", "-m", "pip", *arguments, "--progress-bar", "off"]
    process = subprocess.Popen(
        command, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", errors="replace"
    )
    said = []
    with process:
        for line in process.stdout or ():
            said.append(line)
            if line.startswith("Collecting ") and sys.stderr.isatty():
                print(f"\r\033[Kbuild.py:   {line.split()[1]}", end="", file=sys.stderr, flush=True)
    if sys.stderr.isatty():
        print("\r\033[K", end="", file=sys.stderr, flush=True)
    if process.returncode != 0:
        raise explain("".join(said), PCSC_LOCK if str(PCSC_LOCK) in arguments else LOCK)


def explain(said: str, locked: Path) -> StoppedError:
    """What a failed pip means, in a line."""
    lock = locked.relative_to(ROOT)
    if "DO NOT MATCH THE HASHES" in said:
        package = re.search(r"^ +(\S+==\S+) from", said, re.MULTILINE)
        actual = re.search(r"^ +Got +([0-9a-f]{64})", said, re.MULTILINE)
        what, got = (found[1] if found else "a package" for found in (package, actual))
        return StoppedError(
            DAMAGED, f"{what} is not a file that {lock} allows: its SHA-256 is {got}; ask where it comes from"
        )
    if any(one in said for one in UNREACHABLE + NOT_FOUND):
        nowhere = any(one in said for one in UNREACHABLE)
        why = (
            "the package index cannot be reached" if nowhere else said.strip().splitlines()[-1].removeprefix("ERROR: ")
        )
        return StoppedError(
            MISSING,
            f"the packages of {lock} are not installed, and {why}. Connect to the network, or set HTTPS_PROXY,"
            " PIP_INDEX_URL for a mirror, or PIP_NO_INDEX=1 and PIP_FIND_LINKS=FOLDER for wheels that `pip download"
            f" --no-deps -r {lock}` fetched elsewhere",
        )
    return StoppedError(MISSING, f"pip could not install the packages:\n{said.strip()}")


@contextlib.contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """Hold a lock among processes; the system lets go of it when the process ends, however it ends."""
    with path.open("a+b") as stream:
        if sys.platform == "win32":
            import msvcrt

            stream.seek(0)
            msvcrt.locking(stream.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def note(line: str) -> None:
    """Progress, for people."""
    print(f"build.py: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except StoppedError as failure:
        note(str(failure))
        sys.exit(failure.code)
    except KeyboardInterrupt:
        note("interrupted")
        sys.exit(130)
