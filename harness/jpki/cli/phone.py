"""``jpki phone``: the app's functions, one command each, on a phone of a world."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardlab.cli.output import Output, json_option, require_folder
from cardlab.errors import UsageError
from cardlab.system_errors import write_file
from jpki.cli.phone_argument import KINDS, Hand, PhoneChoice, card_option, kinds_option, phone_options, slots

if TYPE_CHECKING:
    from jpki.client.constants import DeviceMethod
    from jpki.parties.messages import Applied, Finished
    from jpki.parties.phone.status import SlotCondition

_IN = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, writable=True, path_type=Path)
_force = click.option("--force", is_flag=True, help="Replace the output when it is there already.")
_METHODS = click.Choice(("biometric", "lock-screen"))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def command() -> None:
    """What the phone app does, a function a command.

    One that was interrupted is resumed by the same command, or by `resume`.
    """


def _say(output: Output, what: str, finished: Finished | Applied | None) -> None:
    from jpki.parties.messages import Applied

    if isinstance(finished, Applied):
        output.facts({"done": False, "applied": True}, ["applied; word comes by push when the certificates are issued"])
        return
    certificates = {} if finished is None else {slot.name.lower(): f"{serial:X}" for slot, serial in finished.serials}
    lines = [what, *(f"  {kind} certificate {serial}" for kind, serial in certificates.items())]
    output.facts({"done": finished is not None, "certificates": certificates}, lines)


@command.command()
@phone_options
@card_option
@kinds_option
def issue(chosen: PhoneChoice) -> None:
    """Issue certificates: installs the applet where it is missing, sets PINs, generates keys."""
    _with_tsm(chosen, "issued", lambda hand: hand.app.issue(hand.card, hand.slots))


@command.command()
@phone_options
@card_option
@kinds_option
def apply(chosen: PhoneChoice) -> None:
    """Apply for certificates: `issue` up to their registration, which follows word by push (`collect`, `register`)."""
    with chosen.open() as hand:
        _going_on(hand)
        _say(hand.output, "issued", hand.app.apply(hand.card, hand.slots))


@command.command()
@phone_options
def register(chosen: PhoneChoice) -> None:
    """Store the certificates that were applied for, when the push service has word that they are issued."""
    with chosen.open() as hand:
        _say(hand.output, "registered", hand.app.register())


@command.command()
@phone_options
@card_option
@kinds_option
def revoke(chosen: PhoneChoice) -> None:
    """Revoke certificates and erase their keys; without --card the phone's own signing key authorises it."""
    _with_tsm(chosen, "revoked", lambda hand: hand.app.revoke(hand.offered, hand.slots))


@command.command()
@phone_options
@card_option
@kinds_option
def renew(chosen: PhoneChoice) -> None:
    """Renew certificates: new keys under the same PINs."""
    _with_tsm(chosen, "renewed", lambda hand: hand.app.renew(hand.card, hand.slots))


@command.command()
@phone_options
@card_option
def release(chosen: PhoneChoice) -> None:
    """End the suspension of the authentication certificate."""
    _with_tsm(chosen, "released", lambda hand: hand.app.release(hand.card))


@command.command()
@phone_options
@click.argument("kind", type=KINDS)
def change_pin(chosen: PhoneChoice, kind: str) -> None:
    """Change a PIN; the present one is needed."""
    with chosen.open() as hand:
        hand.app.change_pin(slots((kind,))[0])
        hand.output.facts({"changed": kind}, ["changed"])


@command.command()
@phone_options
@card_option
@kinds_option
def reset_pin(chosen: PhoneChoice) -> None:
    """Set new PINs in place of forgotten or blocked ones."""
    _with_tsm(chosen, "reset", lambda hand: hand.app.reset_pin(hand.card, hand.slots))


@command.command()
@phone_options
@click.argument("method", type=_METHODS)
def register_device_auth(chosen: PhoneChoice, method: str) -> None:
    """Let biometrics or the screen lock stand for the authentication PIN."""
    with chosen.open() as hand:
        hand.app.register_device_auth(_method(method))
        hand.output.facts({"registered": method}, [f"{method} is registered"])


