"""What the parties say to each other. Plain values; ``codec`` makes them bytes."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum, unique
from typing import Union

from cardlab.errors import HarnessError, RefusedError
from jpki.client.constants import Slot
from jpki.parties.consent import Consent, Wording
from jpki.parties.recorder import Section

Slots = tuple[Slot, ...]


@unique
class Function(Enum):
    """What a phone can ask of its TSM (E3); ``REMOVE`` is asked for by the TSM itself, by push (E5)."""

    ISSUE = "issue"
    RENEW = "renew"
    REVOKE = "revoke"
    RELEASE = "release"
    RESET_PIN = "reset-pin"
    REMOVE = "remove"


@unique
class Feature(Enum):
    """What can be switched off for a phone model (E7)."""

    BIOMETRIC = "biometric"
    LOCK_SCREEN = "lock-screen"


# -- refusals ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Refused:
    """An answer that is an error: its class, what it says, and the exit code it would have at home."""

    kind: str
    message: str
    hint: str
    exit_code: int


class PeerError(HarnessError):
    """Another party answered with an error; ``refused`` is what it said, and its exit code is kept."""

    def __init__(self, refused: Refused) -> None:
        super().__init__(refused.message, hint=refused.hint)
        self.refused = refused
        self.exit_code = refused.exit_code  # type: ignore[misc]  # the class of the error decides at its home

    @property
    def final(self) -> bool:
        """Whether asking again is of no use: the request itself is at fault, and it changed nothing."""
        return self.refused.kind == RefusedError.__name__


# -- scripts: work for a card, carried by the phone --------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Command:
    """A command for the card; the script goes on when its status word is 9000 or one of ``allowed``."""

    apdu: bytes
    section: Section
    allowed: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class SetPin:
    """The phone verifies the temporary PIN and changes it to the one its user enters (B5)."""

    slot: Slot
    temporary: bytes
    section: Section


Step = Command | SetPin


@dataclass(frozen=True, slots=True)
class Script:
    """Steps in order. With a ``nonce`` the answer brings the application and a verdict over this nonce (E8).

    With a ``question`` the user is asked first, and the answer brings their consent (E9). ``typing`` are PINs that will
    be set later: the user can type them meanwhile (F5).
    """

    conversation: str
    steps: tuple[Step, ...]
    nonce: bytes = b""
    question: Wording | None = None
    typing: Slots = ()


# -- phone and SP-TSM --------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Device:
    """A phone as its TSM knows it: SE-ID, the installation of the app (new with each), model, push token.

    ``push_key`` (16 bytes) seals what the TSM sends to it by push (``word``).
    """

    se_id: bytes
    app_id: str
    model: str
    push_token: str
    push_key: bytes


@dataclass(frozen=True, slots=True)
class Begin:
    """Start or resume a function; ``request_id`` stays the same until it has ended.

    An issuance without ``register`` pauses when the certificates are issued (``Applied``); with it they are stored.
    """

    request_id: str
    function: Function
    slots: Slots
    device: Device
    register: bool = True


@dataclass(frozen=True, slots=True)
class Answers:
    """What the steps of a script answered, up to the first that failed; a SetPin that was done answers nothing."""

    conversation: str
    responses: tuple[bytes, ...]
    application: bytes = b""
    verdict: str = ""
    consent: Consent | None = None


@dataclass(frozen=True, slots=True)
class Finished:
    """The function has ended well; serial numbers of the certificates that it is about."""

    request_id: str
    serials: tuple[tuple[Slot, int], ...]


@dataclass(frozen=True, slots=True)
class Applied:
    """The application is done: keys and PINs are on the card, and word of the certificates comes by push (E11)."""

    request_id: str


@dataclass(frozen=True, slots=True)
class AskPolicy:
    """Which features may a model use?"""

    model: str


@dataclass(frozen=True, slots=True)
class Policy:
    """Features that are switched off for the model, in a signed statement (``policy.Statement``)."""

    statement: str


@dataclass(frozen=True, slots=True)
class AskCertificates:
    """What is known of the certificates on this phone? Told to the installation of the app that has it."""

    se_id: bytes
    app_id: str


@dataclass(frozen=True, slots=True)
class CertificateFacts:
    """One certificate: its state in one word, and its last second (since 1970)."""

    slot: Slot
    serial: int
    state: str
    not_after: int


@dataclass(frozen=True, slots=True)
class Certificates:
    """Those whose keys are on the phone, and the slots that are ordered to be removed (E5)."""

    certificates: tuple[CertificateFacts, ...]
    ordered_away: Slots


# -- SP-TSM and SEI-TSM ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PrepareApplet:
    """Bring the SP's security domain and the applet onto a secure element, as far as they are not there."""

    se_id: bytes


