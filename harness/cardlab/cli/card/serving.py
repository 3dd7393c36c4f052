"""How simulated cards are put into virtual readers; the options of the commands that do it."""

from __future__ import annotations

import socket
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import click

from cardlab.cli.cap_options import CAP_FILE
from cardlab.cli.card.interfaces import INTERFACES, Served, Switch, listen, media_of
from cardlab.cli.card.new_card import LIKENESS_OPTIONS, Likeness
from cardlab.cli.ending import Told, until_told
from cardlab.cli.runtime_argument import runtime_option
from cardlab.errors import UsageError

if TYPE_CHECKING:
    from cardlab.card.card import SimulatedCard
    from cardlab.card.config import CardConfig
    from cardlab.runtime.interface import Media
    from cardlab.runtime.jcardsim.library import ClassLibrary

_MAX_CARDS = 8
_SUCCESS = b"\x90\x00"


class Maker(Protocol):
    """Makes the new cards that are served; a function, or anything that can be called like one."""

    def __call__(self, number: int, new: NewCard, /) -> SimulatedCard:
        """The card ``number`` (from 0), powered on with its medium."""


@dataclass(frozen=True, slots=True)
class NewCard:
    """What a new card is made of; its applets are executed by this runtime."""

    seed: int | None
    media: Media
    library: ClassLibrary
    runtime: str | None
    config: CardConfig


@dataclass(frozen=True, slots=True)
class Serving:
    """Which cards are served, where and how; the values of the options."""

    state: Path | None
    seed: int | None
    runtime: str | None
    java_card: str | None
    card_profile: str
    settings: tuple[str, ...]
    atr: str | None
    host: str
    port: int | None
    interface: str
    cards: int
    cap_files: tuple[Path, ...]
    pcscd: bool
    quiet: bool
    full: bool
    show_secrets: bool

    @property
    def media(self) -> Media:
        """What ``--interface`` names."""
        return media_of(self.interface)

    @property
    def config(self) -> CardConfig:
        """What new cards are made like."""
        return self._likeness.config

    @property
    def _likeness(self) -> Likeness:
        return Likeness(self.java_card, self.card_profile, self.settings)

    @property
    def _of_new_cards(self) -> bool:
        """Whether something was said that a card in a file cannot become any more."""
        return self.seed is not None or not self._likeness.is_usual

    def run(
        self, make: Maker, library: ClassLibrary, *, names: Mapping[int, str] | None = None, chosen: bool = False
    ) -> None:
        """Serve until Ctrl-C. ``names`` are those of the applet's own commands; ``chosen``: the content was named."""
        from cardlab.card.kept import hold_card
        from cardlab.reader import DEFAULT_PORT, VirtualReader
        from cardlab.reader.contactless import AtrOf
        from cardlab.reader.view import View

        if self.pcscd and (self.port is not None or self.host != "127.0.0.1"):
            raise UsageError("--pcscd chooses its own ports", hint="leave --host and --port out")
        known_ports = () if self.pcscd else _ports(self.host, self.port or DEFAULT_PORT, self.cards)
        if self.state is not None and not self.state.parent.is_dir():
            raise UsageError(
                f"--state {self.state}: there is no folder {self.state.parent}", hint="make it, or name another one"
            )
        shown_atr = None if self.atr is None else parse_atr(self.atr)
        with until_told() as told, ExitStack() as stack:  # told to the end: a second Ctrl-C does not disturb the saving
            made = []
            for number in range(self.cards):
                if told.is_set():
                    return
                file = None if self.state is None else _numbered(self.state, number)
                if file is not None:
                    stack.enter_context(hold_card(file))
                card = stack.enter_context(self._card(make, library, number, file, chosen))
                if file is not None:
                    stack.callback(_save, card, file)
                made.append(card)
            ports = stack.enter_context(_service(self.cards, told)) if self.pcscd else known_ports
            served: list[Served] = []
            for number, (card, at) in enumerate(zip(made, ports, strict=True)):
                label = f"card {number}  " if self.cards > 1 else ""
                view = View(sys.stdout, label, f"{self.host}:{at}", commands=not self.quiet, whole=self.full)
                shown = AtrOf(card, self.media, shown_atr)
                _require_protocol(shown_atr, card)
                card.on_warning(view.warned)
                watched = view.watch(shown, names or {}, show_secrets=self.show_secrets)
                reader = VirtualReader(watched, host=self.host, port=at, listener=view.link)
                served.append(Served(card, shown, stack.enter_context(reader)))
            listen(Switch(served).line)
            told.wait()

    def _card(self, make: Maker, library: ClassLibrary, number: int, file: Path | None, chosen: bool) -> SimulatedCard:
        """The card in the file, which has to be held, or a new one, which the file then holds at once."""
        from cardlab.card.card import SimulatedCard

        if file is not None and file.exists():
            if chosen or self._of_new_cards:
                raise UsageError(
                    f"{file} holds a card already; --profile, --card-profile, --card-set, --seed, --java-card are for"
                    " new ones",
                    hint="leave them out, or name another file",
                )
            return SimulatedCard.restore(file, media=self.media, runtime=self.runtime, classes=library)
        seed = None if self.seed is None else self.seed + number
        card = make(number, NewCard(seed, self.media, library, self.runtime, self.config))
        if file is not None:
            card.save(file)
        return card


