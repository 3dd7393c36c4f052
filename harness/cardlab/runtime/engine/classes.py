"""Compiles the engine; its Java is in ``java/``, package ``cardlab.engine``."""

from __future__ import annotations

from pathlib import Path

from cardlab.toolchain import jars, places
from cardlab.toolchain.compile import HOST_TARGET, compile_java

SOURCES = Path(__file__).resolve().parent / "java"


def engine_classpath() -> tuple[Path, ...]:
    """The folder of the engine's class files, compiled when needed, and the library that they use."""
    library = jars.jar("bcprov")
    out_dir = places.build_folder() / "classes" / "engine"
    return compile_java(SOURCES, out_dir, classpath=[library], target=HOST_TARGET), library
