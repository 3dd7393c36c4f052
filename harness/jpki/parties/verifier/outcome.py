"""How a verification ends. One word for programs, an exit code for shells, a sentence for people."""

from __future__ import annotations

from enum import Enum, unique


@unique
class Outcome(Enum):
    """From worst to best; when several things are wrong, the outcome is the first of them. Only GOOD is good."""

    MALFORMED = ("malformed", 20, "this is no CMS SignedData that can be read")
    BAD_SIGNATURE = ("bad signature", 21, "the signature does not verify, or not for this content")
    BAD_INDICATOR = ("bad indicator", 22, "there is an indicator that the card cannot have made")
    NOT_A_DOCUMENT = ("not a document", 29, "what was signed is an application for certificates, not a document")
    UNTRUSTED = ("untrusted", 23, "the certificate comes from no CA that is trusted")
    REVOKED = ("revoked", 24, "the certificate was revoked")
    SUSPENDED = ("suspended", 25, "the certificate was suspended")
    EXPIRED = ("expired", 26, "the certificate was past its last day, or not valid yet")
    REVOCATION_UNKNOWN = ("revocation unknown", 27, "nothing says whether the certificate was revoked")
    NO_INDICATOR = ("no indicator", 28, "a plain signature in order; nothing says how the user authenticated")
    GOOD = ("good", 0, "signature, certificate and indicator are in order")

    def __init__(self, word: str, exit_code: int, sentence: str) -> None:
        self.word = word
        self.exit_code = exit_code
        self.sentence = sentence
