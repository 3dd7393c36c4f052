"""The applet on a card of each profile: loaded, installed, personalised and used, or refused for the reason known."""

from __future__ import annotations

from hashlib import sha256

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from jpki.client.constants import Slot
from jpki.evidence.carrying import MESSAGE, Step, try_profile
from jpki.pages.profiles import carried

REFUSED = {
    "feitian-a22cr": (Step.INSTALL, "NO_SUCH_ALGORITHM"),  # no RSA-PSS with SHA-256
    "feitian-h19cr": (Step.INSTALL, "NO_SUCH_ALGORITHM"),
    "secora-connect-s": (Step.LOAD, "bytes are needed"),
}


@pytest.mark.parametrize("profile", carried())
def test_the_applet_on_a_card_of_each_profile(profile: str) -> None:
    trial = try_profile(profile)
    if profile in REFUSED:
        step, reason = REFUSED[profile]
        assert trial.refused is step
        assert reason in trial.reason
        return
    assert (trial.refused, trial.reason) == (None, "")
    assert trial.sample is not None
    for slot in (Slot.SIGNING, Slot.AUTHENTICATION):
        key = x509.load_der_x509_certificate(trial.sample.certificates[slot]).public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        digest = sha256(MESSAGE).digest()
        key.verify(trial.signatures[slot], digest, padding.PKCS1v15(), utils.Prehashed(SHA256()))
    assert trial.free > 0
