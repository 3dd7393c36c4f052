"""The applet on a card of each profile: loaded, installed, personalised and used, or refused for the reason known."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import padding, rsa, utils
from cryptography.hazmat.primitives.hashes import SHA256

from cardlab.card.profiles import DEFAULT_PROFILE, card_profile
from jpki.client.constants import Slot
from jpki.evidence.carrying import MESSAGE, Step, try_profile
from jpki.pages.profiles import carried

REFUSED = {
    "feitian-a22cr": (Step.INSTALL, "the card lacks Signature.ALG_RSA_SHA_256_PKCS1_PSS"),
    "feitian-h19cr": (Step.INSTALL, "the card lacks Signature.ALG_RSA_SHA_256_PKCS1_PSS"),
    "feitian-s01c": (Step.INSTALL, "too little memory"),  # by some 1.4 KB, as measured with another applet on it
    "secora-connect-s": (Step.LOAD, "bytes are needed"),
}

ROOT = Path(__file__).resolve().parents[3]
SHARE = (
    "test_device.py",
    "test_files.py",
    "test_indicator.py::test_refusals",
    "test_install.py::test_persistent_memory_is_what_the_readme_says",
    "test_pins.py::test_retry_query_always_answers_63cx",
    "test_pins.py::test_the_permission_survives_selecting_again",
    "test_pins.py::test_wrong_pins_block_and_only_the_tsm_unblocks",
    "test_selection.py",
    "test_sign.py",
    "test_tsm.py::test_an_interrupted_chain_starts_again",
)
"""What is quick of the suite, and whatever differs on a profile; ``--profile thorough`` runs the files whole."""
WHOLE = (
    "test_device.py",
    "test_files.py",
    "test_indicator.py",
    "test_install.py",
    "test_keys.py",
    "test_pins.py",
    "test_selection.py",
    "test_sign.py",
    "test_tsm.py",
)

NO_ROOM = {"test_selection.py::test_a_second_instance_is_another_application"}
"""INSTALL of the second instance is answered 6A84."""
DATA_UNSEEN = {
    "test_device.py::test_challenge_refusals_leave_the_last_one",
    "test_files.py::test_read_binary_takes_no_data",
    "test_indicator.py::test_refusals",
}
"""Over T=0 a command that asks for data has one length, P3, which is Le for the card (ISO/IEC 7816-3:2006, 12.2.3)."""
NO_EXTENDED = {
    "test_files.py::test_extended_le",
    "test_files.py::test_data_in_an_extended_command_are_refused",
    "test_sign.py::test_extended_data_are_taken_as_far_as_the_buffer_goes",
}
"""T=0 has no extended length fields, so the applet is given a short command (ISO/IEC 7816-3:2006, 12.2.5, 12.2.6)."""
NAME_UNSEEN = {
    "test_pins.py::test_the_permission_survives_selecting_again",
    "test_selection.py::test_selecting_again_keeps_what_was_verified",
}
"""Where data come in small blocks, deselect() sees the header of SELECT alone, and the applet forgets to be safe."""
LEFT_TO_FETCH = {"test_selection.py::test_selecting_by_part_of_the_name_ends_it"}
"""SELECT with data and without Le: T=0 answers 61xx, and it is the client's to fetch (ISO/IEC 7816-3:2006, 12.2.4)."""
KEYS_LATER = {"test_install.py::test_persistent_memory_is_what_the_readme_says"}
"""RSA keys get their memory when they are generated, so the instance takes less than the README says."""
ROOMIER = "feitian-s01c+persistent_memory=65536"
"""T=0 in blocks of one byte and a commit buffer of 512 bytes: all habits of a card that lacks room by a little."""
DIFFERENT: Mapping[str, set[str]] = {
    ROOMIER: DATA_UNSEEN | NO_EXTENDED | NAME_UNSEEN | LEFT_TO_FETCH,
    "jcop3-j3h145": DATA_UNSEEN,
    "secora-id-x": KEYS_LATER,
    "smartcafe-7": NO_ROOM,
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


def test_what_a_card_with_little_memory_lacks_is_memory_alone() -> None:
    name, setting = ROOMIER.split("+")
    trial = try_profile(card_profile(name).having((setting,)))
    assert (trial.refused, trial.reason) == (None, "")


@pytest.mark.slow
def test_the_suite_on_a_card_of_each_profile(tmp_path: Path, pytestconfig: pytest.Config) -> None:
    """Whatever fails there is listed above with its reason, and what is listed fails; nothing is skipped."""
    profiles = [one for one in carried() if one not in REFUSED and one != DEFAULT_PROFILE]  # that is the suite itself
    profiles.append(ROOMIER)
    thorough = pytestconfig.getoption("--profile") == "thorough"
    found = outcomes(tmp_path / "found.json", profiles, WHOLE if thorough else SHARE)
    assert {name: set(one["others"]) for name, one in found.items()} == {
        name: DIFFERENT.get(name, set()) for name in profiles
    }
    assert all(one["passed"] >= 200 for one in found.values())


def outcomes(result: Path, profiles: Sequence[str], tests: Sequence[str]) -> dict[str, dict[str, Any]]:
    """What ``on_profiles`` writes into ``result``, in a process of its own."""
    command = [sys.executable, "-m", "tests.jpki.applet.on_profiles", str(result), ",".join(profiles), *tests]
    plain = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    ran = subprocess.run(command, cwd=ROOT, env=plain, capture_output=True, text=True, check=False, encoding="utf-8")
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr[-1000:]
    found: dict[str, dict[str, Any]] = json.loads(result.read_text(encoding="utf-8"))
    return found
