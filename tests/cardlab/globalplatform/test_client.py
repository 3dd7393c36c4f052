"""What the client sends, byte for byte against GPCS chapter 11, and what it makes of the answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from cardlab.errors import CardError, SecureChannelError
from cardlab.globalplatform.constants import CardState, Privilege, Scope
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.installation import Installation, security_domain
from cardlab.globalplatform.scp03 import StaticKeys, decode_aes_key, key_check_value
from cardlab.iso7816 import tlv
from cardlab.iso7816.apdu import CommandApdu, ResponseApdu
from cardlab.iso7816.status import UnexpectedStatusError
from tests.cardlab.scp03.card_end import CardEnd
from tests.cardlab.transport.fakes import ScriptedCard

PACKAGE, MODULE, INSTANCE, DOMAIN = b"package", b"module", b"instance", b"domain"
KEYS = StaticKeys(b"E" * 16, b"M" * 16, b"D" * 16)
OK = b"\0\x90\x00"


def hexadecimal(aid: bytes) -> str:
    return f"{len(aid):02X}{aid.hex().upper()}"


def sent(call: Callable[[GlobalPlatformClient], Any], *responses: bytes) -> list[str]:
    card = ScriptedCard(responses or [OK])
    call(GlobalPlatformClient(card))
    assert not card.responses
    return [command.hex().upper() for command in card.commands]


P, M, N, D = (hexadecimal(aid) for aid in (PACKAGE, MODULE, INSTANCE, DOMAIN))


@pytest.mark.parametrize(
    ("call", "command"),
    [
        (lambda c: c.install(Installation(PACKAGE, MODULE, INSTANCE)), f"80E60C001E{P}{M}{N}010002C9000000"),
        (
            lambda c: c.install(Installation(PACKAGE, MODULE, INSTANCE, parameters=b"\1"), make_selectable=False),
            f"80E604001F{P}{M}{N}010003C901010000",
        ),
        (
            lambda c: c.install(
                Installation(PACKAGE, MODULE, INSTANCE, system=b"\xc8\2\0\1", privileges=Privilege.CARD_RESET)
            ),
            f"80E60C0024{P}{M}{N}010408C900EF04C80200010000",
        ),
        (lambda c: c.make_selectable(INSTANCE), f"80E608000F0000{N}0100000000"),
        (
            lambda c: c.create_security_domain(security_domain(DOMAIN)),
            f"80E60C002007A000000151535008A000000151535041{D}0380000002C9000000",
        ),
        (lambda c: c.extradite(INSTANCE, DOMAIN), f"80E6100014{D}00{N}00000000"),
        (
            lambda c: c.update_registry(INSTANCE, privileges=Privilege.GLOBAL_REGISTRY),
            f"80E64000110000{N}03000400000000",
        ),
        (lambda c: c.update_registry(INSTANCE, domain=DOMAIN), f"80E6400014{D}00{N}00000000"),
        (lambda c: c.delete(INSTANCE), f"80E400000A4F{N}00"),
        (lambda c: c.delete(PACKAGE, related=True), f"80E40080094F{P}00"),
        (lambda c: c.delete_key(0x30), "80E4000003D2013000"),
        (lambda c: c.delete_key(0x30, 1), "80E4000006D00101D2013000"),
        (lambda c: c.set_card_state(CardState.SECURED), "80F0800F08A000000151000000"),
        (lambda c: c.lock(INSTANCE), f"80F04080{N}"),
        (lambda c: c.unlock(INSTANCE), f"80F04000{N}"),
        (lambda c: c.lock(DOMAIN, with_applications=True), f"80F06080{D}"),
        (lambda c: c.store_data([b"\1\2"], form=0x10), "80E2900002010200"),
        (lambda c: c.get_data(0x9F7F), "80CA9F7F00"),
        (lambda c: c.get_data(0x66), "80CA006600"),
        (lambda c: c.select(), "00A4040000"),
        (lambda c: c.select(DOMAIN), f"00A40400{D}00"),
    ],
)
def test_one_command(call: Callable[[GlobalPlatformClient], Any], command: str) -> None:
    assert sent(call, b"\x90\x00") == [command]


def test_load_in_blocks() -> None:
    """GPCS 11.5.2.3.1, 11.6: the load file is C4, length, components; blocks are numbered and the last one marked."""
    block = bytes(range(256)) * 2
    commands = sent(lambda c: c.load(PACKAGE, block, digest=b"H" * 32), *[OK] * 4)
    assert commands[0] == f"80E602002C{P}0020{b'H'.hex() * 32}000000"
    assert [command[:10] for command in commands[1:]] == ["80E80000FF", "80E80001FF", "80E8800206"]
    assert "".join(command[10:-2] for command in commands[1:]) == "C4820200" + block.hex().upper()


def test_a_load_file_that_needs_too_many_blocks_is_refused_before_anything_is_sent() -> None:
    card = ScriptedCard()
    with pytest.raises(ValueError, match="at most 256"):
        GlobalPlatformClient(card).load(PACKAGE, bytes(65535))
    assert not card.commands


def test_personalise() -> None:
    """GPCS 11.5.2.3.6, 11.11."""
    commands = sent(lambda c: c.personalise(INSTANCE, [b"one", b"two"], form=0x08), OK, b"a\x90\x00", b"b\x90\x00")
    assert commands == [f"80E620000E0000{N}00000000", "80E20800036F6E6500", "80E288010374776F00"]
    card = ScriptedCard([OK, b"a\x90\x00", b"b\x90\x00"])
    assert GlobalPlatformClient(card).personalise(INSTANCE, [b"one", b"two"]) == (b"a", b"b")


@pytest.mark.parametrize(
    "call",
    [
        lambda c: c.install(Installation(PACKAGE, b"four", INSTANCE)),
        lambda c: c.delete(bytes(17)),
        lambda c: c.extradite(INSTANCE, b""),
        lambda c: c.load(PACKAGE, b"x", domain=b"tiny"),
        lambda c: c.update_registry(INSTANCE, domain=b"tiny"),
        lambda c: c.create_security_domain(security_domain(DOMAIN, privileges=Privilege.CARD_LOCK)),
        lambda c: c.personalise(INSTANCE, []),
        lambda c: c.store_data([bytes(256)]),
        lambda c: c.personalise(INSTANCE, [bytes(256)]),
        lambda c: c.store_data([b"x"] * 257),
    ],
)
def test_wrong_arguments_send_nothing(call: Callable[[GlobalPlatformClient], Any]) -> None:
    card = ScriptedCard()
    with pytest.raises(ValueError, match=r"AID|privilege|block"):
        call(GlobalPlatformClient(card))
    assert not card.commands


def test_get_status_goes_on_until_there_is_no_more() -> None:
    entry = tlv.encode(0xE3, tlv.encode(0x4F, INSTANCE), tlv.encode(0x9F70, b"\7"))
    card = ScriptedCard([entry + entry[:5] + b"\x63\x10", entry[5:] + b"\x90\x00"])
    found = GlobalPlatformClient(card).status(Scope.APPLICATIONS)
    assert [item.aid for item in found] == [INSTANCE, INSTANCE]
    assert [command.hex().upper() for command in card.commands] == ["80F24002024F0000", "80F24003024F0000"]


def test_the_whole_registry() -> None:
    entry = tlv.encode(0xE3, tlv.encode(0x4F, INSTANCE), tlv.encode(0x9F70, b"\7")) + b"\x90\x00"
    card = ScriptedCard([entry, b"\x6a\x88", entry])
    registry = GlobalPlatformClient(card).registry()
    assert [command[2] for command in card.commands] == [0x80, 0x40, 0x10]
    assert registry.issuer_domain is not None
    assert (registry.applications, len(registry.load_files)) == ((), 1)


def test_a_card_that_always_has_more_is_left() -> None:
    card = ScriptedCard([b"\x63\x10"] * 1000)
    with pytest.raises(CardError, match="6310"):
        GlobalPlatformClient(card).status(Scope.APPLICATIONS)


def test_all_card_data_of_a_card_that_has_none() -> None:
    card = ScriptedCard([b"\x6a\x88"] * 8)
    data = GlobalPlatformClient(card).card_data()
    assert all(getattr(data, name) is None for name in data.__slots__)
    assert sorted(command[2:4].hex() for command in card.commands) == sorted(
        ("0066", "0067", "00e0", "00cf", "0042", "0045", "9f7f", "00c1")
    )


def test_values_with_and_without_their_tag() -> None:
    card = ScriptedCard([b"\xc1\3\0\0\7\x90\x00", b"\x42\2AB\x90\x00", b"AB\x90\x00"] + [b"\x6a\x88"] * 5)
    data = GlobalPlatformClient(card).card_data()
    assert (data.sequence_counter, data.issuer_number, data.image_number) == (7, b"AB", b"AB")


def test_an_answer_that_cannot_be_read_names_the_command() -> None:
    with pytest.raises(CardError, match="GET STATUS APPLICATIONS"):
        GlobalPlatformClient(ScriptedCard([b"\xe3\x05\x90\x00"])).status(Scope.APPLICATIONS)
    with pytest.raises(CardError, match="SELECT"):
        GlobalPlatformClient(ScriptedCard([b"\x6f\x05\x90\x00"])).select()


@pytest.mark.parametrize(
    ("call", "sw", "message", "hint"),
    [
        (lambda c: c.delete(INSTANCE), 0x6A88, "DELETE 696E7374616E6365: the card answered 6A88", "registry"),
        (
            lambda c: c.install(Installation(PACKAGE, MODULE, INSTANCE)),
            0x6A84,
            "for install and make selectable.*6A84",
            "full",
        ),
        (lambda c: c.load(PACKAGE, bytes(300)), 0x6A80, "INSTALL .for load.*6A80", "parameters"),
        (lambda c: c.status(Scope.APPLICATIONS), 0x6982, "GET STATUS APPLICATIONS.*6982", "authenticate"),
        (lambda c: c.lock(INSTANCE), 0x6985, "SET STATUS.*6985", "state"),
        (lambda c: c.select(DOMAIN), 0x6A82, "SELECT 646F6D61696E.*6A82", "installed"),
        (lambda c: c.get_data(0x66), 0x6D00, "GET DATA 0066.*6D00", "select one first"),
    ],
)
def test_refusals_name_command_status_and_remedy(
    call: Callable[[GlobalPlatformClient], Any], sw: int, message: str, hint: str
) -> None:
    with pytest.raises(UnexpectedStatusError, match=message) as caught:
        call(GlobalPlatformClient(ScriptedCard([sw.to_bytes(2, "big")])))
    assert hint in caught.value.hint


def test_a_refused_block_tells_of_the_load_file() -> None:
    with pytest.raises(UnexpectedStatusError, match=r"LOAD block 1 of 2.*6A80") as caught:
        GlobalPlatformClient(ScriptedCard([OK, b"\x6a\x80"])).load(PACKAGE, bytes(300))
    assert "imports what the card lacks" in caught.value.hint


def test_loading_stops_at_the_first_refused_block() -> None:
    card = ScriptedCard([OK, OK, b"\x6a\x84", OK])
    with pytest.raises(UnexpectedStatusError, match="LOAD block 2 of 3"):
        GlobalPlatformClient(card).load(PACKAGE, bytes(600))
    assert len(card.commands) == 3


def test_a_locked_card_is_said_to_be() -> None:
    fci = bytes.fromhex("6F0C8408A000000151000000A500")
    client = GlobalPlatformClient(ScriptedCard([fci + b"\x62\x83"]))
    assert client.select().card_locked
    assert client.selected == bytes.fromhex("A000000151000000")


def test_after_authentication_everything_goes_through_the_channel() -> None:
    card = CardEnd(KEYS, answer=lambda _: ResponseApdu(b"", 0x9000))
    client = GlobalPlatformClient(card)
    client.select()
    client.authenticate(KEYS)
    client.delete(INSTANCE)
    client.lock(INSTANCE)
    assert all(command[0] == 0x84 for command in card.seen[-2:])
    assert [command.ins for command in card.plain] == [0xE4, 0xF0]


def test_blocks_are_as_long_as_the_channel_allows() -> None:
    card = CardEnd(KEYS, answer=lambda _: ResponseApdu(b"\0", 0x9000))
    client = GlobalPlatformClient(card)
    client.authenticate(KEYS)
    client.load(PACKAGE, bytes(1000))
    assert [len(command.data) for command in card.plain[1:]] == [239, 239, 239, 239, 48]


def test_put_keys() -> None:
    """Amendment D 7.2; the keys travel under the domain's DEK whatever the channel does."""
    new = StaticKeys(b"e" * 32, b"m" * 32, b"d" * 32)
    answers = [bytes((0x30,)) + b"".join(key_check_value(key) for key in (new.enc, new.mac, new.dek))]
    card = CardEnd(KEYS, answer=lambda _: ResponseApdu(answers[0], 0x9000))
    client = GlobalPlatformClient(card)
    with pytest.raises(SecureChannelError, match="DEK"):
        client.put_keys(new, 0x30)
    client.authenticate(KEYS)
    client.put_keys(new, 0x30, replaces=1)
    command = card.plain[-1]
    assert command.header == bytes.fromhex("80D80181")
    assert command.data[0] == 0x30
    rest, found = command.data[1:], list[bytes]()
    while rest:
        key, rest = decode_aes_key(KEYS.dek, rest)
        found.append(key)
    assert found == [new.enc, new.mac, new.dek]
    answers[0] = b"\x30" + bytes(9)
    with pytest.raises(CardError, match="check values"):
        client.put_keys(new, 0x30)


