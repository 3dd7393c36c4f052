"""A campaign's own functions: what goes wrong in them is told with its place, instead of a traceback through ours."""

from __future__ import annotations

import logging
import sys
import sysconfig
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from cardlab.errors import HarnessError, UsageError

OURS = Path(__file__).parents[2]
"""The folder that this package is installed in, or checked out."""
_HINT = "mend the campaign's own code; --jobs 1 --log-level DEBUG shows the whole traceback"
_log = logging.getLogger(__name__)


class OwnCodeError(UsageError):
    """A function that a campaign brought failed."""


@contextmanager
def own_code(what: str) -> Iterator[None]:
    """Whatever is raised within becomes an OwnCodeError that says what was being done, and where it stands."""
    try:
        yield
    except OwnCodeError:
        raise
    except Exception as error:
        _log.debug("%s", what, exc_info=True)
        raise OwnCodeError(f"{what}: {described(error)}", hint=_hint(error)) from error


def _hint(error: Exception) -> str:
    return getattr(error, "hint", "") or _HINT


def described(error: BaseException) -> str:
    """``KeyError: 'x' (tears.py:15: codes[x])``; an error for people without its class."""
    told = str(error) or "no more is said"
    text = told if isinstance(error, HarnessError) else f"{type(error).__name__}: {told}"
    return text + _place(error)


def _place(error: BaseException) -> str:
    """The innermost line that is neither ours nor of a library; of a syntax error that line."""
    if isinstance(error, SyntaxError) and error.filename:
        return ""  # its text has the place
    own = [one for one in traceback.extract_tb(error.__traceback__) if is_own(Path(one.filename))]
    return f" ({Path(own[-1].filename).name}:{own[-1].lineno}: {own[-1].line})" if own else ""


def is_own(path: Path) -> bool:
    """Whether a file is the project's: not of Python, of a library, or of this package."""
    others = (OURS, Path(sys.prefix), Path(sys.base_prefix), Path(sysconfig.get_path("stdlib")))
    return path.is_absolute() and path.is_file() and not any(path.is_relative_to(one) for one in others)


def own_files() -> list[Path]:
    """The project's files that are loaded as modules: what a campaign consists of."""
    files = {Path(file) for one in list(sys.modules.values()) if (file := getattr(one, "__file__", None))}
    return sorted(one for one in files if one.suffix == ".py" and is_own(one))
