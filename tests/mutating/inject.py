"""A changed module for every Python that a test starts: its text in place of the file's, from the first import on.

It imports nothing of the project, as it is also run on its own: by the ``sitecustomize.py`` that `write` makes.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from typing import Any

_SITE = """\
import json, sys, importlib.util
from pathlib import Path
spec = importlib.util.spec_from_file_location("inject_mutant", {here!r})
inject = importlib.util.module_from_spec(spec)
spec.loader.exec_module(inject)
inject.install(*json.loads(Path({told!r}).read_text(encoding="utf-8")))
"""


class _Loader(SourceFileLoader):
    def __init__(self, name: str, file: str, text: str) -> None:
        super().__init__(name, file)
        self._text = text

    def get_code(self, fullname: str) -> Any:
        return self.source_to_code(self._text.encode(), self.path)


class _Finder(MetaPathFinder):
    def __init__(self, module: str, file: str, text: str) -> None:
        self._changed = (module, file, text)

    def find_spec(self, name: str, path: Sequence[str] | None, target: object = None) -> ModuleSpec | None:
        if name != self._changed[0]:
            return None
        spec = PathFinder.find_spec(name, path)
        if spec is not None:
            spec.loader = _Loader(*self._changed)
        return spec


class _Finders(list[Any]):
    """Ours stays the first: pytest puts one in front that would read the file, to rewrite its assertions."""

    def insert(self, index: Any, value: Any) -> None:
        super().insert(index or 1, value)


def install(module: str, file: str, text: str) -> None:
    """From now on the module has this text."""
    sys.meta_path = _Finders((_Finder(module, file, text), *sys.meta_path))


def write(folder: Path, module: str, file: str, text: str) -> Path:
    """A folder that has the same effect in PYTHONPATH."""
    told = folder / "site" / "changed.json"
    told.parent.mkdir()
    told.write_text(json.dumps([module, file, text]), encoding="utf-8")
    site = _SITE.format(here=str(Path(__file__)), told=str(told))
    (told.parent / "sitecustomize.py").write_text(site, encoding="utf-8")
    return told.parent