@pytest.mark.parametrize("version", [0, 0x80])
def test_key_versions_that_do_not_exist(version: int) -> None:
    card = CardEnd(KEYS)
    client = GlobalPlatformClient(card)
    client.authenticate(KEYS)
    with pytest.raises(ValueError, match="between 01 and 7F"):
        client.put_keys(KEYS, version)
    assert not card.plain


def test_an_ended_channel_is_never_replaced_by_clear_text() -> None:
    card = CardEnd(KEYS)
    client = GlobalPlatformClient(card)
    client.authenticate(KEYS)
    card.alter_response = lambda _: b"\x90\x00"
    with pytest.raises(SecureChannelError):
        client.delete(INSTANCE)
    count = len(card.seen)
    with pytest.raises(SecureChannelError, match="has ended"):
        client.delete(INSTANCE)
    assert len(card.seen) == count
    assert client.channel is None


def test_failed_authentication_leaves_no_channel_behind() -> None:
    card = CardEnd(KEYS)
    client = GlobalPlatformClient(card)
    client.authenticate(KEYS)
    assert client.channel is not None
    with pytest.raises(SecureChannelError):
        client.authenticate(StaticKeys(b"x" * 16, b"y" * 16, b"z" * 16))
    assert client.channel is None


def test_selecting_ends_the_channel() -> None:
    card = CardEnd(KEYS)
    client = GlobalPlatformClient(card)
    client.authenticate(KEYS)
    client.select()
    assert client.channel is None
    assert CommandApdu.from_bytes(card.seen[-1]).cla == 0
