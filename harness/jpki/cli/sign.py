"""``jpki sign``: a document, a card, a PIN; out comes a CMS."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from cardlab.cli.card_argument import card_option, open_card
from cardlab.cli.output import Output, json_option, require_folder
from cardlab.errors import UsageError
from cardlab.system_errors import write_file

if TYPE_CHECKING:
    from jpki.client.constants import Slot

_IN = click.Path(exists=True, dir_okay=False, path_type=Path)
_OUT = click.Path(dir_okay=False, writable=True, path_type=Path)


@click.command()
@click.argument("file", type=_IN)
@card_option
@click.option(
    "--key",
    type=click.Choice(["signing", "authentication"]),
    default="signing",
    show_default=True,
    help="The key to sign with.",
)
@click.option("--detached", is_flag=True, help="Leave the content out of the signature.")
@click.option(
    "--plain",
    is_flag=True,
    help="Without an indicator, for readers that know none: PKCS #1 v1.5; on P-384, at most 255 bytes.",
)
@click.option("--pin-file", type=_IN, help="Read the PIN or password from this file instead of asking.")
@click.option("--output", "-o", type=_OUT, help="Where to; FILE.p7m, or FILE.p7s for a detached one, without it.")
@click.option("--force", is_flag=True, help="Replace the output when it is there already.")
@json_option
def command(
    file: Path,
    card: str,
    key: str,
    detached: bool,
    plain: bool,
    pin_file: Path | None,
    output: Path | None,
    force: bool,
    as_json: bool,
) -> None:
    """Sign FILE with a card, as CMS SignedData.

    The card itself adds how the user authenticated, unless --plain is given. What is written is verified by `jpki
    verify` and by `openssl cms -verify`.
    """
    import datetime

    from cardlab.transport.traffic import TrafficLog
    from jpki.client.constants import Instruction, Slot
    from jpki.client.signing import sign_document, sign_document_plainly
    from jpki.client.user import JpkiClient

    out, slot = Output(as_json), Slot[key.upper()]
    target = output or file.with_name(file.name + (".p7s" if detached else ".p7m"))
    if target.exists() and not force:
        raise UsageError(f"{target} is there already", hint="--output names another file, --force replaces this one")
    require_folder(target)
    content = file.read_bytes()
    pin = _pin(slot, pin_file)
    names = {one.value: one.name.replace("_", " ") for one in Instruction}
    transport = TrafficLog(open_card(card), names=names)
    try:
        client = JpkiClient(transport)
        client.select()
        client.verify(slot, pin)
        if plain:
            now = datetime.datetime.now(datetime.UTC)
            signed = sign_document_plainly(client, slot, content, claimed_time=now, detached=detached)
        else:
            signed = sign_document(client, slot, content, detached=detached)
    finally:
        transport.close()
    write_file(target, signed)
    facts: dict[str, object] = {"output": str(target), "key": key, "detached": detached, "indicator": None}
    text = [f"{target}: signed with the {key} key, plainly"]
    if not plain:
        facts["indicator"], words = _indicator(signed)
        text = [f"{target}: signed with the {key} key, {words}"]
    out.facts(facts, text)


def _pin(slot: Slot, file: Path | None) -> bytes:
    """The PIN, checked for its form (B1), so that a slip of the finger costs no try."""
    from jpki.parties.phone.user import require_form

    if file is None:
        text = click.prompt(slot.pin_name.capitalize(), hide_input=True, err=True)
    else:
        text = file.read_text(encoding="utf-8", errors="replace").rstrip("\r\n")
    return require_form(slot, text.encode("ascii", errors="replace"))


def _indicator(signed: bytes) -> tuple[dict[str, object], str]:
    from jpki.certificates.indicator import parse_signed_attributes
    from jpki.certificates.signed_data import read

    indicator = parse_signed_attributes(read(signed).signed_attributes or b"").indicator
    method, source = indicator.method.name.lower(), indicator.source.name.lower()
    facts: dict[str, object] = {"method": method, "access_source": source, "counter": indicator.counter}
    return facts, f"by {method}, {source}, use number {indicator.counter} of the key"