@command.command()
@phone_options
@click.argument("kind", type=KINDS)
def show(chosen: PhoneChoice, kind: str) -> None:
    """Show a certificate."""
    with chosen.open() as hand:
        shown = hand.app.show(slots((kind,))[0]).certificate
        facts = {
            "serial": f"{shown.serial_number:X}",
            "subject": shown.subject.rfc4514_string(),
            "issuer": shown.issuer.rfc4514_string(),
            "not_before": shown.not_valid_before_utc.isoformat(),
            "not_after": shown.not_valid_after_utc.isoformat(),
        }
        hand.output.facts(facts, [f"{name:<11} {value}" for name, value in facts.items()])


@command.command()
@phone_options
@click.argument("file", type=_IN)
@click.option("--detached", is_flag=True, help="Leave the content out of the signature.")
@click.option("--output", "-o", "target", type=_OUT, required=True, help="Where to write the CMS.")
@_force
def sign(chosen: PhoneChoice, file: Path, detached: bool, target: Path, force: bool) -> None:
    """Sign FILE with the signing key."""
    with chosen.open() as hand:
        _write(target, file, force, lambda content: hand.app.sign(content, detached=detached))
        hand.output.facts({"output": str(target)}, [f"{target}: signed; `jpki verify` says by whom and how"])


@command.command()
@phone_options
@click.argument("file", type=_IN)
@click.option("--method", type=_METHODS, help="Rather than whatever is registered.")
@click.option("--output", "-o", "target", type=_OUT, required=True, help="Where to write the CMS.")
@_force
def authenticate(chosen: PhoneChoice, file: Path, method: str | None, target: Path, force: bool) -> None:
    """Sign the challenge in FILE with the authentication key, after biometrics, screen lock or PIN."""
    wanted = None if method is None else _method(method)
    with chosen.open() as hand:
        _write(target, file, force, lambda content: hand.app.authenticate(content, wanted))
        hand.output.facts({"output": str(target)}, [f"{target}: signed; `jpki verify` says by whom and how"])


@command.command()
@phone_options
def attributes(chosen: PhoneChoice) -> None:
    """Read name, address, birth date and sex from the signing certificate."""
    import dataclasses

    from jpki.parties.api import CertificateService

    with chosen.open() as hand:
        facts = dataclasses.asdict(CertificateService(hand.app).attributes())
        hand.output.facts(facts, [f"{name.replace('_', ' '):<10} {value}" for name, value in facts.items()])


@command.command()
@phone_options
def resume(chosen: PhoneChoice) -> None:
    """Go on with what was interrupted."""
    with chosen.open() as hand:
        finished = hand.app.resume()
        _say(hand.output, "nothing was interrupted" if finished is None else "done", finished)


@command.command()
@phone_options
def abandon(chosen: PhoneChoice) -> None:
    """Give up what was interrupted; the next issuance clears up."""
    with chosen.open() as hand:
        hand.app.abandon()
        hand.output.facts({"pending": None}, ["nothing is pending"])


@command.command()
@phone_options
def collect(chosen: PhoneChoice) -> None:
    """Take what the push service has for this phone: orders to delete, and word that certificates are issued."""
    from jpki.parties.phone.records import Stage

    with chosen.open() as hand:
        count = hand.app.collect()
        issued = hand.app.pending is not None and hand.app.pending.stage is Stage.ISSUED
        lines = [f"{count} orders carried out" if count else "no orders"]
        lines += ["the certificates are issued: `register` puts them onto the phone"] if issued else []
        hand.output.facts({"orders": count, "issued": issued}, lines)


@command.command("try")
@phone_options
@kinds_option
def try_out(chosen: PhoneChoice) -> None:
    """Try certificates after their registration: sign a text, and verify it under what the card holds."""
    with chosen.open() as hand:
        tried = [hand.app.try_out(slot) for slot in hand.slots]
        facts = {one.slot.name.lower(): f"{one.serial:X}" for one in tried}
        lines = [f"the {kind} certificate {serial} works" for kind, serial in facts.items()]
        hand.output.facts({"tried": facts}, lines)


@command.command()
@phone_options
def check(chosen: PhoneChoice) -> None:
    """Ask whether the certificates on this phone are valid, and until when."""
    with chosen.open() as hand:
        found = hand.app.check_validity()
        lines = [_validity(one) for one in found] or ["no certificates"]
        hand.output.facts({"certificates": [_condition(one) for one in found]}, lines)


