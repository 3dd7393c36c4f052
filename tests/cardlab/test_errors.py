"""Errors end commands with an exit code of their own."""

from __future__ import annotations

import inspect
import traceback

from cardlab import errors
from cardlab.errors import HarnessError


def test_every_kind_of_error_has_its_own_exit_code() -> None:
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, HarnessError)]
    codes = [kind.exit_code for kind in kinds]
    assert len(set(codes)) == len(kinds) > 5
    assert 0 not in codes


def test_the_hint_is_a_note_that_failed_tests_and_tracebacks_show() -> None:
    error = HarnessError("wrong", hint="do that")
    error.add_note("said by somebody else")
    assert traceback.format_exception_only(error)[-2:] == ["-> do that\n", "said by somebody else\n"]
    error.hint = "do this"
    assert error.__notes__ == ["-> do this", "said by somebody else"]
    error.hint = ""
    assert error.__notes__ == ["said by somebody else"]
    assert HarnessError("wrong").__notes__ == []
