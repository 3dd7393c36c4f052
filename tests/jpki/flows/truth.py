"""What must hold whatever was interrupted, seen from outside: the card, the CA and the TSM compared."""

from __future__ import annotations

from hashlib import sha256

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from cardlab.globalplatform.constants import CLA_GP, INS_INITIALIZE_UPDATE
from cardlab.globalplatform.host.secure_channel import SecureChannelLayer
from cardlab.globalplatform.scp03 import InitializeUpdateResponse
from cardlab.iso7816.apdu import SHORT_MAX_LE, CommandApdu
from cardlab.iso7816.status import SW, UnexpectedStatusError
from cardlab.transport import exchange
from jpki.certificates.cms import verify
from jpki.certificates.indicator import Method
from jpki.client.commands import SlotPublicKey
from jpki.client.constants import PinState, Profile, Slot
from jpki.client.personalisation import AppletStatus, JpkiPersonalisation
from jpki.client.user import JpkiClient
from jpki.parties.ca.status import CertStatus
from jpki.parties.sei_tsm import DELIVERY_KEY_VERSION
from jpki.parties.sp_tsm.access import OWN_KEY_VERSION
from jpki.parties.world import World


def card_state(world: World, phone: str) -> tuple[AppletStatus, dict[Slot, SlotPublicKey]] | None:
    """Status and public keys of a phone's applet, read with its domain's present keys; None without an applet."""
    card = world.cards.simulated(world.phone_card(phone))
    card.reset()
    try:
        JpkiClient(card).select()
    except UnexpectedStatusError as error:
        assert error.sw == SW.FILE_NOT_FOUND
        return None
    device = world.provider_records.device(card.se_id)
    issuer = world.issuer_records.element(card.se_id)
    assert issuer is not None
    update = CommandApdu(CLA_GP, INS_INITIALIZE_UPDATE, 0, 0, bytes(8), SHORT_MAX_LE)
    version = InitializeUpdateResponse.from_bytes(exchange(card, update).data).key_version
    if version == OWN_KEY_VERSION:
        assert device is not None
        keys = device.own_keys
    else:  # before its extradition the applet is the issuer's
        keys = issuer.delivery_keys if version == DELIVERY_KEY_VERSION else issuer.keys
    tsm = JpkiPersonalisation(SecureChannelLayer.open(card, keys))
    status = tsm.status()
    return status, {slot: tsm.public_key(slot) for slot in Slot if status.slots[slot].has_key}


def key_hash(key: SlotPublicKey) -> bytes:
    """Names a key in the TSM's records."""
    return sha256(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).digest()


def check_world(world: World) -> None:
    """Holds at rest, after anything."""
    for user in world.residents:
        for slot in Slot:
            for medium in Profile:
                good = [
                    one
                    for one in world.ca.certificates_of(user)
                    if (one.slot, one.medium) == (slot, medium)
                    and world.ca.status(one.serial).state is not CertStatus.REVOKED
                ]
                assert len(good) <= 1, f"{user} has {len(good)} valid {slot.name} certificates"
    everything = [one for user in world.residents for one in world.ca.certificates_of(user)]
    assert len({one.key_hash for one in everything}) == len(everything), "a key has two certificates"
    for phone in world.phones:
        found = card_state(world, phone)
        if found is None:
            continue
        status, keys = found
        for slot in Slot:
            if status.slots[slot].certificate_length:
                issued = world.ca.certificate_of_key(keys[slot])
                assert issued is not None and len(issued.der) == status.slots[slot].certificate_length


def check_slot_in_use(world: World, phone: str, user: str, slot: Slot, pin: bytes) -> None:
    """The slot serves its user: PIN, key, certificates, records and CA agree, and a signature verifies."""
    found = card_state(world, phone)
    assert found is not None
    status, keys = found
    assert status.slots[slot].pin_state is PinState.ACTIVE
    issued = world.ca.certificate_of_key(keys[slot])
    assert issued is not None and issued.applicant.user == user and issued.medium is Profile.PHONE
    assert world.ca.status(issued.serial).state is CertStatus.GOOD
    card = world.cards.simulated(world.phone_card(phone))
    recorded = world.provider_records.certificate(issued.serial)
    assert recorded is not None and recorded.se_id == card.se_id and recorded.key_hash == key_hash(keys[slot])
    client = JpkiClient(card)
    client.verify(slot, pin)
    assert client.certificate(slot) == issued.der
    assert client.ca_certificate(slot) == world.ca.ca_certificate(slot)


def method_of(world: World, cms: bytes) -> Method:
    """How its user authenticated, as the indicator in a CMS of the authentication key says."""
    issuer = x509.load_der_x509_certificate(world.ca.ca_certificate(Slot.AUTHENTICATION))
    return verify(cms, issuers=[issuer], at=world.clock()).indicator.method


def check_signature(world: World, cms: bytes, user: str, slot: Slot) -> None:
    """A CMS of the app: this user's, under the certificate of this kind."""
    issuer = x509.load_der_x509_certificate(world.ca.ca_certificate(slot))
    signer = verify(cms, issuers=[issuer]).signer
    assert world.ca.holder(signer.serial_number).user == user
    assert world.ca.status(signer.serial_number).state is CertStatus.GOOD
