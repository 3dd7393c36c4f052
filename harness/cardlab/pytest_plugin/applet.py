"""What a test says about the applet it is for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from cardlab.cap.platform import version
from cardlab.errors import UsageError
from cardlab.iso7816 import aid as aids
from cardlab.java_card import JAVA_CARD

CAP_SUFFIXES = (".cap", ".jar", ".zip")  # jars may hold one
_PARAMETERS_MAX = 0xFF  # one length byte in the bArray of install() (JCRE 3.0.4, 3.1)


@dataclass(frozen=True, slots=True)
class Library:
    """A package that is loaded before an applet's: a CAP file, or a folder of sources.

    ``aid`` is that of sources, empty for one that follows from the name of their Java package.
    """

    path: Path
    aid: bytes = b""

    @classmethod
    def parse(cls, text: str | Path, base: Path) -> Self:
        """``lib.cap``, ``lib/src`` or ``lib/src=F00000000102``; raises UsageError."""
        if isinstance(text, Path):
            return cls(base / text)
        path, given, aid = text.partition("=")
        raw = _bytes("the AID of a package", aid)
        if given:
            _check_aid(f"package {path}: AID", raw)
        return cls(base / path, raw)

    @property
    def is_cap(self) -> bool:
        """Whether it is a CAP file, or a jar that holds one."""
        return self.path.suffix.lower() in CAP_SUFFIXES


@dataclass(frozen=True, slots=True)
class Applet:
    """An applet to install: to compile before, or in a CAP file.

    ``sources`` are folders or ``.java`` files; ``aid`` names the applet's module and its instance; ``package_aid``
    begins with the same five bytes; ``parameters`` is what ``install()`` finds as application data (the value of C9);
    ``secrets`` are rules which commands carry secrets (``cardlab.transport.secrets``; also by name, ``INS_PUT_SEED``).
    ``cap`` stands in the place of sources; ``packages`` are loaded before. ``api`` is the Java Card version that
    sources are compiled and converted for, with the Java that goes with it; ``exports`` are folders, files and jars of
    export files of packages that come without class files. Raises UsageError when a value cannot be right.
    """

    sources: tuple[Path, ...]
    class_name: str
    aid: bytes
    package_aid: bytes
    parameters: bytes = b""
    secrets: tuple[str, ...] = ()
    cap: Path | None = None
    packages: tuple[Library, ...] = ()
    api: str = JAVA_CARD
    exports: tuple[Path, ...] = ()

    def __post_init__(self) -> None:
        _check_aid("aid", self.aid)
        _check_aid("package_aid", self.package_aid)
        if self.package_aid == self.aid:
            raise UsageError(
                f"package_aid and aid are both {aids.text(self.aid)}", hint="leave one byte off for the package"
            )
        if not aids.same_provider(self.package_aid, self.aid):
            raise UsageError(
                f"aid {aids.text(self.aid)} and package_aid {aids.text(self.package_aid)} differ in their first"
                " five bytes",
                hint="an applet and its package belong to one provider (RID); give them the same five",
            )
        if len(self.parameters) > _PARAMETERS_MAX:
            raise UsageError(
                f"parameters has {len(self.parameters)} bytes", hint=f"install() takes at most {_PARAMETERS_MAX}"
            )

    @classmethod
    def create(
        cls,
        *,
        sources: str | Path | Iterable[str | Path],
        class_name: str,
        aid: str | bytes,
        package_aid: str | bytes = b"",
        parameters: str | bytes = b"",
        secrets: str | Iterable[str] = (),
        packages: Iterable[str | Path] = (),
        api: str = JAVA_CARD,
        exports: Iterable[str | Path] = (),
        base: Path | None = None,
    ) -> Self:
        """From what people write: hexadecimal or bytes, and paths relative to ``base`` (the current folder).

        Without ``package_aid`` it is ``aid`` less its last byte (and a five-byte ``aid`` followed by 00). ``packages``
        are written as ``Library.parse`` reads them.
        """
        folders = listed_paths("sources", sources)
        instance = _bytes("aid", aid)
        package = _bytes("package_aid", package_aid) or _default_package_aid(instance)
        paths = tuple((base or Path()).absolute() / folder for folder in folders)
        rules = listed_texts("secrets", secrets)
        data, before = _bytes("parameters", parameters), _libraries(packages, base)
        places = tuple(_existing((base or Path()).absolute() / place) for place in listed_paths("exports", exports))
        if not isinstance(class_name, str):
            raise wrong_kind("class_name", class_name, "a text like com.example.Purse")
        return cls(paths, class_name, instance, package, data, rules, None, before, api_version(api), places)

    @classmethod
    def of_cap(
        cls,
        *,
        cap: str | Path,
        aid: str | bytes = b"",
        parameters: str | bytes = b"",
        secrets: str | Iterable[str] = (),
        packages: Iterable[str | Path] = (),
        base: Path | None = None,
    ) -> Self:
        """An applet of a CAP file: the only one, or the one with the module AID ``aid``."""
        from cardlab.toolchain.cap_package import CapPackage, read_file

        if not isinstance(cap, str | Path):
            raise wrong_kind("cap", cap, "the path of a CAP file")
        file = (base or Path()).absolute() / cap
        content = CapPackage(read_file(file)).content
        module = _module(file, [one.aid for one in content.applets], _bytes("aid", aid))
        rules = listed_texts("secrets", secrets)
        data, before = _bytes("parameters", parameters), _libraries(packages, base)
        return cls((), file.name, module, content.header.package.aid, data, rules, file, before)

    def __str__(self) -> str:
        return f"{self.class_name} ({aids.text(self.aid)})"


def api_version(text: str) -> str:
    """A Java Card version as it is called here; raises UsageError for one that is not known."""
    try:
        return version(str(text))
    except ValueError as error:
        raise UsageError(str(error), hint='set javacard_api = "3.1", for instance') from error


def _libraries(packages: Iterable[str | Path], base: Path | None) -> tuple[Library, ...]:
    return tuple(Library.parse(one, (base or Path()).absolute()) for one in listed_paths("packages", packages))


def listed_paths(name: str, value: str | Path | Iterable[str | Path]) -> list[str | Path]:
    """One path or several; raises UsageError for what is none."""
    found = [value] if isinstance(value, str | Path) or not isinstance(value, Iterable) else list(value)
    for one in found:
        if not isinstance(one, str | Path):
            raise wrong_kind(name, one, "paths, as texts")
    return found


def listed_texts(name: str, value: str | Iterable[str]) -> tuple[str, ...]:
    """One text or several; raises UsageError for what is none."""
    found = (value,) if isinstance(value, str) or not isinstance(value, Iterable) else tuple(value)
    for one in found:
        if not isinstance(one, str):
            raise wrong_kind(name, one, "texts")
    return found


def _existing(place: Path) -> Path:
    if not place.exists():
        raise UsageError(f"there are no export files at {place}", hint="name a folder, a .exp file, or a jar of them")
    return place


def wrong_kind(name: str, value: object, wanted: str) -> UsageError:
    """What is said of a value that is of another type."""
    return UsageError(f"{name} {value!r} is of the wrong kind", hint=f"write {wanted}")


def _module(file: Path, modules: list[bytes], wanted: bytes) -> bytes:
    listed = ", ".join(map(aids.text, modules)) or "none"
    if wanted and wanted not in modules:
        raise UsageError(f"{file.name} has no applet {aids.text(wanted)}", hint=f"its applets: {listed}")
    if not wanted and len(modules) != 1:
        raise UsageError(f"{file.name} has {len(modules)} applets", hint=f"name one as the aid: {listed}")
    return wanted or modules[0]


def _default_package_aid(aid: bytes) -> bytes:
    return aid[:-1] if len(aid) > aids.MIN_LENGTH else aid + b"\0"


def _bytes(name: str, value: str | bytes) -> bytes:
    if isinstance(value, bytes):
        return value
    if not isinstance(value, str):
        raise wrong_kind(name, value, "hexadecimal digits as a text, or bytes")
    try:
        return bytes.fromhex(value)
    except ValueError as error:
        raise UsageError(f"{name} {value!r} is not hexadecimal", hint="write it like F00000000101") from error


def _check_aid(name: str, aid: bytes) -> None:
    fault = aids.length_fault(aid)
    if fault:
        raise UsageError(
            f"{name} {aids.text(aid)} {fault}",
            hint="for an applet of your own take F0 and four more bytes, then at least one that tells applets apart",
        )
