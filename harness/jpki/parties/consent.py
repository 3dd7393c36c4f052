"""What the user agrees to before things happen (E9): the very text that was shown, and when.

The terms of use are agreed to at the application, and what was agreed is in what the My Number Card signs. That
certificates on another phone will be revoked is found out by the SP-TSM; it asks before it does anything.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum, unique

from cardlab.errors import RefusedError
from jpki.client.constants import Slot

_AHEAD = 300  # seconds that a phone's clock may be ahead of ours


@unique
class Subject(Enum):
    """What a consent is about."""

    TERMS = "terms of use"
    REVOCATION = "revocation of the certificates on another phone"


@dataclass(frozen=True, slots=True)
class Wording:
    """A text to agree to: ``text`` is what counts and is recorded, ``english`` a translation beside it."""

    subject: Subject
    text: str
    english: str


@dataclass(frozen=True, slots=True)
class Consent:
    """The user agreed to a text, at a time by the phone's clock (seconds since 1970)."""

    subject: Subject
    text: str
    agreed_at: int


TERMS = Wording(
    Subject.TERMS,
    "試験用利用規約 第1版\n"
    "第1条 本規約は、スマートフォン用電子証明書の発行を試すために、利用者に同意していただく事項を定めます。\n"
    "第2条 本システムはすべて試験用です。発行される電子証明書に効力はありません。\n"
    "第3条 スマートフォンを譲渡または廃棄するときは、悪用を防ぐため、あらかじめ失効の手続きを行ってください。\n"
    "第4条 パスワードと暗証番号は端末の中だけで設定され、ネットワークには流れません。",
    "Terms of use for tests, first edition\n"
    "1. These terms say what a user agrees to in order to try the issuance of certificates for phones.\n"
    "2. Everything in this system is for tests. The certificates that it issues have no effect.\n"
    "3. Revoke your certificates before you give the phone away or throw it away, so that nobody misuses them.\n"
    "4. Passwords and PINs are set inside the phone and never travel over the network.",
)
_KINDS = {Slot.SIGNING: ("署名用", "signing"), Slot.AUTHENTICATION: ("利用者証明用", "authentication")}


def revocation_wording(certificates: Sequence[tuple[Slot, int]]) -> Wording:
    """What is asked before certificates on another phone are revoked, by kind and serial number."""
    japanese = "".join(f"\n・{_KINDS[slot][0]}電子証明書 (シリアル番号 {serial:X})" for slot, serial in certificates)
    english = "".join(f"\n- {_KINDS[slot][1]} certificate, serial number {serial:X}" for slot, serial in certificates)
    return Wording(
        Subject.REVOCATION,
        "別のスマートフォンにある次の電子証明書を失効します。失効した電子証明書は元に戻せません。" + japanese,
        "These certificates on another phone will be revoked, which cannot be undone." + english,
    )


def require_consent(consent: Consent | None, wording: Wording, now: float) -> Consent:
    """The consent itself; raises RefusedError when there is none, or it is to another text or from the future."""
    about = wording.subject.value
    if consent is None:
        raise RefusedError(f"the user did not agree to the {about}", hint="nothing was done; agree, or leave it")
    if (consent.subject, consent.text) != (wording.subject, wording.text):
        raise RefusedError(f"the user agreed to another text than the {about} of today", hint="start again")
    if consent.agreed_at > now + _AHEAD:
        raise RefusedError(f"the consent to the {about} is from the future", hint="set the phone's clock")
    return consent
