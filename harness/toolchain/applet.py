"""What is compiled here, and in which order: the Java beside jCardSim, then applets against the API that it offers."""

from __future__ import annotations

from pathlib import Path

from harness.toolchain import jars, places
from harness.toolchain.compile import APPLET_TARGET, HOST_TARGET, compile_java

APPLET_GLOBALPLATFORM = "1.0"
"""The org.globalplatform that the applet imports: the oldest with all that it calls, so that every card has it."""


def runtime_classes() -> Path:
    """Compile the Java that runs beside jCardSim; returns the folder of its class files."""
    out_dir = places.build_folder() / "classes" / "runtime"
    return compile_java(places.runtime_sources(), out_dir, classpath=[jars.jar("jcardsim")], target=HOST_TARGET)


def api_classpath() -> tuple[Path, ...]:
    """What an applet is compiled against: Java Card API 3.0.4 (jCardSim's) and ``org.globalplatform``."""
    return jars.jar("jcardsim"), runtime_classes()


def compile_applet(target: str = APPLET_TARGET) -> Path:
    """Compile the JPKI applet; returns the folder of its class files."""
    out_dir = places.build_folder() / "classes" / "applet"
    return compile_java(places.applet_sources(), out_dir, classpath=api_classpath(), target=target)
