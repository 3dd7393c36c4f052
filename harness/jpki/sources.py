"""Where the applet's sources are, and how they are compiled."""

from __future__ import annotations

from pathlib import Path

from cardlab.errors import MissingDependencyError
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.toolchain import places
from cardlab.toolchain.compile import APPLET_TARGET, compile_java

APPLET_GLOBALPLATFORM = "1.0"
"""The org.globalplatform that the applet imports: the oldest with all that it calls, so that every card has it."""


def applet_folder() -> Path:
    """The folder ``applet``: the checkout's, or the copy inside an installed wheel."""
    root = places.checkout()
    return root / "applet" if root else Path(__file__).resolve().with_name("_applet")


def applet_sources() -> Path:
    """The folder of the applet's Java sources; raises MissingDependencyError when it is not there."""
    folder = applet_folder() / "src"
    if not folder.is_dir():
        raise MissingDependencyError(f"the applet's sources are not at {folder}", hint="get a complete checkout again")
    return folder


def compile_applet(target: str = APPLET_TARGET) -> Path:
    """Compile the JPKI applet; returns the folder of its class files."""
    out_dir = places.build_folder() / "classes" / "applet"
    return compile_java(applet_sources(), out_dir, classpath=api_classpath(), target=target)
