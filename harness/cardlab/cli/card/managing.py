"""What the commands that manage a card's content share: card, domain, keys and installer, as options."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from cardlab import kinds
from cardlab.cli.card.choice import KEY_SOURCES
from cardlab.cli.card.new_card import LIKENESS_OPTIONS, Likeness
from cardlab.cli.card_argument import card_option
from cardlab.cli.output import table
from cardlab.cli.runtime_argument import runtime_option
from cardlab.errors import UsageError
from cardlab.iso7816 import aid as aids
from cardlab.lab.kind import Managing, Unnamed

if TYPE_CHECKING:
    from cardlab.globalplatform.host.installer import Installer
    from cardlab.globalplatform.host.registry import Registry, RegistryEntry


def hexadecimal(shortest: int, longest: int) -> Callable[[str], bytes]:
    """A type for options: bytes as hexadecimal digits, within these lengths."""

    def convert(text: str) -> bytes:
        try:
            raw = bytes.fromhex(text)
        except ValueError:
            raise click.BadParameter(f"{text!r} is not hexadecimal") from None
        if not shortest <= len(raw) <= longest:
            raise click.BadParameter(f"{len(raw)} bytes, there must be {shortest} to {longest}")
        return raw

    return convert


AID = hexadecimal(aids.MIN_LENGTH, aids.MAX_LENGTH)
HEX = hexadecimal(0, 200)
_AccessValues: TypeAlias = tuple[int, bytes, str | None, Path | None]
_NEW_CARD = "sim"
_KEYS_OF_NEW_CARDS = "test"
_ABOUT_KEYS = f"Open the domain with {KEY_SOURCES}. Tried once: many cards lock themselves after a few failures."


@dataclass(frozen=True, slots=True)
class Target:
    """A card that was named, and how its content is managed.

    ``new`` is what a simulated card is like that is made for this, ``runtime`` what executes its applets; None for a
    card that is there. ``keys`` is None for those that new cards have.
    """

    card: str
    keys: str | None
    key_version: int
    domain: bytes
    installer: str | None
    program: Path | None
    new: Likeness | None = None
    runtime: str | None = None

    @property
    def is_kept(self) -> bool:
        """Whether the card is there when the command has ended."""
        return self.card != _NEW_CARD

    @contextmanager
    def open(self, cap: bytes | None = None) -> Iterator[Installer]:
        """The installer for the card; ``cap`` is what will be loaded. Wrong options are an error before that."""
        from cardlab.globalplatform.host.installer import Access, InstallerKind
        from cardlab.globalplatform.key_source import read_keys

        choice = kinds.choose(self.card, command=True)
        commands = choice.for_commands()
        if commands.manage is None or (not choice.argument and self.new is None):
            raise UsageError(
                f"--card {self.card}: what changes a card wants its name",
                hint="write pcsc:READER (cardlab card list shows the readers) or sim:FILE",
            )
        if self.new is not None and commands.unnamed is not Unnamed.NEW:
            raise UsageError(f"--card {self.card}: only simulated cards can be made", hint="leave --new out")
        access = Access(read_keys(self._key_source()), self.key_version, self.domain)
        chosen = None if self.installer is None else InstallerKind(self.installer)
        config = None if self.new is None else self.new.config
        managing = Managing(access, chosen, self.program, cap, config, self.runtime)
        with commands.manage(choice.argument, managing) as installer:
            yield installer

    def _key_source(self) -> str:
        """Raises UsageError for a card that is there when its keys were not named."""
        if self.keys is None and self.new is None:
            raise UsageError("whose keys open the domain was not said", hint=f"add --keys: {KEY_SOURCES}")
        return self.keys or _KEYS_OF_NEW_CARDS


def managing_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options for a card that is there; the command gets them as ``target``."""

    @card_option
    @click.option("--keys", required=True, metavar="SOURCE", help=_ABOUT_KEYS)
    @_access_options
    @wraps(function)
    def wrapped(card: str, keys: str, access: _AccessValues, **others: object) -> object:
        return function(target=Target(card, keys, *access), **others)

    return wrapped


