"""What the applet needs of a card, and what its refusal to install it means (docs/reference/applet.md)."""

from __future__ import annotations

from collections.abc import Mapping

from cardlab.iso7816.status import SW
from jpki.client.constants import Profile, Suite

RSA_ALGORITHMS = (
    "KeyPair.ALG_RSA_CRT",
    "KeyBuilder.ALG_TYPE_RSA_CRT_PRIVATE/2048",
    "KeyBuilder.ALG_TYPE_RSA_PUBLIC/2048",
    "Cipher.ALG_RSA_PKCS1",
    "Signature.ALG_RSA_SHA_256_PKCS1_PSS",
    "MessageDigest.ALG_SHA_256",
)
"""By the names of the API's constants with their class; a number behind them is a length in bits."""
CURVE_ALGORITHMS = (
    "KeyBuilder.ALG_TYPE_EC_FP_PRIVATE/384",
    "KeyBuilder.ALG_TYPE_EC_FP_PUBLIC/384",
    "Signature.ALG_ECDSA_SHA_384",
)
"""Of the second suite, instead. That a card makes no pairs (KeyPair.ALG_EC_FP) shows when one is made."""
COMMON_ALGORITHMS = ("RandomData.ALG_SECURE_RANDOM",)
DEVICE_ALGORITHMS = ("KeyBuilder.ALG_TYPE_EC_FP_PUBLIC/256", "Signature.ALG_ECDSA_SHA_256")
"""For device authentication, which the card profile does not have."""

PERSISTENT_MEMORY = {
    Suite.RSA_2048: {Profile.PHONE: 17_700, Profile.CARD: 16_500},
    Suite.P_384: {Profile.PHONE: 16_400, Profile.CARD: 15_200},
}
TRANSIENT_MEMORY = 560
"""Bytes that an instance takes at most beside its code; the transient ones are cleared on deselection."""


def algorithms(profile: Profile, suite: Suite = Suite.RSA_2048) -> tuple[str, ...]:
    """What INSTALL under a profile allocates; a card that lacks one refuses it."""
    of_keys = RSA_ALGORITHMS if suite is Suite.RSA_2048 else CURVE_ALGORITHMS
    return of_keys + COMMON_ALGORITHMS + (DEVICE_ALGORITHMS if profile is Profile.PHONE else ())


def missing(profile: Profile, lacking: str, suite: Suite = Suite.RSA_2048) -> tuple[str, ...]:
    """What a profile needs of those that a card lacks, separated by commas (PlatformChoices.missing_algorithms)."""
    names = frozenset(lacking.split(","))
    return tuple(name for name in algorithms(profile, suite) if name in names)


def refusal_of_install(profile: Profile, sw: int, suite: Suite = Suite.RSA_2048) -> str:
    """What INSTALL's status word says of a card, and what can be done; empty when it says nothing of the card."""
    without_ec = (
        "; --profile card does without elliptic curves" if profile is Profile.PHONE and suite is Suite.RSA_2048 else ""
    )
    meanings: Mapping[int, str] = {
        SW.FUNCTION_NOT_SUPPORTED: f"the card lacks an algorithm that the {profile.name.lower()} profile "
        f"with {suite.label} needs: {', '.join(algorithms(profile, suite))}{without_ec}",
        SW.NOT_ENOUGH_MEMORY: f"the card has too little memory left: beside its load file the applet "
        f"takes up to {PERSISTENT_MEMORY[suite][profile]:,} bytes, and {TRANSIENT_MEMORY} transient ones, cleared on "
        "deselection",
        SW.WRONG_DATA: "the install parameters are none of docs/reference/applet.md",
    }
    return meanings.get(sw, "")
