"""Starts the one Java virtual machine of this process, with the simulator's classes before jCardSim's."""

from __future__ import annotations

import faulthandler
import os
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from cardlab.errors import HarnessError

_STARTING = threading.Lock()
_CLASS_PATH = "cardlab.jcardsim.ClassPath"


def start(extra_classpath: Sequence[Path] = (), options: Sequence[str] = ()) -> None:
    """Start the virtual machine unless it runs. ``extra_classpath`` and ``options`` count for the first call only.

    Java, jars and class files are found or made first (MissingDependencyError, IntegrityError, BuildError). A machine
    that something else in this process started is taken when it has our classes, else HarnessError is raised: a process
    can have one virtual machine only.
    """
    import jpype

    with _STARTING:
        if not jpype.isJVMStarted():
            _start(extra_classpath, options)
        elif not _is_ours():
            raise HarnessError(
                "a Java virtual machine runs in this process already, and does not have the simulator's classes, or not"
                " before jCardSim's",
                hint="call cardlab.runtime.jvm.start() before anything else starts Java, or use another process",
            )


def leave_signals() -> None:
    """Leave SIGSEGV to Java, whose compiled code raises it in place of a NullPointerException.

    Python's faulthandler, which pytest switches on, would end the process with it when it is enabled after Java, and
    when it was enabled before and is disabled, since that puts back what was there before Java.
    """
    faulthandler.disable()


def is_running() -> bool:
    """Whether this process has its virtual machine already."""
    jpype = sys.modules.get("jpype")
    return jpype is not None and bool(jpype.isJVMStarted())


def add(entries: Sequence[Path]) -> None:
    """Have more classes found, behind all others: what a runtime brings beside jCardSim. The machine must run."""
    import jpype

    with _STARTING:
        for entry in entries:
            if str(entry) not in jpype.getClassPath().split(os.pathsep):
                jpype.addClassPath(str(entry.absolute()))


def java_class(name: str) -> Any:
    """A Java class by its full name; the virtual machine must have been started."""
    import jpype

    return jpype.JClass(name)


def _start(extra_classpath: Sequence[Path], options: Sequence[str]) -> None:
    import jpype

    from cardlab.runtime.jcardsim.classes import runtime_classes
    from cardlab.runtime.vm.classes import machine_classpath
    from cardlab.toolchain import jars
    from cardlab.toolchain.java import find_java

    java = find_java()
    leave_signals()
    classpath = [runtime_classes(), jars.jar("jcardsim"), *machine_classpath(), *extra_classpath]
    jpype.startJVM(
        str(java.library),
        *java.embedded_options(),
        "-XX:-UsePerfData",
        "-Xrs",  # Ctrl-C and SIGTERM are for Python: Java would end the process in the middle of everything
        *options,
        classpath=[str(entry) for entry in classpath],
        convertStrings=False,
    )
    _silence()


def _silence() -> None:
    """JCardSim reports on standard output what it does; that is no place for it."""
    system = java_class("java.lang.System")
    stream = java_class("java.io.OutputStream").nullOutputStream()
    system.setOut(java_class("java.io.PrintStream")(stream))


def _is_ours() -> bool:
    try:
        return bool(java_class(_CLASS_PATH).isInOrder())
    except TypeError:  # the class is not found
        return False
