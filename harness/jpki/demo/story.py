"""The steps of the demonstration. Every party speaks to the card through APDUs only; the applet does the work."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from cardlab.campaign.keys import check_public, check_together
from cardlab.cap.reader import read_cap
from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.errors import VerificationError
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.installation import security_domain
from cardlab.iso7816.status import SW, UnexpectedStatusError
from cardlab.runtime.interface import Media
from cardlab.transport import Transport
from jpki.certificates.cms import assemble, verify
from jpki.certificates.holder import SAMPLE_HOLDER
from jpki.certificates.profile import CertificateProfile, TestAuthority
from jpki.client.commands import rsa_key
from jpki.client.constants import INSTANCE_AID, PACKAGE_AID, DeviceMethod, PinState, Profile, Slot
from jpki.client.errors import WrongPinError
from jpki.client.installation import jpki_installation
from jpki.client.personalisation import JpkiPersonalisation
from jpki.client.user import IndicatorSignature, JpkiClient
from jpki.demo.parties import Parties
from jpki.demo.step import Counter, Role, SkippedError, StepRunner
from jpki.package import jpki_executable, jpki_library, write_cap

PROVIDER_DOMAIN = bytes.fromhex("D392F00026535001")
PROVIDER_KEY_VERSION = 0x31
PINS = {Slot.SIGNING: b"KAZASHI2026", Slot.AUTHENTICATION: b"7294"}
NEW_PIN = b"3851"
DOCUMENT = "転入届: 令和8年11月21日".encode()


class Stack(Protocol):
    """Puts the layers that the user asked for (a traffic log) on the card."""

    def __call__(self, lower: Transport) -> Transport: ...


class Story:
    """One run: a card, its parties, and the steps in order. ``tell`` runs it; ``close`` lets go of the card."""

    def __init__(
        self,
        recorder: StepRunner,
        stack: Stack,
        *,
        seed: int | None,
        runtime: str | None = None,
        parties: Parties | None = None,
    ) -> None:
        self._recorder = recorder
        self._stack = stack
        self._seed = seed
        self._runtime = runtime
        self._parties = parties or Parties()
        self._provider_keys = self._parties.keys()
        self._authorities: dict[Slot, TestAuthority] = {}
        self._keys: dict[Slot, rsa.RSAPublicKey] = {}
        self._certificates: dict[Slot, bytes] = {}
        self._signed: list[tuple[IndicatorSignature, Slot]] = []
        self.card: SimulatedCard | None = None

    def close(self) -> None:
        """Power the card off."""
        if self.card is not None:
            self.card.close()

    def tell(self) -> None:
        """All steps; whatever goes wrong is raised and ends the story there."""
        run = self._recorder.run
        run(Role.BUILD, "compile the applet and make its CAP file", self._build)
        run(Role.CARD, "power up the simulated GP-SE", self._power_up, "D2")
        run(Role.ISSUER, "open SCP03 to the issuer security domain", self._open_issuer, "D1")
        run(Role.ISSUER, "create the service provider's security domain", self._create_domain, "D2")
        run(Role.ISSUER, "load the CAP file", self._load, "D2")
        run(Role.ISSUER, "install the JPKI applet and hand it over", self._install, "D2")
        run(Role.PROVIDER, "open SCP03 to the applet, set temporary PINs", self._set_temporary_pins, "B3", "B4", "B5")
        run(Role.PHONE, "try to sign with the temporary PINs", self._try_temporary, "B5")
        run(Role.PROVIDER, "set temporary PINs again", self._set_temporary_pins_again, "B4", "B5")
        run(Role.PHONE, "verify each and set the user's PINs", self._set_pins, "B2", "B5")
        for slot in Slot:
            run(Role.PROVIDER, f"generate the {_name(slot)} key", self._of(slot, self._generate), "A1", "F2")
        run(Role.AUTHORITY, "issue both certificates", self._issue, "A2")
        run(Role.PROVIDER, "store the certificates", self._store, "A3")
        for slot in Slot:
            run(Role.PHONE, f"sign with the {_name(slot)} key", self._of(slot, self._sign_plain), "C6")
        for slot in Slot:
            run(Role.PHONE, f"sign with it and the indicator ({_name(slot)})", self._of(slot, self._sign), "C4", "C5")
        run(Role.PHONE, "register the phone's biometric key", self._register_device, "C2")
        run(Role.PHONE, "sign after biometrics, without a PIN", self._sign_with_device, "C1", "C3")
        run(Role.PHONE, "sign from outside, contactless", self._sign_contactless, "D5")
        run(Role.VERIFIER, "verify the indicators and the chain", self._verify, "C4", "C6")
        run(Role.VERIFIER, "verify once more with openssl cms", self._verify_with_openssl, "C5")
        run(Role.PHONE, "enter a wrong PIN until it is blocked", self._block, "B7")
        run(Role.PROVIDER, "reset the PIN, the phone sets a new one", self._reset, "B6")
        run(Role.PROVIDER, "read the applet's status", self._status)
        run(Role.ISSUER, "delete the applet and its load file", self._delete, "A5")

    # -- build, secure element, issuer --------------------------------------------------------------------------------

    def _build(self) -> str:
        self._cap = read_cap(write_cap(jpki_executable()).read_bytes())
        size = self._cap.load_size
        return f"{len(self._cap.classes.items)} classes, {size:,} bytes to load, {size / 65536:.0%} of 64 KB"

    def _power_up(self) -> str:
        self.card = SimulatedCard(CardConfig(), seed=self._seed, runtime=self._runtime, classes=jpki_library())
        counter = Counter(self.card)
        self._recorder.counter = counter
        self._transport = self._stack(counter)
        self._jpki = JpkiClient(self._transport)
        self._issuer = GlobalPlatformClient(self._transport)
        return f"ATR {self.card.atr.hex().upper()}, {self.card.free_memory:,} bytes free"

    def _open_issuer(self) -> str:
        selected = self._issuer.select()
        channel = self._issuer.authenticate(DEFAULT_KEYS, host_challenge=self._parties.challenge())
        return f"{(selected.aid or b'').hex().upper()}, security level {int(channel.level):02X}"

    def _create_domain(self) -> str:
        self._issuer.create_security_domain(security_domain(PROVIDER_DOMAIN))
        provider = GlobalPlatformClient(self._transport)
        provider.select(PROVIDER_DOMAIN)
        provider.authenticate(DEFAULT_KEYS, host_challenge=self._parties.challenge())
        provider.put_keys(self._provider_keys, PROVIDER_KEY_VERSION)
        return f"{PROVIDER_DOMAIN.hex().upper()}, keys of its own (version {PROVIDER_KEY_VERSION:02X})"

    def _load(self) -> str:
        card = self._require_card()
        before = card.free_memory
        self._issuer.select()
        self._issuer.authenticate(DEFAULT_KEYS, host_challenge=self._parties.challenge())
        digest = self._cap.load_file_hash()
        self._issuer.load(self._cap.header.package.aid, self._cap.load_file(), digest=digest)
        return f"SHA-256 {digest.hex().upper()[:16]}…, takes {before - card.free_memory:,} bytes"

    def _install(self) -> str:
        self._issuer.install(jpki_installation(Profile.PHONE.parameters))
        self._issuer.extradite(INSTANCE_AID, PROVIDER_DOMAIN)
        label = self._select_jpki().token_information().label
        return f"{INSTANCE_AID.hex().upper()}, token {label}"

    # -- PINs ---------------------------------------------------------------------------------------------------------

    def _set_temporary_pins(self) -> str:
        tsm = self._open_applet()
        self._temporary = self._parties.temporary_pins()
        for slot, pin in self._temporary.items():
            tsm.set_pin(slot, pin)
        return _states(tsm)

    def _set_temporary_pins_again(self) -> str:
        tsm = self._open_applet()
        return f"used up: {_states(tsm)}; now {self._set_temporary_pins()}"

    def _try_temporary(self) -> str:
        jpki = self._select_jpki()
        for slot, pin in self._temporary.items():
            jpki.verify(slot, pin)
            _refused(partial(jpki.sign_message, slot, DOCUMENT), SW.SECURITY_STATUS_NOT_SATISFIED)
        return "refused with 6982, both; a reset follows"

    def _set_pins(self) -> str:
        jpki = self._select_jpki()
        for slot, pin in self._temporary.items():
            jpki.verify(slot, pin)
            jpki.change_pin(slot, PINS[slot])
        return "tries left: " + ", ".join(f"{_name(slot)} {jpki.tries_left(slot)}" for slot in Slot)

    def _block(self) -> str:
        jpki = self._select_jpki()
        answers = []
        for _ in range(Slot.AUTHENTICATION.tries):
            try:
                jpki.verify(Slot.AUTHENTICATION, b"0000")
            except WrongPinError as wrong:
                answers.append(f"{wrong.sw:04X}")
        _refused(lambda: jpki.verify(Slot.AUTHENTICATION, PINS[Slot.AUTHENTICATION]), SW.REFERENCE_DATA_NOT_USABLE)
        return f"{' '.join(answers)}; then the right one: 6984"

    def _reset(self) -> str:
        tsm = self._open_applet()
        tsm.reset_pin(Slot.AUTHENTICATION)
        tsm.set_pin(Slot.AUTHENTICATION, self._temporary[Slot.AUTHENTICATION])
        jpki = self._select_jpki()
        jpki.verify(Slot.AUTHENTICATION, self._temporary[Slot.AUTHENTICATION])
        jpki.change_pin(Slot.AUTHENTICATION, NEW_PIN)
        jpki.verify(Slot.AUTHENTICATION, NEW_PIN)
        signature = jpki.sign_message(Slot.AUTHENTICATION, DOCUMENT)
        self._keys[Slot.AUTHENTICATION].verify(signature, DOCUMENT, padding.PKCS1v15(), SHA256())
        return "the same key signs again"

    # -- keys and certificates ----------------------------------------------------------------------------------------

    def _generate(self, slot: Slot) -> str:
        key = rsa_key(self._open_applet().generate_key_pair(slot))
        self._keys[slot] = key
        moduli = [known.public_numbers().n for known in self._keys.values()]
        findings = (*check_public(moduli[-1], key.public_numbers().e), *check_together(moduli))
        if findings:
            raise VerificationError(f"the {_name(slot)} key is weak: {findings[0]}")
        return f"RSA-{key.key_size}, modulus {moduli[-1]:X}"[:34] + "…, FIPS 186-4 checks passed"

    def _issue(self) -> str:
        for slot in Slot:
            now, key = self._parties.now, self._parties.authority_keys[slot]
            authority = TestAuthority.create(CertificateProfile.of(slot), now=now, key=key)
            self._authorities[slot] = authority
            _, self._certificates[slot] = authority.certify(
                self._keys[slot], SAMPLE_HOLDER, entropy=self._parties.draw, now=now
            )
        return ", ".join(f"{_name(slot)} {len(der):,} bytes" for slot, der in self._certificates.items())

    def _store(self) -> str:
        tsm = self._open_applet()
        for slot in Slot:
            tsm.store_certificate(slot.certificate, self._certificates[slot])
            tsm.store_certificate(slot.ca_certificate, self._authorities[slot].certificate_der)
        jpki = self._select_jpki()
        for slot in Slot:
            jpki.verify(slot, PINS[slot])
            if jpki.certificate(slot) != self._certificates[slot]:
                raise VerificationError(f"the {_name(slot)} certificate read back is not the one stored")
        return "two certificates and two CA certificates, read back and equal"

    # -- signatures ---------------------------------------------------------------------------------------------------

    def _sign_plain(self, slot: Slot) -> str:
        jpki = self._select_jpki()
        jpki.verify(slot, PINS[slot])
        signature = jpki.sign_message(slot, DOCUMENT)
        self._keys[slot].verify(signature, DOCUMENT, padding.PKCS1v15(), SHA256())
        return "PKCS #1 v1.5, verified"

    def _sign(self, slot: Slot) -> str:
        jpki = self._select_jpki()
        jpki.verify(slot, PINS[slot])
        signed = jpki.sign_with_indicator(slot, hashlib.sha256(DOCUMENT).digest())
        return self._keep(signed, slot)

    def _register_device(self) -> str:
        jpki = self._select_jpki()
        jpki.verify(Slot.AUTHENTICATION, PINS[Slot.AUTHENTICATION])
        point = self._parties.phone_point
        jpki.register_device_key(DeviceMethod.BIOMETRIC, point)
        return f"P-256, {point.hex().upper()[2:18]}…"

    def _sign_with_device(self) -> str:
        jpki = self._select_jpki()
        _refused(lambda: jpki.sign_message(Slot.AUTHENTICATION, DOCUMENT), SW.SECURITY_STATUS_NOT_SATISFIED)
        digest = hashlib.sha256(DOCUMENT).digest()
        signed = jpki.sign_with_device(DeviceMethod.BIOMETRIC, digest, self._parties.prove)
        return self._keep(signed, Slot.AUTHENTICATION) + "; plain SIGN stays refused"

    def _sign_contactless(self) -> str:
        self._require_card().reset(Media.CONTACTLESS_TYPE_B)
        self._jpki.select()
        self._jpki.verify(Slot.SIGNING, PINS[Slot.SIGNING])
        signed = self._jpki.sign_with_indicator(Slot.SIGNING, hashlib.sha256(DOCUMENT).digest())
        self._require_card().reset(Media.CONTACT)
        return self._keep(signed, Slot.SIGNING)

    def _keep(self, signed: IndicatorSignature, slot: Slot) -> str:
        self._signed.append((signed, slot))
        return f"{len(signed.signed_attributes)} bytes of signedAttrs, RSASSA-PSS"

    # -- verification -------------------------------------------------------------------------------------------------

    def _verify(self) -> str:
        issuers = [authority.certificate for authority in self._authorities.values()]
        seen = []
        for signed, slot in self._signed:
            indicator = verify(self._cms(signed, slot), issuers=issuers).indicator
            method, source = indicator.method.name, indicator.source.name
            seen.append(f"{method.lower()}/{source.lower()}".replace("_", " "))
        return ", ".join(seen)

    def _verify_with_openssl(self) -> str:
        program = shutil.which("openssl")
        if program is None:
            raise SkippedError("there is no openssl on PATH")
        with tempfile.TemporaryDirectory() as folder:
            for number, (signed, slot) in enumerate(self._signed):
                message = Path(folder) / f"{number}.p7m"
                message.write_bytes(self._cms(signed, slot))
                _openssl_verify(program, message, self._authorities[slot])
        return f"{len(self._signed)} times: CMS Verification successful"

    def _cms(self, signed: IndicatorSignature, slot: Slot) -> bytes:
        return assemble(signed, self._certificates[slot], content=DOCUMENT)

    # -- the end ------------------------------------------------------------------------------------------------------

    def _status(self) -> str:
        status = self._open_applet().status()
        return ", ".join(
            f"{_name(slot)}: {one.pin_state.name}, {one.signature_counter} signatures"
            for slot, one in status.slots.items()
        )

    def _delete(self) -> str:
        card = self._require_card()
        before = card.free_memory
        self._issuer.select()
        self._issuer.authenticate(DEFAULT_KEYS, host_challenge=self._parties.challenge())
        self._issuer.delete(PACKAGE_AID, related=True)
        _refused(self._jpki.select, SW.FILE_NOT_FOUND)
        return f"{card.free_memory - before:,} bytes free again, SELECT answers 6A82"

    # -- helpers ------------------------------------------------------------------------------------------------------

    def _require_card(self) -> SimulatedCard:
        if self.card is None:
            raise RuntimeError("the story begins with powering up the card")
        return self.card

    def _select_jpki(self) -> JpkiClient:
        """A new session of the phone's with the applet: nothing is verified."""
        self._transport.reset()
        self._jpki.select()
        return self._jpki

    def _open_applet(self) -> JpkiPersonalisation:
        """A new SCP03 session of the SP-TSM's with the applet, under the keys of its own security domain."""
        self._select_jpki()
        provider = GlobalPlatformClient(self._transport)
        challenge = self._parties.challenge()
        return JpkiPersonalisation(
            provider.authenticate(self._provider_keys, key_version=PROVIDER_KEY_VERSION, host_challenge=challenge)
        )

    @staticmethod
    def _of(slot: Slot, action: Callable[[Slot], str]) -> Callable[[], str]:
        return lambda: action(slot)


def _name(slot: Slot) -> str:
    return slot.name.lower()


def _states(tsm: JpkiPersonalisation) -> str:
    states: list[PinState] = [slot.pin_state for slot in tsm.status().slots.values()]
    return " and ".join(state.name for state in states)


def _refused(action: Callable[[], object], status: SW) -> None:
    """Do what must not work; raises VerificationError when it does, or fails in another way."""
    try:
        action()
    except UnexpectedStatusError as error:
        if error.sw == status:
            return
        raise
    raise VerificationError(f"the card did what it should have refused with {status:04X}")


def _openssl_verify(program: str, message: Path, authority: TestAuthority) -> None:
    root = message.with_suffix(".pem")
    root.write_bytes(authority.certificate.public_bytes(Encoding.PEM))
    options = ("-verify", "-binary", "-inform", "DER", "-purpose", "any")
    done = subprocess.run(
        [program, "cms", *options, "-in", str(message), "-CAfile", str(root)], capture_output=True, check=False
    )
    if done.returncode or done.stdout != DOCUMENT:
        raise VerificationError(f"openssl does not accept the CMS: {done.stderr.decode(errors='replace').strip()}")
