"""``jpki phone``: the app's functions, one command each, on a phone of a world."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from cardlab.cli.output import Output, json_option, require_folder, write_file
from cardlab.errors import UsageError
from jpki.cli.world_argument import UserAnswers, answers_option, open_world, world_option

if TYPE_CHECKING:
    from jpki.client.constants import Slot
    from jpki.parties.messages import Finished
    from jpki.parties.my_number_card import MyNumberCard
    from jpki.parties.phone.app import PhoneApp

_Function = TypeVar("_Function", bound=Callable[..., object])
_IN = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, writable=True, path_type=Path)
_KINDS = click.Choice(("signing", "authentication"))
_METHODS = click.Choice(("biometric", "lock-screen"))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """What the phone app does, a function a command.

    One that was interrupted is resumed by the same command, or by `resume`.
    """


def _phone_options(function: _Function) -> _Function:
    named = click.option("--phone", help="Which phone; not needed when there is one only.")(function)
    return world_option(answers_option(json_option(named)))


def _card_option(function: _Function) -> _Function:
    return click.option("--card", metavar="RESIDENT", help="Whose My Number Card is held to the phone.")(function)


def _kinds_option(function: _Function) -> _Function:
    return click.option(
        "--kind", "kinds", type=_KINDS, multiple=True, help="Which certificate; both when none is named."
    )(function)


@dataclass(frozen=True, slots=True)
class _Options:
    """What every function with the TSM is given."""

    world: Path
    phone: str | None
    answers: Path | None
    as_json: bool
    card: str | None
    kinds: tuple[str, ...] = ()


def _tsm_options(function: Callable[[_Options], None]) -> Callable[..., None]:
    @functools.wraps(function)
    def with_options(
        world: Path,
        phone: str | None,
        answers: Path | None,
        as_json: bool,
        card: str | None,
        kinds: tuple[str, ...] = (),
    ) -> None:
        function(_Options(world, phone, answers, as_json, card, kinds))

    return _phone_options(_card_option(with_options))


class _Hand:
    """The phone in the user's hand: its app, and the card that is held to it."""

    def __init__(self, app: PhoneApp, card: MyNumberCard | None, output: Output) -> None:
        self.app = app
        self.offered = card
        self.output = output

    @property
    def card(self) -> MyNumberCard:
        """The My Number Card; raises UsageError when none is there."""
        if self.offered is None:
            raise UsageError("this needs a My Number Card", hint="--card RESIDENT holds one to the phone")
        return self.offered


@contextmanager
def _hand(
    world: Path, phone: str | None, answers: Path | None, as_json: bool, card: str | None = None
) -> Iterator[_Hand]:
    output, user = Output(as_json), UserAnswers.read(answers)
    with open_world(world, output) as opened:
        if phone is None and len(opened.phones) != 1:
            raise UsageError(f"the world has {len(opened.phones)} phones", hint="--phone says which")
        held = None if card is None else opened.my_number_card(card)
        yield _Hand(opened.app(phone or opened.phones[0], user), held, output)


def _slots(kinds: tuple[str, ...]) -> tuple[Slot, ...]:
    from jpki.client.constants import Slot

    return tuple(slot for slot in Slot if not kinds or slot.name.lower() in kinds)


def _say(output: Output, what: str, finished: Finished | None) -> None:
    certificates = {} if finished is None else {slot.name.lower(): f"{serial:X}" for slot, serial in finished.serials}
    lines = [what, *(f"  {kind} certificate {serial}" for kind, serial in certificates.items())]
    output.facts({"done": finished is not None, "certificates": certificates}, lines)


@command.command()
@_tsm_options
@_kinds_option
def issue(options: _Options) -> None:
    """Issue certificates: installs the applet where it is missing, sets PINs, generates keys."""
    _with_tsm(options, "issued", lambda hand, slots: hand.app.issue(hand.card, slots))


@command.command()
@_tsm_options
@_kinds_option
def revoke(options: _Options) -> None:
    """Revoke certificates and erase their keys; without --card the phone's own signing key authorises it."""
    _with_tsm(options, "revoked", lambda hand, slots: hand.app.revoke(hand.offered, slots))


@command.command()
@_tsm_options
@_kinds_option
def renew(options: _Options) -> None:
    """Renew certificates: new keys under the same PINs."""
    _with_tsm(options, "renewed", lambda hand, slots: hand.app.renew(hand.card, slots))


@command.command()
@_tsm_options
def release(options: _Options) -> None:
    """End the suspension of the authentication certificate."""
    _with_tsm(options, "released", lambda hand, _: hand.app.release(hand.card))


@command.command()
@_phone_options
@click.argument("kind", type=_KINDS)
def change_pin(world: Path, phone: str | None, answers: Path | None, as_json: bool, kind: str) -> None:
    """Change a PIN; the present one is needed."""
    with _hand(world, phone, answers, as_json) as hand:
        hand.app.change_pin(_slots((kind,))[0])
        hand.output.facts({"changed": kind}, ["changed"])


@command.command()
@_tsm_options
@_kinds_option
def reset_pin(options: _Options) -> None:
    """Set new PINs in place of forgotten or blocked ones."""
    _with_tsm(options, "reset", lambda hand, slots: hand.app.reset_pin(hand.card, slots))


@command.command()
@_phone_options
@click.argument("method", type=_METHODS)
def register_device_auth(world: Path, phone: str | None, answers: Path | None, as_json: bool, method: str) -> None:
    """Let biometrics or the screen lock stand for the authentication PIN."""
    from jpki.client.constants import DeviceMethod

    with _hand(world, phone, answers, as_json) as hand:
        hand.app.register_device_auth(DeviceMethod[method.upper().replace("-", "_")])
        hand.output.facts({"registered": method}, [f"{method} is registered"])


