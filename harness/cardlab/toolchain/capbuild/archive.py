"""A finished CAP file: components, and for tools the class files they were made of and a source map.

Cards get neither. With the class files the file can be converted again and run by what executes class files; the source
map is a Debug component (JCVM 3.0.5, 6.15) beside the components, whose Directory does not name it, so that these stay
what they are without it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from cardlab.cap.container import pack
from cardlab.cap.convert import Conversion
from cardlab.cap.debug import SOURCE_MAP
from cardlab.toolchain.carried import class_path


@dataclass(frozen=True, slots=True)
class Carried:
    """What a CAP file carries beside its components."""

    classes: bool = True
    source_map: bool = True


def finished(made: Conversion, classes: Iterable[tuple[str, bytes]], carried: Carried) -> bytes:
    """The CAP file; ``classes`` are names (slashes) and contents of the class files."""
    files = dict(made.files)
    if carried.classes:
        files |= {class_path(name): code for name, code in sorted(classes)}
    if carried.source_map and made.debug:
        files[SOURCE_MAP] = made.debug
    return pack(files)
