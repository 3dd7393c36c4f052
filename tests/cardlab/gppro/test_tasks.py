"""Command lines for GlobalPlatformPro: what they say, what they refuse, and what they keep to themselves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cardlab.errors import TransportError
from cardlab.globalplatform.constants import CardState, Privilege
from cardlab.globalplatform.host.gppro import tasks
from cardlab.globalplatform.host.gppro.reader import choose
from cardlab.globalplatform.host.gppro.tasks import PRIVILEGE_NAMES, Task
from cardlab.globalplatform.installation import Installation, security_domain
from cardlab.globalplatform.scp03 import SecurityLevel, StaticKeys
from tests.cardlab.gppro.scenes import DOMAIN, NEW_KEYS

AID = bytes.fromhex("D392F000260100000001")
PACKAGE = AID[:-1]
NONE = Privilege.NONE

WRONG: dict[str, Callable[[], Task | tuple[str, ...] | dict[str, str]]] = {
    "AID has 4 bytes": lambda: tasks.delete(b"\1" * 4, False),
    "AID has 17 bytes": lambda: tasks.install(Installation(PACKAGE, AID, b"\1" * 17, NONE, b"", b"")),
    "key version 00": lambda: tasks.put_keys(NEW_KEYS, 0),
    "key version 80": lambda: tasks.key_environment(NEW_KEYS, 0x80),
    "key version 10 for Triple DES": lambda: tasks.put_keys(NEW_KEYS, 0x10),
    "key version 2F for Triple DES": lambda: tasks.put_keys(NEW_KEYS, 0x2F),
    "between 01 and 7F": lambda: tasks.delete_key(0x80),
    "no option to bring a card to TERMINATED": lambda: tasks.set_card_state(CardState.TERMINATED),
    "security level 00": lambda: tasks.session(b"", SecurityLevel.NONE),
    "needs the Security Domain": lambda: tasks.create_security_domain(
        security_domain(DOMAIN, privileges=Privilege.CARD_LOCK)
    ),
    "0 blocks": lambda: tasks.personalise(AID, [], 0, None),
    "block 1 has 0 bytes": lambda: tasks.personalise(AID, [b""], 0, None),
    "block 2 has 240 bytes, 1 to 239": lambda: tasks.personalise(AID, [b"\0" * 239, b"\0" * 240], 0, None),
    "block 1 has 248 bytes, 1 to 247": lambda: tasks.personalise(AID, [b"\0" * 248], 0, SecurityLevel.C_MAC),
}


@pytest.mark.parametrize("reason", WRONG)
def test_what_cannot_be_right_is_refused_before_it_runs(reason: str) -> None:
    what, _, why = reason.partition(" for ")
    with pytest.raises(ValueError, match=what) as caught:
        WRONG[reason]()
    assert why in str(caught.value)


def test_install_parameters_are_always_a_tlv() -> None:
    """Others it would rewrite, or end with an exception after the package was loaded."""
    for parameters, field in ((b"", "C900"), (b"\1", "C90101"), (b"\xc9", "C901C9")):
        arguments = tasks.install(Installation(PACKAGE, AID, AID, NONE, parameters, b"")).arguments
        assert arguments[arguments.index("--params") + 1] == field
    with_quota = tasks.install(Installation(PACKAGE, AID, AID, NONE, b"\1", bytes.fromhex("C8020100"))).arguments
    assert "C90101EF04C8020100" in with_quota


def test_store_data_is_sent_as_it_was_given() -> None:
    task = tasks.personalise(AID, [b"\1\2", b"\3"], 0x08, None)
    assert task.arguments[2:] == ("--store-data-raw", "80E20800020102", "--store-data-raw", "80E288000103")


@pytest.mark.parametrize("version", [1, 0x0F, 0x30, 0x7F])
def test_new_keys_and_personalisation_data_are_confidential(version: int) -> None:
    personal = b"personal data"
    tasks_with_secrets = {
        NEW_KEYS.dek: tasks.put_keys(NEW_KEYS, version),
        personal: tasks.personalise(AID, [personal], 0, None),
    }
    for secret, task in tasks_with_secrets.items():
        assert task.confidential
        assert secret in task.secrets
        assert secret.hex().upper() in "".join(task.arguments)
        assert secret.hex().upper() not in repr(task)


def test_a_session_never_falls_back_to_the_test_keys() -> None:
    assert tasks.session(b"", None) == ("--no-felix", "--mode", "ENC")
    assert tasks.session(DOMAIN, SecurityLevel.C_ENC_R_MAC) == (
        *("--no-felix", "--connect", DOMAIN.hex().upper()),
        *("--mode", "ENC", "--mode", "RMAC"),
    )
    keys = StaticKeys(b"\1" * 32, b"\2" * 32, b"\3" * 32)
    assert tasks.key_environment(keys, 0x30) == {
        "GP_KEY_ENC": "01" * 32,
        "GP_KEY_MAC": "02" * 32,
        "GP_KEY_DEK": "03" * 32,
        "GP_KEY_VER": "0x30",  # without the 0x it would be read as a decimal number
    }
    assert "GP_KEY_VER" not in tasks.key_environment(keys, 0)


@given(chosen=st.sets(st.sampled_from(sorted(PRIVILEGE_NAMES))))
def test_privileges_keep_their_value(chosen: set[str]) -> None:
    privileges = tasks.sum_of(sorted(chosen))
    arguments = tasks.install(Installation(PACKAGE, AID, AID, privileges, b"", b"")).arguments
    if not chosen:
        assert "--privs" not in arguments
        return
    named = arguments[arguments.index("--privs") + 1].split(",")
    assert tasks.sum_of(named) == privileges


def test_a_privilege_without_a_name_is_refused() -> None:
    with pytest.raises(ValueError, match="no names for the privileges 000008"):
        tasks.install(Installation(PACKAGE, AID, AID, Privilege(0x000008), b"", b""))


def test_it_gets_the_reader_that_was_named() -> None:
    assert choose("B 00 00", ["A 00 00", "B 00 00", "C 01 00"]) == ("A 00 00", "C 01 00")
    assert choose("A", ["A"]) == ()


@pytest.mark.parametrize(
    ("reader", "readers", "reason"),
    [
        ("X", [], "no reader 'X'"),
        ("Virtual", ["Virtual 00 00"], "no reader"),  # it would take this one; the whole name is asked for
        ("Reader 1", ["Reader 1", "Reader 10"], "tell the reader 'Reader 1' from Reader 10"),
        ("READER 10", ["Reader 1", "READER 10"], "tell the reader 'READER 10' from Reader 1"),
        ("7", ["7", "B"], "from a number"),
    ],
)
def test_it_never_gets_to_choose_a_reader(reader: str, readers: list[str], reason: str) -> None:
    with pytest.raises(TransportError, match=reason):
        choose(reader, readers)