@command.command()
@_phone_options
@click.argument("kind", type=_KINDS)
def show(world: Path, phone: str | None, answers: Path | None, as_json: bool, kind: str) -> None:
    """Show a certificate."""
    with _hand(world, phone, answers, as_json) as hand:
        shown = hand.app.show(_slots((kind,))[0]).certificate
        facts = {
            "serial": f"{shown.serial_number:X}",
            "subject": shown.subject.rfc4514_string(),
            "issuer": shown.issuer.rfc4514_string(),
            "not_before": shown.not_valid_before_utc.isoformat(),
            "not_after": shown.not_valid_after_utc.isoformat(),
        }
        hand.output.facts(facts, [f"{name:<11} {value}" for name, value in facts.items()])


@command.command()
@_phone_options
@click.argument("file", type=_IN)
@click.option("--detached", is_flag=True, help="Leave the content out of the signature.")
@click.option("--output", "-o", "target", type=_OUT, required=True, help="Where to write the CMS.")
def sign(
    world: Path, phone: str | None, answers: Path | None, as_json: bool, file: Path, detached: bool, target: Path
) -> None:
    """Sign FILE with the signing key."""
    with _hand(world, phone, answers, as_json) as hand:
        _write(target, file, lambda content: hand.app.sign(content, detached=detached))
        hand.output.facts({"output": str(target)}, [f"{target}: signed; `jpki verify` says by whom and how"])


@command.command()
@_phone_options
@click.argument("file", type=_IN)
@click.option("--method", type=_METHODS, help="Rather than whatever is registered.")
@click.option("--output", "-o", "target", type=_OUT, required=True, help="Where to write the CMS.")
def authenticate(
    world: Path, phone: str | None, answers: Path | None, as_json: bool, file: Path, method: str | None, target: Path
) -> None:
    """Sign the challenge in FILE with the authentication key, after biometrics, screen lock or PIN."""
    from jpki.client.constants import DeviceMethod

    chosen = None if method is None else DeviceMethod[method.upper().replace("-", "_")]
    with _hand(world, phone, answers, as_json) as hand:
        _write(target, file, lambda content: hand.app.authenticate(content, chosen))
        hand.output.facts({"output": str(target)}, [f"{target}: signed; `jpki verify` says by whom and how"])


@command.command()
@_phone_options
def attributes(world: Path, phone: str | None, answers: Path | None, as_json: bool) -> None:
    """Read name, address, birth date and sex from the signing certificate."""
    import dataclasses

    from jpki.parties.api import CertificateService

    with _hand(world, phone, answers, as_json) as hand:
        facts = dataclasses.asdict(CertificateService(hand.app).attributes())
        hand.output.facts(facts, [f"{name.replace('_', ' '):<10} {value}" for name, value in facts.items()])


@command.command()
@_phone_options
def resume(world: Path, phone: str | None, answers: Path | None, as_json: bool) -> None:
    """Go on with what was interrupted."""
    with _hand(world, phone, answers, as_json) as hand:
        finished = hand.app.resume()
        _say(hand.output, "nothing was interrupted" if finished is None else "done", finished)


@command.command()
@_phone_options
def abandon(world: Path, phone: str | None, answers: Path | None, as_json: bool) -> None:
    """Give up what was interrupted; the next issuance clears up."""
    with _hand(world, phone, answers, as_json) as hand:
        hand.app.abandon()
        hand.output.facts({"pending": None}, ["nothing is pending"])


@command.command()
@_phone_options
def collect(world: Path, phone: str | None, answers: Path | None, as_json: bool) -> None:
    """Carry out what the push service has for this phone, such as remote deletion."""
    with _hand(world, phone, answers, as_json) as hand:
        count = hand.app.collect()
        hand.output.facts({"orders": count}, [f"{count} orders carried out" if count else "no orders"])


@command.command()
@_phone_options
def status(world: Path, phone: str | None, answers: Path | None, as_json: bool) -> None:
    """How far this phone is, and what was interrupted."""
    with _hand(world, phone, answers, as_json) as hand:
        pending = hand.app.pending
        phase, interrupted = hand.app.phase().value, pending.function.value if pending else None
        registered = [method.name.lower().replace("_", "-") for method in hand.app.registered]
        lines = [
            f"phase       {phase}",
            f"interrupted {interrupted or 'nothing'}",
            f"registered  {', '.join(registered) or 'nothing'}",
        ]
        hand.output.facts({"phase": phase, "pending": interrupted, "registered": registered}, lines)


def _write(target: Path, file: Path, sign: Callable[[bytes], bytes]) -> None:
    """The signature of a file into another one; the key is not used when there is nowhere to write."""
    require_folder(target)
    if target.exists() and target.samefile(file):
        raise UsageError(f"{target} is what is to be signed", hint="name another file for the signature")
    write_file(target, sign(file.read_bytes()))


def _with_tsm(options: _Options, word: str, run: Callable[[_Hand, tuple[Slot, ...]], Finished]) -> None:
    """A function that the TSM takes part in."""
    with _hand(options.world, options.phone, options.answers, options.as_json, options.card) as hand:
        if pending := hand.app.pending:
            hand.output.progress(f"  going on with what was interrupted: {pending.function.value}")
        _say(hand.output, word, run(hand, _slots(options.kinds)))
