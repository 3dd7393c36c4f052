"""The field trial's figures for issuing both certificates (F1): seconds, mean over phone models."""

from __future__ import annotations

from collections.abc import Mapping

from jpki.parties.recorder import Section
from jpki.timing.trace import Share

_COLUMNS = (Share.USER, Share.APP, Share.LOCAL, Share.REMOTE, Share.TSM, Share.CA)
_ROWS: Mapping[Section, tuple[float, tuple[float | None, ...]]] = {
    Section.APPLY: (18.1, (14.6, 2.1, 0.3, 0.1, 0.0, 1.0)),
    Section.SET_SIGNING_PASSWORD: (16.0, (13.1, None, 0.7, 1.6, 0.7, None)),
    Section.SET_AUTHENTICATION_PIN: (13.2, (10.3, None, 0.6, 1.6, 0.7, None)),
    Section.SIGNING_KEY: (4.6, (None, None, None, 3.9, 0.7, None)),
    Section.STORE_SIGNING_CERTIFICATE: (7.4, (None, None, None, 1.9, 0.5, 5.0)),
    Section.AUTHENTICATION_KEY: (3.3, (None, None, None, 2.8, 0.5, None)),
    Section.STORE_AUTHENTICATION_CERTIFICATE: (8.2, (None, None, None, 2.3, 0.9, 5.0)),
    Section.TEST_SIGNING: (12.2, (10.9, 0.0, 1.2, None, None, None)),
    Section.TEST_AUTHENTICATION: (8.0, (6.8, 0.0, 1.2, None, None, None)),
}
REFERENCE: Mapping[Section, Mapping[Share, float]] = {
    section: {share: value for share, value in zip(_COLUMNS, row, strict=True) if value is not None}
    for section, (_, row) in _ROWS.items()
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
    """All parties of one section, as the trial printed it: what was rounded once is not the sum of rounded parts."""
    return _ROWS[section][0]
