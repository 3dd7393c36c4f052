"""The part of a card's file that its runtime wrote: whose it is, and which runtime can read it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from cardlab.errors import IntegrityError, UsageError
from cardlab.runtime import choose
from cardlab.runtime.backend import Backend


@dataclass(frozen=True, slots=True)
class RuntimeImage:
    """What a runtime saved, with its name and its version, which it takes to read it."""

    runtime: str
    version: str
    state: bytes


def chosen_runtime(runtime: Backend | str | None) -> Backend:
    """The runtime that is given, or named, or the usual one; raises UsageError listing the known ones."""
    return runtime if isinstance(runtime, Backend) else choose(runtime)


def runtime_of_image(path: Path, image: RuntimeImage, wanted: Backend | str | None) -> Backend:
    """The runtime that can read an image; raises IntegrityError when it is not the one that is wanted, or not there."""
    needed = f"{path} is the card of the runtime {image.runtime} {image.version}"
    try:
        backend = chosen_runtime(image.runtime if wanted is None else wanted)
    except UsageError as error:
        if wanted is not None:
            raise
        raise IntegrityError(f"{needed}, which is not there", hint=error.hint) from error
    if backend.name != image.runtime:
        raise IntegrityError(f"{needed}, not of {backend.name}", hint=f"use the runtime {image.runtime}")
    if backend.version != image.version:
        raise IntegrityError(
            f"{needed}; this is {backend.version}", hint="use the program that wrote it, or make the card anew"
        )
    return backend