_OPTIONS = (
    click.option(
        "--state",
        type=click.Path(dir_okay=False, path_type=Path),
        help="Keep the card in this file: taken from it if it exists, saved to it at the end.",
    ),
    click.option("--seed", type=int, help="Decides everything random on a new card."),
    runtime_option,
    *LIKENESS_OPTIONS,
    click.option("--atr", metavar="HEX", help="The answer to reset that the reader shows."),
    click.option("--host", default="127.0.0.1", show_default=True, help="Where pcscd runs."),
    click.option("--port", type=click.IntRange(1, 65535), help="Of the first reader.  [default: 35963]"),
    click.option(
        "--interface",
        type=click.Choice(tuple(INTERFACES)),
        default="contact",
        show_default=True,
        help="How the card is reached, which its applets know; contactless cards (type-a, type-b) have a PC/SC ATR.",
    ),
    click.option("--cards", type=click.IntRange(1, _MAX_CARDS), default=1, show_default=True, help="How many cards."),
    click.option(
        "--cap",
        "cap_files",
        type=CAP_FILE,
        multiple=True,
        help="A CAP file with class files that will be loaded: names and lines come from them, and the runtime jcardsim"
        " executes them. Any other CAP file can be loaded, too. May be repeated.",
    ),
    click.option("--pcscd", is_flag=True, help="Start a PC/SC service for these cards alone; needs no rights."),
    click.option("--quiet", is_flag=True, help="Do not show every command."),
    click.option("--full", is_flag=True, help="Show all bytes of long commands and answers."),
    click.option("--show-secrets", is_flag=True, help="Show PINs and keys, too."),
)
_ABOUT = """Put simulated cards into virtual readers, for every program that uses PC/SC, and show each command.

Needs pcscd and vsmartcard's virtual reader (Debian: pcscd, vsmartcard-vpcd), which has two slots; --pcscd makes
as many as there are cards. A line on standard input that names an interface, as type-a, puts them in again over that
one. Ctrl-C takes the cards out, saves them when there is --state, and ends with exit code 0."""


def serve_options(function: Callable[..., Any]) -> Callable[..., Any]:
    """The options; the command gets them as ``service``, and their explanation as its own."""

    @wraps(function)
    def wrapped(**values: Any) -> object:
        service = Serving(**{one.name: values.pop(one.name) for one in fields(Serving)})
        return function(service=service, **values)

    wrapped.__doc__ = _ABOUT
    for option in reversed(_OPTIONS):
        wrapped = option(wrapped)
    return wrapped


@contextmanager
def _service(cards: int, told: Told) -> Iterator[tuple[int, ...]]:
    """A PC/SC service for these cards; says how programs find it.

    When it ends by itself, ``told`` is told, and TransportError raised at the end.
    """
    from cardlab.reader.daemon import PrivateDaemon

    with PrivateDaemon(cards) as daemon:
        daemon.watch(told.tell)
        click.echo("# programs find the readers with:", err=True)
        for name, value in daemon.environment.items():
            click.echo(f"export {name}={value}")
        yield daemon.ports
        daemon.require_running()


def _save(card: SimulatedCard, file: Path) -> None:
    card.save(file)
    click.echo(f"saved to {file}", err=True)


def parse_atr(text: str) -> bytes:
    """An ATR in hexadecimal; raises UsageError for what is none."""
    from cardlab.iso7816.atr import Atr

    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raise UsageError(f"--atr {text}: that is not hexadecimal", hint="write it like 3BE000FF8131FE4514") from None
    try:
        return Atr.parse(raw).raw
    except ValueError as error:
        wrong = error
    if raw.endswith(_SUCCESS):  # as programs print the answer of a reader's own command, status word and all
        with suppress(ValueError):
            return Atr.parse(raw.removesuffix(_SUCCESS)).raw
    raise UsageError(f"--atr {text}: {wrong}", hint="write a whole ATR, like 3BE000FF8131FE4514") from wrong


def _require_protocol(shown: bytes | None, card: SimulatedCard) -> None:
    """Raises UsageError when the reader would speak a protocol with the card that it has not."""
    from cardlab.iso7816.atr import Atr

    spoken = card.config.platform.protocol.value
    if shown is not None and spoken not in Atr.parse(shown).protocols:
        raise UsageError(
            f"--atr {shown.hex().upper()}: it has no T={spoken}, which the simulated card speaks",
            hint=f"choose one with T={spoken}, or say --card-set protocol=T{1 - spoken} of a new card",
        )


def _ports(host: str, first: int, cards: int) -> tuple[int, ...]:
    """The ports of pcscd's virtual readers; raises UsageError when there cannot be such."""
    try:
        socket.getaddrinfo(host, first)
    except (OSError, UnicodeError) as error:
        raise UsageError(f"--host {host}: no machine is known by this name", hint="name the one with pcscd") from error
    if first + cards - 1 > 65535:
        raise UsageError(f"{cards} cards from port {first} on: ports end at 65535", hint="choose a lower --port")
    return tuple(range(first, first + cards))


def _numbered(file: Path, number: int) -> Path:
    """``card.json``, ``card-2.json`` and so on."""
    return file if number == 0 else file.with_stem(f"{file.stem}-{number + 1}")
