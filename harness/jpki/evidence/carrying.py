"""Which card can carry the applet: tried on a simulated card of each profile, step by step, until one refuses."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, unique

from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.card.profiles import CardProfile
from cardlab.card.terminal import in_terminal
from cardlab.errors import CardError, TransportError
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.scp03 import SecurityLevel
from cardlab.iso7816.status import UnexpectedStatusError
from jpki.client.constants import Profile, Slot, Suite
from jpki.client.installation import jpki_installation
from jpki.client.needs import missing, refusal_of_install
from jpki.client.sample import SAMPLE_PINS, Sample, personalise_sample
from jpki.client.user import JpkiClient
from jpki.package import jpki_executable, jpki_library

RUNTIME = "vm"  # the one that has memory, algorithms and commit buffer as a profile says
PROFILE = Profile.CARD  # which asks less of a card: no elliptic curves
_NOW = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
MESSAGE = b"carried"


@unique
class Step(Enum):
    """What is done, in this order; the value says it to people."""

    LOAD = "load"
    INSTALL = "install"
    PERSONALISE = "PINs, keys, certificates"
    SIGN = "sign"


@dataclass(frozen=True, slots=True)
class Trial:
    """How far a profile came: the step that was refused and why, or None; ``free`` are the bytes left of the memory.

    ``signatures`` are those of the last step, and ``sample`` what they can be verified with.
    """

    profile: str
    refused: Step | None
    reason: str
    free: int
    signatures: Mapping[Slot, bytes]
    sample: Sample | None


def try_profile(profile: CardProfile | str, suite: Suite = Suite.RSA_2048) -> Trial:
    """Load, install, personalise and use the applet on a card of this profile, given or by its name."""
    name = profile if isinstance(profile, str) else profile.name
    with SimulatedCard(CardConfig.of_profile(profile), seed=1, runtime=RUNTIME, classes=jpki_library()) as card:
        attempt = _Attempt(card, suite)
        for step, work in attempt.steps():
            try:
                work()
            except (CardError, TransportError) as error:
                return Trial(name, step, _reason(card, suite, step, error), card.free_memory, {}, None)
        return Trial(name, None, "", card.free_memory, attempt.signatures, attempt.sample)


def _reason(card: SimulatedCard, suite: Suite, step: Step, error: CardError | TransportError) -> str:
    """Of INSTALL's refusal what it means: which algorithms the card lacks, or memory. Else what the card explains."""
    if step is Step.INSTALL and isinstance(error, UnexpectedStatusError):
        if lacks := missing(PROFILE, card.config.platform.missing_algorithms, suite):
            return f"the card lacks {', '.join(lacks)}"
        if meaning := refusal_of_install(PROFILE, error.sw, suite):
            return meaning
    return card.explain() or str(error)


class _Attempt:
    """The steps on one card."""

    def __init__(self, card: SimulatedCard, suite: Suite) -> None:
        self._card = in_terminal(card)
        self._suite = suite
        self.sample: Sample | None = None
        self.signatures: dict[Slot, bytes] = {}

    def steps(self) -> Iterator[tuple[Step, Callable[[], None]]]:
        yield Step.LOAD, self._load
        yield Step.INSTALL, self._install
        yield Step.PERSONALISE, self._personalise
        yield Step.SIGN, self._sign

    def _manager(self) -> GlobalPlatformClient:
        manager = GlobalPlatformClient(self._card)
        manager.select()
        manager.authenticate(DEFAULT_KEYS, level=SecurityLevel.C_MAC)
        return manager

    def _load(self) -> None:
        applet = jpki_executable()
        self._manager().load(applet.aid, applet.data_block)

    def _install(self) -> None:
        self._manager().install(jpki_installation(self._suite.chosen_in(PROFILE.parameters)))

    def _personalise(self) -> None:
        self.sample = personalise_sample(self._card, DEFAULT_KEYS, now=_NOW)

    def _sign(self) -> None:
        user = JpkiClient(self._card)
        user.select()
        for slot, pin in SAMPLE_PINS.items():
            user.verify(slot, pin)
            self.signatures[slot] = user.sign_hashed_on_card(slot, MESSAGE, self._suite)
