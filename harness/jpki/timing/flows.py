"""The flows that are measured: each function of the app (E3), run one after the other by a resident with a phone."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter

from jpki.certificates.holder import SAMPLE_HOLDER
from jpki.client.constants import DeviceMethod, Slot, Suite
from jpki.parties.applicant import Applicant
from jpki.parties.consent import Wording
from jpki.parties.my_number_card import MyNumberCard
from jpki.parties.network import Cutter, LinkLostError, Network
from jpki.parties.phone.app import PhoneApp
from jpki.parties.phone.managing import BOTH
from jpki.parties.phone.user import Means
from jpki.parties.recorder import FlowEventKind, FlowRecorder, Party
from jpki.parties.world import World
from jpki.timing.realcard import RealCard, lent
from jpki.timing.trace import Trace

RESIDENT = "hanako"
_MODEL = "reference"
_CARD_PASSWORD = b"KAZASHI2026"
_DOCUMENT = "転入届: 令和8年11月21日".encode()
_SERVICE_CHALLENGE = bytes(32)


@dataclass
class Resident:
    """Answers at once whatever the app asks; what a person would need is modelled (``USER_SECONDS``)."""

    recorder: FlowRecorder
    pins: dict[Slot, bytes] = field(default_factory=dict)

    def pin(self, slot: Slot) -> bytes:
        """The present PIN."""
        return self.pins[slot]

    def new_pin(self, slot: Slot) -> bytes:
        """Another one each time."""
        fresh = secrets.token_hex(5).upper() if slot is Slot.SIGNING else f"{secrets.randbelow(10**4):04}"
        self.pins[slot] = fresh.encode()
        return self.pins[slot]

    def card_password(self) -> bytes:
        """Of the My Number Card."""
        return _CARD_PASSWORD

    def agrees(self, wording: Wording) -> bool:
        """To everything."""
        return True

    def instead(self, failed: DeviceMethod, offered: tuple[Means, ...]) -> Means | None:
        """The PIN."""
        return Means.PIN

    def recognise(self, method: DeviceMethod) -> bool:
        """Always known to the phone."""
        name = "biometrics" if method is DeviceMethod.BIOMETRIC else "screen lock"
        self.recorder.record(FlowEventKind.ACTION, Party.USER, Party.PHONE, name, b"", lambda: b"")
        return True


@dataclass(frozen=True, slots=True)
class Stage:
    """A world with a resident, and two new phones for this round: the resident moves from one to the other."""

    world: World
    app: PhoneApp
    other: PhoneApp

    def card(self) -> MyNumberCard:
        """The resident's, held to a phone."""
        return self.world.my_number_card(RESIDENT)


@dataclass(frozen=True, slots=True)
class Flow:
    """A flow: its name, what it is in a sentence, and how it is run.

    ``prepare`` is what has to happen before and is neither measured nor drawn. ``two_phones``: one card is not enough.
    """

    name: str
    summary: str
    run: Callable[[Stage], object]
    prepare: Callable[[Stage], object] | None = None
    two_phones: bool = False


def _issue(stage: Stage) -> None:
    stage.app.issue(stage.card())
    for slot in BOTH:
        stage.app.try_out(slot)


def _interrupted(stage: Stage) -> None:
    """The signing key is made, and nobody hears of it; the app starts again."""
    network = stage.world.network
    before, network.cutter = network.cutter, _LosesOneAnswer("GENERATE KEY PAIR")
    try:
        stage.app.issue(stage.card())
    except LinkLostError:
        stage.app.resume()
    finally:
        network.cutter = before


class _LosesOneAnswer(Cutter):
    """The link is lost once, with the first answer to a command."""

    def __init__(self, command: str) -> None:
        super().__init__()
        self._awaited = f"the answer to {command} "

    def cross(self, what: str) -> None:
        if self._awaited and what.startswith(self._awaited):
            self._awaited = ""
            raise LinkLostError(f"the link was lost: {what}")
        super().cross(what)


def _suspend(stage: Stage) -> None:
    certificate = stage.app.show(Slot.AUTHENTICATION).certificate
    stage.world.ca.suspend(certificate.serial_number)