@command.command()
@phone_options
def status(chosen: PhoneChoice) -> None:
    """How far this phone is, what was interrupted, and what its user should be told."""
    with chosen.open() as hand:
        found = hand.app.status()
        pending = found.pending.function.value if found.pending else None
        stage = found.pending.stage.value if found.pending else None
        waits = stage in ("applied", "issued")
        registered = [method.name.lower().replace("_", "-") for method in found.registered]
        lines = [
            f"phase       {found.phase.value}",
            f"interrupted {pending if pending and not waits else 'nothing'}",
            f"registered  {', '.join(registered) or 'nothing'}",
            *(_validity(one) for one in found.slots),
            *(f"! {notice}" for notice in found.notices),
        ]
        facts = {
            "phase": found.phase.value,
            "pending": pending,
            "stage": stage,
            "registered": registered,
            "certificates": [_condition(one) for one in found.slots],
            "notices": list(found.notices),
        }
        hand.output.facts(facts, lines)


@command.command()
@click.option(
    "--world",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder of a world; one that holds none yet gets a resident and two phones, as does a temporary one.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Which address of this machine to listen at.")
@click.option("--port", type=click.IntRange(0, 65535), default=0, help="Without it a free one is taken.")
@json_option
def web(folder: Path | None, host: str, port: int, as_json: bool) -> None:
    """Show phones as a page in a browser, and beside them what the parties say, until interrupted.

    Whoever reaches the page can do everything with the phones: leave --host as it is, or use it among friends.
    """
    from contextlib import ExitStack
    from tempfile import TemporaryDirectory

    from jpki.parties.world import World
    from jpki.web.desk import Desk
    from jpki.web.sample import is_new, make_sample
    from jpki.web.server import PageServer

    output = Output(as_json)
    with ExitStack() as open_until_end:
        kept = folder is not None
        place = folder or Path(open_until_end.enter_context(TemporaryDirectory(prefix="jpki-")))
        new = is_new(place)
        world = open_until_end.enter_context(World.open(place, durable=kept))
        if new:
            output.progress("  making a resident and two phones")
        desk = open_until_end.enter_context(Desk(world, make_sample(world) if new else {}))
        desk.look()
        server = open_until_end.enter_context(PageServer(desk, host=host, port=port))
        output.facts({"page": server.url}, [server.url])
        server.wait()


def _condition(one: SlotCondition) -> dict[str, object]:
    return {
        "kind": one.slot.name.lower(),
        "state": str(one.condition),
        "serial": None if one.serial is None else f"{one.serial:X}",
        "not_after": None if one.not_after is None else one.not_after.isoformat(),
        "renewal_due": one.renewal_due,
        "tries_left": one.tries_left,
        "blocked": one.blocked,
        "deletion_ordered": one.ordered_away,
    }


def _validity(one: SlotCondition) -> str:
    until = f", until {one.not_after:%Y-%m-%d}" if one.not_after else ""
    return f"{one.slot.name.lower():<14} {one.condition}{until}; {one.tries_left} tries for the {one.slot.pin_name}"


def _method(name: str) -> DeviceMethod:
    from jpki.client.constants import DeviceMethod

    return DeviceMethod[name.upper().replace("-", "_")]


def _write(target: Path, file: Path, force: bool, sign: Callable[[bytes], bytes]) -> None:
    """The signature of a file into another one; the key is not used when there is nowhere to write."""
    require_folder(target)
    if target.exists() and target.samefile(file):
        raise UsageError(f"{target} is what is to be signed", hint="name another file for the signature")
    if target.is_file() and not force:
        raise UsageError(f"{target} is there already", hint="-o names another file, --force replaces this one")
    write_file(target, sign(file.read_bytes()))


def _with_tsm(chosen: PhoneChoice, word: str, run: Callable[[Hand], Finished]) -> None:
    """A function that the TSM takes part in."""
    with chosen.open() as hand:
        _going_on(hand)
        _say(hand.output, word, run(hand))


def _going_on(hand: Hand) -> None:
    if pending := hand.app.pending:
        hand.output.progress(f"  going on with what was begun: {pending.function.value}")
