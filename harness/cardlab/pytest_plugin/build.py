"""From an applet's sources to a load file and the classes behind it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from hashlib import sha256
from pathlib import Path

from cardlab.errors import UsageError
from cardlab.pytest_plugin.applet import Applet
from cardlab.pytest_plugin.libraries import Libraries, build_libraries, classes_in, compile_for
from cardlab.pytest_plugin.source_names import SourceNames, java_files
from cardlab.toolchain import places
from cardlab.toolchain.cap_package import Loadable, read_package_file
from cardlab.toolchain.conversions import SubsetError
from cardlab.toolchain.executable import Executable, Module, Package
from cardlab.transport.secrets import Secrets

_APPLET_CLASS = re.compile(r"\bclass\s+(?P<name>\w+)(?:\s*<[^>]*>)?\s+extends\s+(?:javacard\.framework\.)?Applet\b")
_PACKAGE = re.compile(r"^\s*package\s+(?P<name>[\w.]+)\s*;", re.MULTILINE)


def build(applets: Sequence[Applet]) -> tuple[Loadable, ...]:
    """Compile and convert what changed; the packages in the order in which they are loaded, one for each package AID.

    Raises CompileError, SubsetError when a package is not Java Card, and UsageError when a class is not there or two
    applets cannot share a card.
    """
    exports = dict.fromkeys(place for applet in applets for place in applet.exports)
    before = build_libraries(((applet.api, one) for applet in applets for one in applet.packages), exports)
    files = dict.fromkeys(applet.cap for applet in applets if applet.cap is not None)
    of_caps = tuple(read_package_file(file, before.packages) for file in files)
    packages = _packages([applet for applet in applets if applet.cap is None], before)
    converted = (_converted(one, api, before) for api, one in packages)
    return (*before.packages, *of_caps, *converted)


def _packages(applets: Sequence[Applet], before: Libraries) -> Iterable[tuple[str, Package]]:
    """Of sources, each with the Java Card version that it is for."""
    packages: dict[bytes, Package] = {}
    versions: dict[bytes, str] = {}
    for applet in applets:
        module = Module(applet.aid, applet.class_name)
        known = packages.get(applet.package_aid)
        classes = _class_files(applet, before.classpath)
        versions[applet.package_aid] = applet.api
        if known is None:
            packages[applet.package_aid] = Package(applet.package_aid, (1, 0), (module,), classes)
        elif known.classes != classes:
            raise UsageError(
                f"package_aid {applet.package_aid.hex().upper()} stands for two different sets of sources",
                hint="give each set a package_aid of its own",
            )
        elif module not in known.modules:
            packages[applet.package_aid] = Package(known.aid, known.version, (*known.modules, module), classes)
    return [(versions[aid], package) for aid, package in packages.items()]


def _converted(package: Package, api: str, before: Libraries) -> Executable:
    """Every finding of the converter, under the name of the package."""
    try:
        return Executable(package, api, libraries=before.executables, imports=before.imports)
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


def _class_files(applet: Applet, libraries: Sequence[Path]) -> dict[str, bytes]:
    identity = sha256("\0".join(map(str, (*applet.sources, applet.api))).encode()).hexdigest()[:16]
    folder = places.cache_folder() / "applets" / identity
    classes = classes_in(compile_for(applet.api, applet.sources, folder, libraries))
    if applet.class_name not in classes:
        raise UsageError(
            f"no class {applet.class_name} in {', '.join(map(str, applet.sources))}",
            hint=f"the applets there: {', '.join(_applet_classes(applet)) or 'none (no class extends Applet)'}",
        )
    return classes


def _applet_classes(applet: Applet) -> list[str]:
    found = []
    for text in (file.read_text(encoding="utf-8", errors="replace") for file in source_files([applet])):
        package = _PACKAGE.search(text)
        prefix = f"{package['name']}." if package else ""
        found += [prefix + declared["name"] for declared in _APPLET_CLASS.finditer(text)]
    return found
