"""Features that are switched off for a phone model (E7), as the SP-TSM tells them and an app keeps them.

The app asks at most every 12 hours, as the trial's remote configuration did, so a restriction reaches it late by that
time at most. Somebody on the line can delay, repeat or drop answers; so an answer is a signed statement about one
model that ends after those 12 hours, and an app without a statement that is valid now uses the PIN. Whatever happens
on the line, a feature that is switched off is used for 12 hours at most.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

from cryptography.hazmat.primitives.asymmetric import ec

from cardlab.errors import RefusedError
from jpki.parties import jws
from jpki.parties.messages import Feature

LIFE = 12 * 3600
"""Seconds that a statement counts at most."""
_SKEW = 300  # seconds that a phone's clock may be wrong, either way


@dataclass(frozen=True, slots=True)
class Statement:
    """What holds for a model, from ``issued`` (seconds since 1970) on."""

    model: str
    disabled: tuple[Feature, ...]
    issued: int

    def signed(self, key: ec.EllipticCurvePrivateKey) -> str:
        """As it travels, and as it is kept."""
        names = [feature.name for feature in self.disabled]
        return jws.signed({"model": self.model, "disabled": names, "issued": self.issued}, key)

    @classmethod
    def verified(cls, text: str, key: ec.EllipticCurvePublicKey) -> Self:
        """The statement again; raises RefusedError when it is not one by this key."""
        facts = jws.verified(text, key, "the statement about this model")
        model, names, issued = facts.get("model"), facts.get("disabled"), facts.get("issued")
        if not isinstance(model, str) or not isinstance(issued, int) or not isinstance(names, list):
            raise RefusedError("the statement about this model cannot be read")
        return cls(model, tuple(feature for feature in Feature if feature.name in names), issued)

    def holds(self, model: str, now: float) -> bool:
        """Whether it is about this model, and counts now by a clock that is nearly right."""
        return self.model == model and -_SKEW <= now - self.issued < LIFE - _SKEW
