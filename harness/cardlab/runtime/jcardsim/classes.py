"""The Java beside jCardSim, compiled; and what applets are compiled against: the API that jCardSim offers."""

from __future__ import annotations

from pathlib import Path

from cardlab.runtime.engine.classes import engine_classpath
from cardlab.toolchain import jars, places
from cardlab.toolchain.compile import HOST_TARGET, compile_java


def runtime_sources() -> Path:
    """The folder of the Java that runs beside jCardSim, the ``org.globalplatform`` API for applets among it."""
    return Path(__file__).resolve().with_name("java")


def runtime_classes() -> Path:
    """Compile the Java that runs beside jCardSim; returns the folder of its class files."""
    out_dir = places.build_folder() / "classes" / "runtime"
    return compile_java(
        runtime_sources(), out_dir, classpath=[jars.jar("jcardsim"), *engine_classpath()], target=HOST_TARGET
    )


def api_classpath() -> tuple[Path, ...]:
    """What an applet is compiled against: Java Card API 3.0.4 (jCardSim's) and ``org.globalplatform``."""
    return jars.jar("jcardsim"), runtime_classes()
