"""From an applet's sources to a load file and the classes behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from cardlab.errors import UsageError
from cardlab.pytest_plugin.applet import Applet
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.toolchain import places
from cardlab.toolchain.compile import compile_java
from cardlab.toolchain.conversions import SubsetError
from cardlab.toolchain.executable import Executable, Module, Package

_CONSTANT = re.compile(
    r"\bstatic\s+final\s+(?:byte|short)\s+(?P<kind>INS|SW)_(?P<name>\w+)\s*=\s*"
    r"(?:\((?:byte|short)\)\s*)?\(?0[xX](?P<value>[0-9A-Fa-f]{1,4})\)?\s*;"
)
_APPLET_CLASS = re.compile(r"\bclass\s+(?P<name>\w+)(?:\s*<[^>]*>)?\s+extends\s+(?:javacard\.framework\.)?Applet\b")
_PACKAGE = re.compile(r"^\s*package\s+(?P<name>[\w.]+)\s*;", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Names:
    """What the sources call instructions and status words: ``static final`` constants ``INS_...`` and ``SW_...``."""

    commands: Mapping[int, str]
    status: Mapping[int, str]


def build(applets: Sequence[Applet]) -> tuple[Executable, ...]:
    """Compile and convert what changed and put together one package for each package AID.

    Raises CompileError, SubsetError when a package is not Java Card, and UsageError when a class is not there or two
    applets cannot share a card.
    """
    packages: dict[bytes, Package] = {}
    for applet in applets:
        module = Module(applet.aid, applet.class_name)
        known = packages.get(applet.package_aid)
        classes = _class_files(applet)
        if known is None:
            packages[applet.package_aid] = Package(applet.package_aid, (1, 0), (module,), classes)
        elif known.classes != classes:
            raise UsageError(
                f"package_aid {applet.package_aid.hex().upper()} stands for two different sets of sources",
                hint="give each set a package_aid of its own",
            )
        elif module not in known.modules:
            packages[applet.package_aid] = Package(known.aid, known.version, (*known.modules, module), classes)
    return tuple(map(_converted, packages.values()))


def _converted(package: Package) -> Executable:
    """Every finding of the converter, under the name of the package."""
    try:
        return Executable(package)
    except SubsetError as error:
        found = "\n".join(f"  {line}" for line in str(error).splitlines())
        name = package.modules[0].class_name.rpartition(".")[0]
        raise SubsetError(f"package {name} is Java, but not Java Card:\n{found}", hint=error.hint) from error


def names(applets: Iterable[Applet]) -> Names:
    """The names found in the sources of these applets."""
    commands: dict[int, str] = {}
    status: dict[int, str] = {}
    for text in (file.read_text(encoding="utf-8", errors="replace") for file in _files(applets)):
        for found in _CONSTANT.finditer(text):
            into = commands if found["kind"] == "INS" else status
            into.setdefault(int(found["value"], 16), found["name"].replace("_", " "))
    return Names(commands, status)


def _files(applets: Iterable[Applet]) -> list[Path]:
    roots = dict.fromkeys(path for applet in applets for path in applet.sources)
    return [file for root in roots for file in (sorted(root.rglob("*.java")) if root.is_dir() else [root])]


def _class_files(applet: Applet) -> dict[str, bytes]:
    identity = sha256("\0".join(map(str, applet.sources)).encode()).hexdigest()[:16]
    folder = places.cache_folder() / "applets" / identity
    compile_java(applet.sources, folder, classpath=api_classpath(), warnings_are_errors=False)
    classes = {
        ".".join(file.relative_to(folder).with_suffix("").parts): file.read_bytes() for file in folder.rglob("*.class")
    }
    if applet.class_name not in classes:
        raise UsageError(
            f"no class {applet.class_name} in {', '.join(map(str, applet.sources))}",
            hint=f"the applets there: {', '.join(_applet_classes(applet)) or 'none (no class extends Applet)'}",
        )
    return dict(sorted(classes.items()))


def _applet_classes(applet: Applet) -> list[str]:
    found = []
    for text in (file.read_text(encoding="utf-8", errors="replace") for file in _files([applet])):
        package = _PACKAGE.search(text)
        prefix = f"{package['name']}." if package else ""
        found += [prefix + declared["name"] for declared in _APPLET_CLASS.finditer(text)]
    return found
