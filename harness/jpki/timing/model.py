"""What a run would take on a phone: counted exchanges times a model of links, chip, people and CA.

Every figure here is an assumption and named as one; what can be measured is measured instead.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from jpki.parties.recorder import FlowEvent, FlowEventKind, Party, Section
from jpki.timing.reference import ONLINE_USER, REFERENCE
from jpki.timing.trace import Moment, Share, is_key_generation, is_signature


@dataclass(frozen=True, slots=True)
class Link:
    """A link: seconds that one exchange takes whatever its size, and bytes per second."""

    round_trip: float
    bandwidth: float

    def seconds(self, event: FlowEvent) -> float:
        """The time of one exchange on this link, without what the other end needs to answer."""
        return self.round_trip + (len(event.request) + len(event.response or b"")) / self.bandwidth


LINKS: Mapping[str, Link] = {
    # Open Mobile API to an embedded secure element: the trial's 0.7 s for the few commands that set a PIN, and 1.2 s
    # for the dozen that test a certificate, leave about this much for one command.
    "in-phone": Link(0.080, 100_000),
    # ISO/IEC 14443 at 106 kbit/s: 13 kB/s on the air, less for frames and waiting times.
    "nfc": Link(0.012, 10_000),
    "mobile-lte": Link(0.060, 1_000_000),
    "mobile-3g": Link(0.250, 100_000),
    "wifi": Link(0.025, 3_000_000),
    "data-centre": Link(0.002, 50_000_000),
}


@dataclass(frozen=True, slots=True)
class Chip:
    """Seconds that a secure element takes at least, where a simulated one is faster than any chip (F3)."""

    key_generation: float = 2.0  # mean of most chips in the trial
    signature: float = 0.2

    def seconds(self, event: FlowEvent, measured: float) -> float:
        """The card's own time for a command."""
        if is_key_generation(event):
            return max(measured, self.key_generation)
        if is_signature(event) or (event.receiver is Party.CARD and event.request[:1] == b"\x80"):
            return max(measured, self.signature)
        return measured


@dataclass(frozen=True, slots=True)
class PhoneModel:
    """All assumptions about a phone and its surroundings."""

    secure_element: Link = LINKS["in-phone"]
    plastic_card: Link = LINKS["nfc"]
    network: Link = LINKS["mobile-lte"]
    backend: Link = LINKS["data-centre"]
    chip: Chip = Chip()

    def predict(self, moment: Moment) -> float:
        """Seconds that a moment would take, without what the CA is assumed to need (``ca_seconds``)."""
        event = moment.event
        if event is None:
            return moment.seconds
        if event.kind is FlowEventKind.APDU:
            link = self.plastic_card if event.receiver is Party.CARD else self.secure_element
            return link.seconds(event) + self.chip.seconds(event, moment.seconds)
        if event.kind is FlowEventKind.WAIT:
            return 0.0  # what is waited for counts where it began
        if event.kind is FlowEventKind.ACTION:
            return USER_SECONDS.get(event.name, 0.0)
        outside = event.sender is Party.PHONE or event.receiver is Party.PHONE
        return (self.network if outside else self.backend).seconds(event) + moment.seconds


USER_SECONDS: Mapping[str, float] = {  # by what the app asks for: the trial's figure of the section in which it asks
    "password of the My Number Card": REFERENCE[Section.APPLY][Share.USER],
    "new signing password": REFERENCE[Section.SET_SIGNING_PASSWORD][Share.USER],
    "new authentication PIN": REFERENCE[Section.SET_AUTHENTICATION_PIN][Share.USER],
    "signing password": REFERENCE[Section.TEST_SIGNING][Share.USER],
    "present signing password": REFERENCE[Section.TEST_SIGNING][Share.USER],
    "authentication PIN": REFERENCE[Section.TEST_AUTHENTICATION][Share.USER],
    "present authentication PIN": REFERENCE[Section.TEST_AUTHENTICATION][Share.USER],
    "consent: terms of use": 0.0,  # part of what the trial's users did to apply
    "consent: revocation of the certificates on another phone": 5.0,  # a few lines to read; the trial did not ask
    "biometrics": ONLINE_USER,
    "screen lock": ONLINE_USER,
}


def ca_seconds(section: Section) -> float:
    """The CA's time, as the trial assumed it: 1 s to check an application, 5 s to issue a certificate."""
    return REFERENCE.get(section, {}).get(Share.CA, 0.0)
