"""``--suite``: what keys are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

import click

if TYPE_CHECKING:
    from jpki.client.constants import Suite

_Function = TypeVar("_Function", bound=Callable[..., object])
_NAMES = ("rsa-2048", "p-384")  # labels of ``Suite``; named here so that help is quick


def suite_option(whose: str) -> Callable[[_Function], _Function]:
    """The option ``--suite``; the command gets its label or None as ``suite``. ``whose`` begins the help."""
    text = f"{whose} p-384, ECDSA with SHA-384, is an assumption about later cards.  [default: rsa-2048]"
    return click.option("--suite", type=click.Choice(_NAMES), help=text)


def suite_named(label: str | None) -> Suite | None:
    """The suite of that label."""
    from jpki.client.constants import Suite

    return None if label is None else Suite.labelled(label)
