"""Ant with the task of ant-javacard: where both come from, how they are run, what their output means."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from http.client import HTTPException
from pathlib import Path

from cardlab.errors import BuildError, HarnessError, IntegrityError, MissingDependencyError
from cardlab.toolchain import jars, places
from cardlab.toolchain.java import Java

RELEASE = "v26.05.15"
RELEASE_URL = f"https://github.com/martinpaljak/ant-javacard/releases/download/{RELEASE}/ant-javacard.jar"
RELEASE_SHA256 = "14f5e25c07b184e4ec02ee148892c2ea7ad5d7e9db8b91109524df8f7d000589"
JAR = "ant-javacard.jar"
_TASK = "pro/javacard/ant/JavaCard.class"
_LARGEST = 4 << 20  # the jar has less than 100 KB; whatever is larger is not it
_LAUNCHER = "org.apache.tools.ant.launch.Launcher"
_TASK_LINE = re.compile(r"^\s*\[convert\] (.*?)\s*$", re.MULTILINE)
_FAILURE = re.compile(r"^BUILD FAILED\n(?P<reason>.*?)^(?:Total time:.*)?\Z", re.MULTILINE | re.DOTALL)
_TIME = re.compile(r"\w{3} \d{1,2}, \d{4}\b.*[AP]M")


def find_jar(named: Path | None = None, environ: Mapping[str, str] | None = None) -> Path:
    """ant-javacard.jar: the one named, else on PATH, else in Ant's folders, else the pinned release, downloaded.

    Raises MissingDependencyError when there is none, IntegrityError when a file is not what it should be.
    """
    environ = os.environ if environ is None else environ
    if named is not None:
        if not named.is_file():
            raise MissingDependencyError(
                f"there is no file {named}", hint=f"name {JAR} with --ant-javacard or ANT_JAVACARD_JAR"
            )
        return _checked(named)
    for place in _places(environ):
        if place.is_file():
            return _checked(place)
    return release_jar(places.cache_folder(environ))


def release_jar(folder: Path, url: str = RELEASE_URL, sha256: str = RELEASE_SHA256) -> Path:
    """The pinned release, downloaded from its project's release page unless ``folder`` has it; hashed on every use."""
    path = folder / f"ant-javacard-{sha256[:12]}.jar"
    if not path.is_file():
        _download(url, path, sha256)
    _compare(path, sha256, url)
    return path


def ant_command(java: Java, environ: Mapping[str, str] | None = None) -> list[str]:
    """The command that starts Ant: the installed one where its jars are found, else the one that is locked here.

    Ant's start script is left out: it picks a Java of its own, and older ones give Java 24 an option that it refuses.
    """
    environ = os.environ if environ is None else environ
    installed = next(
        (one for one in (lib / "ant-launcher.jar" for lib in _ant_libraries(environ)) if one.is_file()), None
    )
    classpath = [installed] if installed else [jars.jar("ant"), jars.jar("ant-launcher")]
    return [str(java.executable), "-cp", os.pathsep.join(str(one) for one in classpath), _LAUNCHER]


def run(
    build_file: Path, properties: Mapping[str, str | Path], java: Java, environ: Mapping[str, str] | None = None
) -> str:
    """Run the default target of a build file; returns what Ant said. Raises BuildError or MissingDependencyError."""
    environ = os.environ if environ is None else environ
    command = [*ant_command(java, environ), "-nouserlib", "-noclasspath", "-f", str(build_file)]
    command += [f"-D{name}={value}" for name, value in properties.items()]
    result = subprocess.run(
        command,
        env={**environ, "JAVA_HOME": str(java.executable.parent.parent)},
        cwd=build_file.parent,
        capture_output=True,
        text=True,
        errors="replace",
        check=False,
    )
    if result.returncode != 0:
        raise failure(result.stdout + result.stderr)
    return result.stdout


