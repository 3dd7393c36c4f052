"""What no kit has: the API org.globalplatform, as an export file for converters and a jar for compilers.

Both are made here: the export file from the token table, the jar from the sources that the simulated card runs. The jar
serves compilation alone.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from cardlab.cap.container import pack
from cardlab.cap.exportfile import write_exp
from cardlab.cap.exports import builtin
from cardlab.errors import HarnessError
from cardlab.runtime.jcardsim.classes import api_classpath, runtime_sources
from cardlab.toolchain import places
from cardlab.toolchain.compile import APPLET_TARGET, compile_java

_PACKAGE = Path("org", "globalplatform")
_EXPORT_FILE = _PACKAGE / "javacard" / "globalplatform.exp"


@dataclass(frozen=True, slots=True)
class Imports:
    """``exports`` is a folder to look for export files in, ``jar`` an entry of a class path."""

    exports: Path
    jar: Path

    @property
    def export_file(self) -> Path:
        """The one export file."""
        return self.exports / _EXPORT_FILE


def globalplatform(version: str) -> Imports:
    """Write ``build/globalplatform`` for this version unless it is there already; the same bytes every time."""
    folder = places.build_folder() / "globalplatform"
    found = Imports(folder / "exports", folder / "globalplatform.jar")
    table = builtin(globalplatform=version).package(_PACKAGE.as_posix())
    if table is None:
        raise HarnessError(f"no token table of org.globalplatform {version}", hint="get a complete checkout again")
    export = write_exp(table)
    _write(found.export_file, export)
    classes = compile_java(
        runtime_sources() / _PACKAGE, folder / "classes", classpath=api_classpath(), target=APPLET_TARGET
    )
    files = {one.relative_to(classes).as_posix(): one.read_bytes() for one in sorted(classes.rglob("*.class"))}
    _write(found.jar, pack({**files, _EXPORT_FILE.as_posix(): export}, compressed=True))
    return found


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, and only when something changed."""
    if path.is_file() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}")
    temporary.write_bytes(content)
    temporary.replace(path)
