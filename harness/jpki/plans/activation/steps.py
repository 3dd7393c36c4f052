"""What is done to activate biometrics, who does it, and what each party insists on before it does its part.

An app takes the steps of its option in their order. A program of somebody else's takes any step whose ``needs`` are
met: what only the app's own order ensures protects nothing.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique


@unique
class Role(Enum):
    """Who takes part."""

    USER = "user"
    APP = "app"
    ELEMENT = "GP-SE"
    KEYSTORE = "Keystore"
    TSM = "TSM"
    JLIS = "J-LIS"


@unique
class Fact(Enum):
    """What has come about in this attempt; a lost session begins with none."""

    CHALLENGED = "the TSM has given R1"
    VERIFIED = "the PIN is verified in this session"
    SIGNED = "the element has signed R1 and made R2"
    ACCEPTED = "the TSM has accepted the signature"
    KEY = "there is a key to register"
    OPENED = "R2 was read"
    EXPORTED = "the TSM has the public key"
    CHANNEL = "SCP03 is open"
    REGISTERED = "the element has the public key"


Facts = frozenset[Fact]


@dataclass(frozen=True, slots=True)
class ActivationStep:
    """One step: by whom, what they insist on, what it takes.

    ``apdus`` are commands to the element, without SELECT; ``round_trips`` those between phone and TSM; ``leaves`` is
    what goes out of the element, ``exports`` what goes out of the phone about the key. ``secret``: it takes the PIN;
    ``checked``: J-LIS checks the certificate.
    """

    name: str
    text: str
    roles: tuple[Role, ...]
    gives: Fact
    needs: Facts = frozenset()
    apdus: int = 0
    round_trips: int = 0
    leaves: tuple[str, ...] = ()
    exports: bool = False
    secret: bool = False
    checked: bool = False


def _needs(*facts: Fact) -> Facts:
    return frozenset(facts)


ASK = ActivationStep("ask", "asks for a random number R1", (Role.APP, Role.TSM), Fact.CHALLENGED, round_trips=1)
VERIFY = ActivationStep(
    "verify", "enters the authentication PIN", (Role.USER, Role.APP, Role.ELEMENT), Fact.VERIFIED, apdus=1, secret=True
)
SIGN = ActivationStep(
    "sign",
    "has R1 signed with the authentication key",
    (Role.APP, Role.ELEMENT),
    Fact.SIGNED,
    _needs(Fact.CHALLENGED, Fact.VERIFIED),
    apdus=1,
    leaves=("signature over R1", "authentication certificate"),
)
COMMIT = ActivationStep(
    "sign",
    "has R1 signed with the authentication key; the element makes R2 and S = H[R2]",
    (Role.APP, Role.ELEMENT),
    Fact.SIGNED,
    _needs(Fact.CHALLENGED, Fact.VERIFIED),
    apdus=1,
    leaves=("signature over R1", "authentication certificate", "commitment S"),
)
APPLY = ActivationStep(
    "apply",
    "sends the signature; it is verified, and the certificate's validity checked",
    (Role.APP, Role.TSM, Role.JLIS),
    Fact.ACCEPTED,
    _needs(Fact.SIGNED),
    round_trips=1,
    checked=True,
)
MAKE_KEY = ActivationStep("make key", "has a key pair made that biometrics open", (Role.APP, Role.KEYSTORE), Fact.KEY)
OPEN = ActivationStep(
    "open", "reads R2", (Role.APP, Role.ELEMENT), Fact.OPENED, _needs(Fact.SIGNED), apdus=1, leaves=("R2",)
)
EXPORT = ActivationStep(
    "export",
    "sends the public key and R2; H[R2] = S is checked",
    (Role.APP, Role.TSM),
    Fact.EXPORTED,
    _needs(Fact.ACCEPTED, Fact.OPENED, Fact.KEY),
    round_trips=1,
    exports=True,
)
CHANNEL = ActivationStep(
    "channel",
    "opens SCP03 with the element, through the phone",
    (Role.TSM, Role.APP, Role.ELEMENT),
    Fact.CHANNEL,
    _needs(Fact.EXPORTED),
    apdus=2,
    round_trips=1,
)
REGISTER_BY_TSM = ActivationStep(
    "register",
    "registers the public key over SCP03",
    (Role.TSM, Role.APP, Role.ELEMENT),
    Fact.REGISTERED,
    _needs(Fact.CHANNEL),
    apdus=1,
    round_trips=1,
)
REGISTER_BY_USER = ActivationStep(
    "register",
    "registers the public key",
    (Role.APP, Role.ELEMENT),
    Fact.REGISTERED,
    _needs(Fact.VERIFIED, Fact.KEY),
    apdus=1,
)


@dataclass(frozen=True, slots=True)
class ActivationOption:
    """One way of activation."""

    name: str
    title: str
    steps: tuple[ActivationStep, ...]

    @property
    def register(self) -> ActivationStep:
        """The step that the element has to admit."""
        return self.steps[-1]


OPTIONS = (
    ActivationOption(
        "1",
        "by the TSM's authority, after an application",
        (ASK, VERIFY, COMMIT, APPLY, MAKE_KEY, OPEN, EXPORT, CHANNEL, REGISTER_BY_TSM),
    ),
    ActivationOption(
        "2", "by the user's authority, after an application", (ASK, VERIFY, SIGN, APPLY, MAKE_KEY, REGISTER_BY_USER)
    ),
    ActivationOption("2b", "by the user's authority, without an application", (VERIFY, MAKE_KEY, REGISTER_BY_USER)),
)
