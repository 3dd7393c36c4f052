"""Files in which campaigns and hunts keep what they found: read whole, written whole, errors for people."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from cardlab.errors import IntegrityError
from cardlab.system_errors import explained, write_file

T = TypeVar("T")


def read_kept(path: Path, what: str, of: Callable[[Any], T], *, hint: str = "delete it and begin anew") -> T:
    """What ``of`` makes of the JSON in a file.

    IntegrityError when it is no such record, StorageError or UsageError when it cannot be read.
    """
    try:
        return of(json.loads(path.read_text(encoding="utf-8")))
    except OSError as error:
        raise explained(error, f"{path} cannot be read") from error
    except (ValueError, KeyError, TypeError, IndexError, AttributeError) as error:
        raise IntegrityError(f"{path} is no record of {what}: {error}", hint=hint) from error


def write_kept(path: Path, text: str) -> None:
    """As a whole or not at all, whenever the process ends; StorageError or UsageError, and then nothing has changed."""
    write_file(path, text.encode())
