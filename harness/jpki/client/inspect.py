"""The applet's state as anybody may ask for it: no PIN is tried, nothing is written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from cardlab.errors import CardError
from cardlab.transport import Transport
from jpki.client.constants import Slot
from jpki.client.identification import Identification
from jpki.client.user import JpkiClient


@dataclass(frozen=True, slots=True)
class AppletReport:
    """Token label and model; of each slot whether its certificate is there, and the tries left (None: not told).

    ``identification``: None of applets that do not tell it, as other makers' and those before version 1.1.
    """

    label: str
    model: str
    certificates: frozenset[Slot]
    tries: Mapping[Slot, int | None]
    identification: Identification | None

    @property
    def facts(self) -> dict[str, object]:
        """For machines."""
        slots = {
            slot.name.lower(): {"certificate": slot in self.certificates, "tries_left": self.tries[slot]}
            for slot in Slot
        }
        known = None if self.identification is None else self.identification.facts
        return {"label": self.label, "model": self.model, "identification": known, "slots": slots}


def inspect(transport: Transport) -> AppletReport | None:
    """Ask the applet; None when it cannot be selected."""
    client = JpkiClient(transport)
    try:
        client.select()
        token = client.token_information()
        present = client.slots_with_certificate()
    except CardError:
        return None
    tries = {slot: _tries(client, slot) for slot in Slot}
    return AppletReport(token.label, token.model, present, tries, _identification(client))


def lines(report: AppletReport | None) -> Iterator[str]:
    """For people."""
    if report is None:
        yield "JPKI applet  not there"
        return
    yield f"JPKI applet  {report.label}"
    if report.identification is not None:
        yield from _identification_lines(report.identification)
    for slot in Slot:
        certificate = "certificate" if slot in report.certificates else "no certificate"
        left = report.tries[slot]
        tries = "tries left not told" if left is None else f"{left} tries left" if left else "blocked or not set"
        yield f"  {slot.name.lower():16}{certificate}, {slot.pin_name}: {tries}"


def _identification_lines(found: Identification) -> Iterator[str]:
    facts = found.facts
    medium = f", not contactless: {facts['not_contactless']}" if found.contact_medium else ""
    yield f"  version {facts['version']}, {facts['profile']} profile, {facts['suite']}{medium}"
    digest = facts["load_file_data_block_sha256"] or "not told at installation"
    yield f"  load file data block, SHA-256: {digest}"


def _identification(client: JpkiClient) -> Identification | None:
    try:
        return client.identification()
    except CardError:
        return None


def _tries(client: JpkiClient, slot: Slot) -> int | None:
    try:
        return client.tries_left(slot)
    except CardError:
        return None
