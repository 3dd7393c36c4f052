"""The field trial's figures for issuing both certificates (F1): seconds, mean over phone models."""

from __future__ import annotations

from collections.abc import Mapping

from jpki.parties.recorder import Section
from jpki.timing.trace import Share

_COLUMNS = (Share.USER, Share.APP, Share.LOCAL, Share.REMOTE, Share.TSM, Share.CA)
_ROWS: Mapping[Section, tuple[float | None, ...]] = {
    Section.APPLY: (14.6, 2.1, 0.3, 0.1, 0.0, 1.0),
    Section.SET_SIGNING_PASSWORD: (13.1, None, 0.7, 1.6, 0.7, None),
    Section.SET_AUTHENTICATION_PIN: (10.3, None, 0.6, 1.6, 0.7, None),
    Section.SIGNING_KEY: (None, None, None, 3.9, 0.7, None),
    Section.STORE_SIGNING_CERTIFICATE: (None, None, None, 1.9, 0.5, 5.0),
    Section.AUTHENTICATION_KEY: (None, None, None, 2.8, 0.5, None),
    Section.STORE_AUTHENTICATION_CERTIFICATE: (None, None, None, 2.3, 0.9, 5.0),
    Section.TEST_SIGNING: (10.9, 0.0, 1.2, None, None, None),
    Section.TEST_AUTHENTICATION: (6.8, 0.0, 1.2, None, None, None),
}
REFERENCE: Mapping[Section, Mapping[Share, float]] = {
    section: {share: value for share, value in zip(_COLUMNS, row, strict=True) if value is not None}
    for section, row in _ROWS.items()
}
WAITING = (
    Section.SIGNING_KEY,
    Section.STORE_SIGNING_CERTIFICATE,
    Section.AUTHENTICATION_KEY,
    Section.STORE_AUTHENTICATION_CERTIFICATE,
)
"""The sections in which the user waits: 24 s in the trial."""

# Other figures of the trial, seconds: a signature through an outside reader; an authentication by biometrics, and the
# user's part of it.
CONTACTLESS = 1.0
ONLINE, ONLINE_USER = 8.0, 5.0


def reference_total(section: Section) -> float:
    """All parties of one section."""
    return sum(REFERENCE[section].values())