@dataclass(frozen=True, slots=True)
class RemoveApplet:
    """Delete the applet's instance, keys and all."""

    se_id: bytes


@dataclass(frozen=True, slots=True)
class IssuerScript:
    """Steps for the issuer's security domain. After the ``last`` script others may be sent along with it."""

    conversation: str
    steps: tuple[Step, ...]
    last: bool


@dataclass(frozen=True, slots=True)
class IssuerAnswers:
    """What they answered."""

    conversation: str
    responses: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Prepared:
    """The applet is there, ``fresh`` when installed just now; the keys that its domain was delivered with."""

    fresh: bool
    key_version: int
    keys: tuple[bytes, bytes, bytes]


@dataclass(frozen=True, slots=True)
class Removed:
    """The applet is gone."""

    se_id: bytes


# -- J-LIS -------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class CheckApplication:
    """Who signed this application, and is the card's certificate good?"""

    application: bytes


@dataclass(frozen=True, slots=True)
class Checked:
    """The resident's identifier, and what they signed."""

    user: str
    content: bytes


@dataclass(frozen=True, slots=True)
class IssueCertificate:
    """A certificate for a key (DER SubjectPublicKeyInfo), asked for in an application."""

    request_id: str
    slot: Slot
    public_key: bytes
    application: bytes


@dataclass(frozen=True, slots=True)
class Issued:
    """The certificate and the CA's, DER."""

    serial: int
    certificate: bytes
    ca_certificate: bytes


@dataclass(frozen=True, slots=True)
class RevokeCertificate:
    """The key is gone, or its holder asked for it."""

    serial: int
    reason: str


@dataclass(frozen=True, slots=True)
class ReleaseCertificate:
    """End a suspension, asked for in an application."""

    serial: int
    application: bytes


@dataclass(frozen=True, slots=True)
class AskState:
    """Is a certificate good?"""

    serial: int


@dataclass(frozen=True, slots=True)
class CertificateState:
    """One word: good, suspended, revoked or unknown; and the certificate's last second (since 1970), 0 if unknown."""

    state: str
    not_after: int


# -- push and attestation ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RegisterApp:
    """A new installation of the app asks for a push token."""

    app_id: str


@dataclass(frozen=True, slots=True)
class PushToken:
    """Where to reach it."""

    token: str


@dataclass(frozen=True, slots=True)
class Notify:
    """Pass a message on to the app behind a token. What it says is between the TSM and the app (``word``)."""

    token: str
    message_id: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class Collect:
    """What is there for a token?"""

    token: str


@dataclass(frozen=True, slots=True)
class PushMessage:
    """One that waits."""

    message_id: str
    payload: bytes


@dataclass(frozen=True, slots=True)
class PushMessages:
    """Everything not acknowledged, oldest first."""

    messages: tuple[PushMessage, ...]


@dataclass(frozen=True, slots=True)
class Acknowledge:
    """The app has done what a message was about."""

    token: str
    message_id: str


@dataclass(frozen=True, slots=True)
class Attest:
    """A verdict about the device the app runs on (E8)."""

    app_id: str
    nonce: bytes


@dataclass(frozen=True, slots=True)
class Verdict:
    """JWS in compact form."""

    jws: str


@dataclass(frozen=True, slots=True)
class Done:
    """Nothing more to say."""


Request = Union[  # noqa: UP007 - a value for decode(), spelled so that it reads as a list
    Begin,
    Answers,
    AskPolicy,
    AskCertificates,
    PrepareApplet,
    RemoveApplet,
    IssuerAnswers,
    CheckApplication,
    IssueCertificate,
    RevokeCertificate,
    ReleaseCertificate,
    AskState,
    RegisterApp,
    Notify,
    Collect,
    Acknowledge,
    Attest,
]
