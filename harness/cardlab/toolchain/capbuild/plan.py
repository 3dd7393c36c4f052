"""What is to be built."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from cardlab.cap.platform import TARGET_GLOBALPLATFORM
from cardlab.java_card import JAVA_CARD
from cardlab.toolchain.capbuild.archive import Carried


@dataclass(frozen=True, slots=True)
class PackagePlan:
    """A Java package that becomes a CAP file.

    ``name`` (dots) may be empty when the sources hold one package only. ``applets`` are AIDs and names of classes;
    None for those that are found, with AIDs that follow the package's.
    """

    aid: bytes
    name: str = ""
    version: tuple[int, int] = (1, 0)
    applets: tuple[tuple[bytes, str], ...] | None = None
    ints: bool = False


@dataclass(frozen=True, slots=True)
class Plan:
    """Sources (folders or files), the packages in them, and what they are compiled and converted against.

    ``exports`` are folders, files and jars of export files of packages that are there already. The Java level is the
    newest that kits of the Java Card version take.
    """

    sources: tuple[Path, ...]
    packages: tuple[PackagePlan, ...]
    java_card: str = JAVA_CARD
    globalplatform: str = TARGET_GLOBALPLATFORM
    exports: tuple[Path, ...] = ()
    carried: Carried = field(default_factory=Carried)