def installing_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options for a card that is there or is made for it; the command gets them as ``target``."""

    @click.option(
        "--card",
        default=_NEW_CARD,
        metavar="sim[:FILE]|pcsc:READER",
        help="A simulated card in its state file (made by --new), or the card in a reader (part of its name).  "
        "[default: sim, a new simulated card, to see whether it can be done; it is gone afterwards]",
    )
    @click.option("--new", is_flag=True, help="Make the simulated card, in a file that is not there yet.")
    @runtime_option
    @click.option("--keys", metavar="SOURCE", help=f"{_ABOUT_KEYS}  [default: of a new card test, else none]")
    @_access_options
    @wraps(function)
    def wrapped(
        card: str,
        new: bool,
        runtime: str | None,
        keys: str | None,
        access: _AccessValues,
        java_card: str | None,
        card_profile: str,
        settings: tuple[str, ...],
        **others: object,
    ) -> object:
        likeness, is_new = Likeness(java_card, card_profile, settings), new or card == _NEW_CARD
        if not is_new and (runtime is not None or not likeness.is_usual):
            raise UsageError(
                "--runtime, --java-card, --card-profile and --card-set are for new cards",
                hint="leave them out, or add --new",
            )
        return function(target=Target(card, keys, *access, likeness if is_new else None, runtime), **others)

    for option in reversed(LIKENESS_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


def _access_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """How the domain is reached: the function gets the values as ``access``, in the order of ``Target``."""

    @click.option(
        "--key-version",
        type=hexadecimal(1, 1),
        metavar="HEX",
        default="00",
        help="Of the keys; 00 lets the card choose.",
    )
    @click.option("--domain", type=AID, metavar="AID", help="Security domain.  [default: the issuer's]")
    @click.option(
        "--installer",
        type=click.Choice(("gp", "builtin")),
        help="GlobalPlatformPro or the built-in client.  [default: gp where it is found]",
    )
    @click.option(
        "--gp",
        "program",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="gp.jar, or the program gp.  [default: GP_JAR, then gp on PATH]",
    )
    @wraps(function)
    def wrapped(
        key_version: bytes, domain: bytes | None, installer: str | None, program: Path | None, **others: object
    ) -> object:
        return function(access=(key_version[0], domain or b"", installer, program), **others)

    return wrapped


def registry_facts(registry: Registry) -> list[dict[str, object]]:
    """The registry for JSON."""
    return [
        {
            "kind": _kind(entry),
            "aid": entry.aid.hex().upper(),
            "state": entry.state,
            "privileges": list(entry.privileges.names),
            "domain": entry.domain.hex().upper() if entry.domain else None,
            "load_file": entry.load_file.hex().upper() if entry.load_file else None,
            "version": ".".join(map(str, entry.version)) if entry.version else None,
            "modules": [module.hex().upper() for module in entry.modules],
        }
        for entry in registry
    ]


def registry_table(registry: Registry) -> list[str]:
    """The registry for people."""
    rows = [("kind", "AID", "state", "domain", "from, or applets")]
    for entry in registry:
        came = [entry.load_file] if entry.load_file else [*entry.modules]
        rows.append(
            (
                _kind(entry),
                entry.aid.hex().upper(),
                entry.state,
                entry.domain.hex().upper() if entry.domain else "",
                " ".join(aid.hex().upper() for aid in came),
            )
        )
    return table(rows)


def _kind(entry: RegistryEntry) -> str:
    from cardlab.globalplatform.constants import Scope

    if entry.scope is Scope.ISSUER_DOMAIN:
        return "issuer domain"
    if entry.scope is not Scope.APPLICATIONS:
        return "load file"
    return "domain" if entry.is_domain else "application"
