"""Compiles all sources at once, then converts package by package."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from cardlab.cap.convert import Conversion, convert
from cardlab.cap.exports import Exports, builtin
from cardlab.cap.platform import cap_format
from cardlab.classfile.classfile import ClassFile, read_class
from cardlab.errors import BuildError, UsageError
from cardlab.iso7816 import aid as aids
from cardlab.java_card import JAVA_LEVELS
from cardlab.toolchain import places
from cardlab.toolchain.api_jar import stubs_file
from cardlab.toolchain.capbuild.applets import found_applets
from cardlab.toolchain.capbuild.archive import finished
from cardlab.toolchain.capbuild.dependencies import by_package, in_order
from cardlab.toolchain.capbuild.plan import PackagePlan, Plan
from cardlab.toolchain.compile import CompileError, compile_java
from cardlab.toolchain.missing import newer_versions


@dataclass(frozen=True, slots=True)
class Built:
    """A package: what was asked for, with its name and its applets, and what came of it."""

    plan: PackagePlan
    conversion: Conversion
    cap: bytes


@dataclass(frozen=True, slots=True)
class _Class:
    """A class file, read and as it is."""

    file: ClassFile
    code: bytes


def build(plan: Plan) -> tuple[Built, ...]:
    """The packages in the order in which cards take them.

    Raises CompileError, ConversionError with every problem of a package, BuildError for packages that need each other,
    and UsageError when the plan does not fit the sources.
    """
    exports = builtin(plan.java_card, plan.globalplatform, plan.exports)
    classes = _compiled(plan, exports)
    packages = by_package(one.file for one in classes)
    plans = _plans(plan.packages, tuple(packages))
    codes = {one.file.name: one.code for one in classes}
    return tuple(_converted(plan, exports, [(plans[name], packages[name]) for name in in_order(packages)], codes))


def _converted(
    plan: Plan, exports: Exports, wanted: Sequence[tuple[PackagePlan, list[ClassFile]]], codes: dict[str, bytes]
) -> Iterator[Built]:
    for one, files in wanted:
        applets = found_applets(one.aid, files) if one.applets is None else one.applets
        made = convert(files, one.aid, one.version, applets, exports, cap_format(plan.java_card), ints=one.ints)
        exports = exports.plus((made.export,))
        carried = finished(made, ((file.name, codes[file.name]) for file in files), plan.carried)
        yield Built(PackagePlan(one.aid, made.package, one.version, applets, one.ints), made, carried)


def _compiled(plan: Plan, exports: Exports) -> list[_Class]:
    """The class files of all sources, compiled against stubs of what may be imported."""
    identity = sha256("\0".join((plan.java_card, *(str(one.absolute()) for one in plan.sources))).encode()).hexdigest()
    out = places.cache_folder() / "built" / identity[:16]
    target = JAVA_LEVELS[plan.java_card]
    try:
        compile_java(plan.sources, out, classpath=(stubs_file(exports),), target=target, warnings_are_errors=False)
    except CompileError as error:
        if newer := newer_versions(str(error)):
            error.hint = f"{newer}: --api chooses the version"
        raise
    codes = (file.read_bytes() for file in sorted(out.rglob("*.class")))
    found = [_Class(read_class(code), code) for code in codes]
    if not found:
        raise BuildError("the sources declare no class", hint="name the folder in which the package's folders begin")
    return found


def _plans(plans: Sequence[PackagePlan], packages: tuple[str, ...]) -> dict[str, PackagePlan]:
    """The plan of each package (slashes); UsageError unless there is one for each."""
    names = sorted(name.replace("/", ".") for name in packages)
    if len(plans) == len(packages) == 1 and not plans[0].name:
        return {packages[0]: plans[0]}
    if unnamed := [aids.text(one.aid) for one in plans if not one.name]:
        raise UsageError(
            f"the sources hold {len(names)} packages, {', '.join(names)}: which is {unnamed[0]}?",
            hint=f"name each, as {names[0]}={unnamed[0]}",
        )
    known = {one.name: one for one in plans}
    if missing := [name for name in names if name not in known]:
        raise UsageError(f"no AID for package {', '.join(missing)}", hint="each package of the sources needs one")
    if wrong := [name for name in known if name not in names]:
        raise UsageError(f"no package {', '.join(wrong)} in the sources", hint=f"there are {', '.join(names)}")
    return {name: known[name.replace("/", ".")] for name in packages}
