"""From an applet's sources to a load file and the classes behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from cardlab.errors import UsageError
from cardlab.pytest_plugin.applet import Applet
from cardlab.pytest_plugin.source_names import SourceNames, java_files
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.toolchain import places
from cardlab.toolchain.compile import compile_java
from cardlab.toolchain.conversions import SubsetError
from cardlab.toolchain.executable import Executable, Module, Package
from cardlab.transport.secrets import Secrets

_APPLET_CLASS = re.compile(r"\bclass\s+(?P<name>\w+)(?:\s*<[^>]*>)?\s+extends\s+(?:javacard\.framework\.)?Applet\b")
_PACKAGE = re.compile(r"^\s*package\s+(?P<name>[\w.]+)\s*;", re.MULTILINE)


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


def names(applets: Iterable[Applet]) -> SourceNames:
    """The names found in the sources of these applets."""
    return SourceNames.read(source_files(applets))


def secrets(applets: Iterable[Applet]) -> Secrets:
    """What these applets say about their commands, each with the names of its own sources; raises UsageError."""
    found = Secrets()
    for applet in applets:
        found += Secrets.parse(applet.secrets, SourceNames.read(source_files([applet])).instructions)
    return found


def source_files(applets: Iterable[Applet]) -> list[Path]:
    """The Java sources of these applets."""
    roots = dict.fromkeys(path for applet in applets for path in applet.sources)
    return java_files(roots)


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
    for text in (file.read_text(encoding="utf-8", errors="replace") for file in source_files([applet])):
        package = _PACKAGE.search(text)
        prefix = f"{package['name']}." if package else ""
        found += [prefix + declared["name"] for declared in _APPLET_CLASS.finditer(text)]
    return found
