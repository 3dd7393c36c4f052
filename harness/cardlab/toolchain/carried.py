"""Where CAP files carry the class files that they were made of."""

from __future__ import annotations

CLASSES_FOLDER = "APPLET-INF/classes/"


def class_path(name: str) -> str:
    """Where a class file stands in the archive; ``name`` with slashes."""
    return f"{CLASSES_FOLDER}{name}.class"