def failure(output: str) -> HarnessError:
    """What a failed run of Ant means: every complaint of the converter, or else Ant's reason."""
    found = _FAILURE.search(output)
    reason = _without_place(found["reason"]) if found else output.strip() or "Ant ended without a word"
    complaints = list(_complaints(_TASK_LINE.findall(output)))
    if complaints:
        return BuildError("the kit's converter: " + "\n".join(complaints), hint="mend what is named above")
    if "pro.javacard.ant.JavaCard" in reason:
        return MissingDependencyError(
            f"Ant does not find ant-javacard: {reason}", hint=f"name {JAR} with --ant-javacard"
        )
    if re.search(r"\bJDK\b", reason):
        return BuildError(
            reason, hint="set JAVA_HOME to a Java that it takes, use a kit 3.1 or newer, or another ant-javacard"
        )
    return BuildError(reason, hint="the messages are those of Ant and ant-javacard; see docs/reference/kit.md")


def _places(environ: Mapping[str, str]) -> Iterator[Path]:
    """Where the jar may lie; none of the files need exist."""
    yield from (Path(folder) / JAR for folder in environ.get("PATH", "").split(os.pathsep) if folder)
    for library in (*_ant_libraries(environ), Path.home() / ".ant" / "lib"):
        yield from sorted(library.glob("ant-javacard*.jar"), reverse=True)


def _ant_libraries(environ: Mapping[str, str]) -> Iterator[Path]:
    """The folders with an installed Ant's jars."""
    if home := environ.get("ANT_HOME"):
        yield Path(home) / "lib"
    if script := shutil.which("ant", path=environ.get("PATH", "")):
        yield Path(script).resolve().parent.parent / "lib"


def _checked(jar: Path) -> Path:
    """The jar, if it has the task in it."""
    try:
        with zipfile.ZipFile(jar) as archive:
            archive.getinfo(_TASK)
    except (OSError, zipfile.BadZipFile, KeyError) as error:
        raise IntegrityError(
            f"{jar} is not ant-javacard: {error}", hint=f"get it again, or name another {JAR}"
        ) from error
    return jar.absolute()


def _download(url: str, path: Path, sha256: str) -> None:
    """Put a file at ``path``, whole and with the right hash or not at all."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            fetched = Path(folder) / JAR
            with urllib.request.urlopen(url, timeout=60) as answer:  # noqa: S310 - a constant; HTTPS_PROXY is honoured
                fetched.write_bytes(answer.read(_LARGEST))
            _compare(fetched, sha256, url)
            fetched.replace(path)
    except (OSError, HTTPException) as error:
        reason = getattr(error, "reason", None) or error
        raise MissingDependencyError(
            f"{JAR} is not here and could not be downloaded: {reason}",
            hint=f"connect to the network, or get {url} elsewhere and name the file with --ant-javacard or"
            " ANT_JAVACARD_JAR",
        ) from error


def _compare(path: Path, sha256: str, url: str) -> None:
    actual = jars.sha256(path)
    if actual != sha256:
        raise IntegrityError(
            f"{url} is not the jar that was pinned: SHA-256 expected {sha256}, actual {actual}",
            hint=f"delete {path} to download it again; if it stays so, do not trust it",
        )


def _complaints(lines: Sequence[str]) -> Iterator[str]:
    """The converter's errors, one each: old kits write ``error: TEXT``, new ones ``SEVERE:``, and some on two lines."""
    place = ""
    for line in lines:
        text = re.sub(r"^\[ (\w+) \] ", r"\1: ", line.strip())
        if not text or _TIME.fullmatch(text) or text.startswith(("INFO:", "WARNING:")):
            continue
        text = text.removeprefix("SEVERE: ")
        if re.fullmatch(r"error: line \d+:", text):
            place = text.removeprefix("error: ") + " "
        else:
            yield place + text.removeprefix("error: ").strip()
            place = ""


def _without_place(reason: str) -> str:
    """Ant's reason without the place in build.xml and the advice behind it."""
    first = reason.strip().split("\n\n")[0]
    return re.sub(r"^(?:.*?build\.xml|\S+\.xml):\d+: ", "", first).strip()
