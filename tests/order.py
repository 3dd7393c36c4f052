"""Tests in another order: files and the tests in each, as a seed says. No test may live on what another one left."""

from __future__ import annotations

import secrets
from hashlib import sha256

import pytest

NEW = "new"
"""``--random-order`` without a seed: one is drawn and printed."""
SEED = "random_order"
"""What a run tells its processes."""


def chosen(given: str | None) -> int | None:
    """The seed, drawn where none is given; None for the order of the files. UsageError for what is no number."""
    if given is None:
        return None
    if given == NEW:
        return secrets.randbelow(1_000_000)
    try:
        return int(given)
    except ValueError as error:
        raise pytest.UsageError(f"--random-order={given}: the seed is a number; paths come before it") from error


def shuffle(items: list[pytest.Item], seed: int) -> None:
    """The same order for the same seed and tests, and of a file's tests whatever else is run.

    A file's tests stay together, and among them those with the same parameters of shared fixtures: what they share is
    made once.
    """

    def drawn(name: str) -> bytes:
        return sha256(f"{seed} {name}".encode()).digest()

    def place(item: pytest.Item) -> tuple[bytes, str, bytes, str, bytes]:
        file, shared = str(item.path.name), _shared_parameters(item)
        return drawn(file), str(item.path), drawn(f"{file} {shared}"), shared, drawn(item.nodeid)

    items.sort(key=place)


def repeating(seed: int, failed: list[str]) -> list[str]:
    """Commands that run the files again, each in the same order, in which these tests (by their names) failed."""
    files = dict.fromkeys(one.partition("::")[0] for one in failed)
    return [f"python3 build.py test --random-order={seed} {file}" for file in files]


def _shared_parameters(item: pytest.Item) -> str:
    """A test's parameters that fixtures of a class, a module or the session have, in words."""
    callspec = getattr(item, "callspec", None)
    scopes = getattr(callspec, "_arg2scope", {})
    found = (
        (f"{name}={callspec.indices[name]}" for name, scope in sorted(scopes.items()) if scope.value != "function")
        if callspec is not None
        else ()
    )
    return " ".join(found)
