"""Errors end commands with an exit code of their own."""

from __future__ import annotations

import inspect

from cardlab import errors
from cardlab.errors import HarnessError


def test_every_kind_of_error_has_its_own_exit_code() -> None:
    kinds = [kind for _, kind in inspect.getmembers(errors, inspect.isclass) if issubclass(kind, HarnessError)]
    codes = [kind.exit_code for kind in kinds]
    assert len(set(codes)) == len(kinds) > 5
    assert 0 not in codes
