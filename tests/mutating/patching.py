"""A changed text in a process that has imported the module: functions that exist get the changed code.

Whoever holds such a function, under whatever name, behind whatever decorator, then calls the changed one. What is
outside functions (tables, default values, fields) was executed by the import, and cannot be changed so.
"""

from __future__ import annotations

import gc
import inspect
from collections.abc import Iterator
from pathlib import Path
from types import CodeType, FunctionType


def patch(file: Path, text: str) -> bool:
    """Change what is different in functions of a module that is imported; False, and nothing changed, if more is."""
    before = compile(file.read_text(encoding="utf-8"), str(file), "exec", dont_inherit=True)
    try:
        pairs = list(_different(before, compile(text, str(file), "exec", dont_inherit=True)))
    except _ElsewhereError:
        return False
    found = [(function, new) for old, new in pairs for function in _functions(old)]
    if any(function.__code__.co_freevars != new.co_freevars for function, new in found):
        return False
    for function, new in found:
        function.__code__ = new
    return bool(found)


class _ElsewhereError(Exception):
    """The change is not in a function."""


def _different(old: CodeType, new: CodeType) -> Iterator[tuple[CodeType, CodeType]]:
    """Functions that differ, and those in them: some of these exist already, behind decorators."""
    if _is_function(old):
        yield old, new
    elif not _alike(old, new):
        raise _ElsewhereError
    within, others = _nested(old), _nested(new)
    if len(within) != len(others):
        raise _ElsewhereError
    for one, other in zip(within, others, strict=True):
        if one != other:
            yield from _different(one, other)


def _is_function(code: CodeType) -> bool:
    return bool(code.co_flags & inspect.CO_NEWLOCALS and code.co_flags & inspect.CO_OPTIMIZED)


def _alike(old: CodeType, new: CodeType) -> bool:
    """Equal but for code inside, and for line numbers."""
    same = (old.co_code, old.co_names, old.co_varnames, old.co_freevars) == (
        new.co_code, new.co_names, new.co_varnames, new.co_freevars
    )  # fmt: skip
    return same and _values(old) == _values(new)


def _values(code: CodeType) -> list[tuple[type, object]]:
    """Constants; True is not 1."""
    return [(type(one), None if isinstance(one, CodeType) else repr(one)) for one in code.co_consts]


def _nested(code: CodeType) -> list[CodeType]:
    return [one for one in code.co_consts if isinstance(one, CodeType)]


def _functions(code: CodeType) -> Iterator[FunctionType]:
    """All that have this code; tests/conftest.py has frozen what the collector would look at."""
    gc.unfreeze()
    key = (code.co_filename, code.co_qualname, code.co_firstlineno)
    for one in gc.get_objects():
        if type(one) is FunctionType:
            its = one.__code__
            if (its.co_filename, its.co_qualname, its.co_firstlineno) == key:
                yield one