FLOWS: tuple[Flow, ...] = (
    Flow(
        "issue",
        "Both certificates onto a new phone, then each is tried: all sections of the reference table (E3, F1).",
        _issue,
    ),
    Flow("sign", "A document, with the signing password (C4).", lambda stage: stage.app.sign(_DOCUMENT)),
    Flow(
        "authenticate",
        "A service's challenge, with the authentication PIN.",
        lambda stage: stage.app.authenticate(_SERVICE_CHALLENGE),
    ),
    Flow(
        "register-device-auth",
        "Biometrics stand for the authentication PIN from now on: no secure channel (C2). The SP-TSM only says whether"
        " this model may (E7).",
        lambda stage: stage.app.register_device_auth(DeviceMethod.BIOMETRIC),
    ),
    Flow(
        "authenticate-with-biometrics",
        "A service's challenge, without a PIN (C3).",
        lambda stage: stage.app.authenticate(_SERVICE_CHALLENGE),
    ),
    Flow(
        "authenticate-with-screen-lock",
        "The same by screen lock, which was registered beside biometrics (C1).",
        lambda stage: stage.app.authenticate(_SERVICE_CHALLENGE, DeviceMethod.LOCK_SCREEN),
        lambda stage: stage.app.register_device_auth(DeviceMethod.LOCK_SCREEN),
    ),
    Flow("show", "Both certificates of the signing slot (A3).", lambda stage: stage.app.show(Slot.SIGNING)),
    Flow(
        "attributes",
        "Name, address, birth date and sex, from the signing certificate (A6).",
        lambda stage: stage.app.attributes(),
    ),
    Flow(
        "change-pin",
        "The signing password, by its user (B6).",
        lambda stage: stage.app.change_pin(Slot.SIGNING),
    ),
    Flow(
        "reset-pin",
        "The signing password was forgotten; the My Number Card authorises a new one (B6).",
        lambda stage: stage.app.reset_pin(stage.card(), (Slot.SIGNING,)),
    ),
    Flow(
        "release",
        "The authentication certificate was suspended, and the phone found again.",
        lambda stage: stage.app.release(stage.card()),
        _suspend,
    ),
    Flow("renew", "New keys and certificates under the same PINs.", lambda stage: stage.app.renew(stage.card())),
    Flow(
        "revoke",
        "Both certificates are revoked and their keys erased.",
        lambda stage: stage.app.revoke(stage.card()),
    ),
    Flow(
        "apply",
        "The application alone, as the published screens have it: keys and PINs; the certificates are issued, and word"
        " of it goes to the push service, sealed (E11).",
        lambda stage: stage.app.apply(stage.card()),
    ),
    Flow("register", "After the word by push: the certificates are stored.", lambda stage: stage.app.register()),
    Flow(
        "issue-interrupted",
        "The answer to a GENERATE KEY PAIR is lost; started again, the app goes on with the key that was made (E6).",
        _interrupted,
        lambda stage: stage.app.revoke(stage.card()),
    ),
    Flow(
        "change-device",
        "Both certificates onto another phone, which is all that is needed (E4); the SP-TSM has the old one notified.",
        lambda stage: stage.other.issue(stage.card()),
        two_phones=True,
    ),
    Flow(
        "remote-deletion",
        "The old phone collects what the push service has for it, deletes the applet and reports back (E5).",
        lambda stage: stage.app.collect(),
        two_phones=True,
    ),
)


def rounds(
    folder: Path,
    number: int,
    flows: Sequence[Flow] = FLOWS,
    card: RealCard | None = None,
    suite: Suite = Suite.RSA_2048,
) -> Iterator[dict[str, Trace]]:
    """Run the flows ``number`` times in their order, each round on new phones; yields a round's traces by name.

    A flow needs those that come before it in ``FLOWS``. A real ``card`` is the secure element of one phone after the
    other, and given back in between; flows with two phones are left out then.
    """
    recorder = FlowRecorder()
    with World.open(folder, network=Network(recorder), durable=False, suite=suite) as world:
        world.add_resident(Applicant(RESIDENT, SAMPLE_HOLDER), _CARD_PASSWORD)
        wanted = [flow for flow in flows if card is None or not flow.two_phones]
        for count in range(1, number + 1):
            with lent(card) if card else nullcontext():
                old, new = f"old{count}", f"new{count}"
                if card is None:
                    world.add_phone(old, model=_MODEL)
                else:
                    world.add_phone_around(old, model=_MODEL, card=card.transport, keys=card.keys)
                world.add_phone(new, model=_MODEL)
                stage = Stage(world, *(world.app(phone, Resident(recorder)) for phone in (old, new)))
                yield {flow.name: record(flow, stage, recorder) for flow in wanted}


def record(flow: Flow, stage: Stage, recorder: FlowRecorder) -> Trace:
    """Run one flow once."""
    if flow.prepare is not None:
        flow.prepare(stage)
    recorder.clear()
    started = perf_counter()
    flow.run(stage)
    return Trace(recorder.events, started, perf_counter() - started)
