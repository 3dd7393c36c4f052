"""Verdicts on phones (E8): a signed statement with the nonce and three fields, as the field trial's service gave it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, unique

from cryptography.hazmat.primitives.asymmetric import ec

from cardlab.errors import RefusedError
from jpki.parties import jws
from jpki.parties.clock import Clock
from jpki.parties.messages import Attest, Request, Verdict
from jpki.parties.recorder import Party

MAX_AGE = 300  # seconds


@unique
class Evaluation(StrEnum):
    """How the service came to its verdict (``evaluationType``): by a key in hardware, or by what the phone says."""

    BASIC = "BASIC"
    HARDWARE_BACKED = "HARDWARE_BACKED"


@dataclass(frozen=True, slots=True)
class Integrity:
    """What the service finds of a phone. As one leaves the shop, all is well."""

    cts_profile_match: bool = True
    basic_integrity: bool = True
    evaluation: Evaluation = Evaluation.HARDWARE_BACKED

    @property
    def sound(self) -> bool:
        """Whether the phone may ask for anything."""
        return self == Integrity()


@unique
class Condition(StrEnum):
    """What people do to phones, by what it does to the three fields (the trial's list)."""

    UNTOUCHED = "untouched"
    UNLOCKED_BOOTLOADER = "unlocked-bootloader"
    CUSTOM_ROM = "custom-rom"
    UNCERTIFIED = "uncertified"
    ROOTED = "rooted"
    EMULATOR = "emulator"
    HOOKED = "hooked"
    WITHOUT_HARDWARE_KEY = "without-hardware-key"

    @property
    def integrity(self) -> Integrity:
        """The fields of a verdict on such a phone."""
        match self:
            case Condition.UNTOUCHED:
                return Integrity()
            case Condition.UNLOCKED_BOOTLOADER | Condition.CUSTOM_ROM | Condition.UNCERTIFIED:
                return Integrity(cts_profile_match=False)
            case Condition.EMULATOR:
                return Integrity(False, False, Evaluation.BASIC)
            case Condition.ROOTED | Condition.HOOKED:
                return Integrity(cts_profile_match=False, basic_integrity=False)
            case Condition.WITHOUT_HARDWARE_KEY:
                return Integrity(evaluation=Evaluation.BASIC)


UNKNOWN_PHONE = Integrity(False, False, Evaluation.BASIC)
"""Nobody knows which phone it is."""


class AttestationService:
    """Looks at the phone that asks; ``look`` tells of an installation of the app what the service finds."""

    def __init__(self, key: ec.EllipticCurvePrivateKey, look: Callable[[str], Integrity], clock: Clock) -> None:
        self._key = key
        self._look = look
        self._clock = clock

    def handle(self, sender: Party, request: Request) -> Verdict:
        """One message."""
        if not isinstance(request, Attest):
            raise RefusedError(f"{type(request).__name__} is nothing the attestation service answers")
        found = self._look(request.app_id)
        hardware = found.evaluation is Evaluation.HARDWARE_BACKED
        payload = {
            "nonce": jws.base64url(request.nonce),
            "timestampMs": int(self._clock().timestamp() * 1000),
            "appId": request.app_id,
            "ctsProfileMatch": found.cts_profile_match,
            "basicIntegrity": found.basic_integrity,
            "evaluationType": ",".join((Evaluation.BASIC, Evaluation.HARDWARE_BACKED) if hardware else ("BASIC",)),
        }
        return Verdict(jws.signed(payload, self._key))


def require_sound(verdict: str, *, key: ec.EllipticCurvePublicKey, nonce: bytes, app_id: str, now: float) -> None:
    """Check a verdict; raises RefusedError for any that is not about this app, this nonce, and an untouched phone."""
    payload = jws.verified(verdict, key, "the verdict on the phone")
    if payload.get("nonce") != jws.base64url(nonce) or payload.get("appId") != app_id:
        raise RefusedError("the verdict on the phone is about something else", hint="start again")
    made = payload.get("timestampMs")
    age = now - (made / 1000 if isinstance(made, int) else 0)
    if not -MAX_AGE <= age <= MAX_AGE:
        raise RefusedError(f"the verdict on the phone is {age:.0f} s old, at most {MAX_AGE} count", hint="start again")
    wrong = [field for field in ("ctsProfileMatch", "basicIntegrity") if payload.get(field) is not True]
    if wrong:
        fields = f"{' and '.join(wrong)} {'are' if len(wrong) > 1 else 'is'} not true"
        raise RefusedError(f"the phone was tampered with: {fields}", hint="use an unmodified phone")
    if Evaluation.HARDWARE_BACKED not in str(payload.get("evaluationType", "")).split(","):
        raise RefusedError("the verdict on the phone is not backed by hardware", hint="use a phone with a hardware key")
