"""A folder with a whole world in it: the parties' records, phones with their secure elements, residents with cards.

    with World.open(Path("world")) as world:
        world.add_resident(Applicant("hanako", holder), b"CARDPASSWORD")
        world.add_phone("p1", model="M1")
        app = world.app("p1", user)
        app.issue(world.my_number_card("hanako"))

Everything that must survive is in files. With ``durable`` a card is saved after each command that it executes, so the
process may be killed at any moment; without, cards are saved when the world is closed.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property, partial
from hashlib import sha256
from pathlib import Path
from typing import Self, TypeVar

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key
from cryptography.x509 import ReasonFlags

from cardlab.closing import Closing
from cardlab.errors import IntegrityError
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.locking import Hold, hold_folder
from cardlab.runtime.interface import Media
from cardlab.runtime.jcardsim.library import ClassLibrary
from cardlab.system_errors import write_file
from cardlab.toolchain.executable import Executable
from cardlab.transport import Transport
from jpki.certificates.profile import ADDRESS
from jpki.client.constants import Profile, Slot, Suite
from jpki.parties.applicant import Applicant
from jpki.parties.attestation import (
    UNKNOWN_PHONE,
    AttestationService,
    Condition,
    Evaluation,
    Integrity,
)
from jpki.parties.ca.authority import CertificateAuthority
from jpki.parties.cards import CardDrawer, OnCard
from jpki.parties.clock import Clock, system_clock
from jpki.parties.factory import make_my_number_card, make_secure_element
from jpki.parties.jlis import Jlis
from jpki.parties.keystore import Keystore, KeystoreRecords
from jpki.parties.my_number_card import MyNumberCard
from jpki.parties.network import CardLink, Network
from jpki.parties.phone.app import PhoneApp
from jpki.parties.phone.inside import Inside, read_se_id
from jpki.parties.phone.records import AppRecords
from jpki.parties.phone.user import User, require_form
from jpki.parties.push import PushRecords, PushService
from jpki.parties.recorder import Party
from jpki.parties.sei_tsm import IssuerRecords, SeiTsm
from jpki.parties.sp_tsm.records import ProviderRecords
from jpki.parties.sp_tsm.service import SpTsm
from jpki.parties.store import Store
from jpki.parties.world_belongings import Belongings
from jpki.parties.world_folder import PHONES, RESIDENTS, WorldFolder

_S = TypeVar("_S", bound=Store)
_WAIT = 15.0  # seconds for another process to close the world: a function of the app takes up to 10


class World(Closing):
    """All parties at once. They meet over ``network`` and nowhere else."""

    def __init__(
        self,
        folder: Path,
        network: Network,
        executable: Callable[[], Executable],
        *,
        held: Hold,
        own: Belongings,
        durable: bool,
        layer: OnCard | None,
        clock: Clock,
        random: Callable[[int], bytes],
        address: str,
        suite: Suite | None,
    ) -> None:
        self.folder = folder
        self.network = network
        self._executable = executable
        self.clock = clock
        self._random = random
        self._held = held
        self._own = own
        self.cards = CardDrawer(lambda: ClassLibrary([executable()]), durable=durable, layer=layer)
        open_ca = partial(CertificateAuthority.open, clock=clock, entropy=random, address=address, suite=suite)
        self.ca = self._own.authority("ca.sqlite", open_ca)
        self._own.settle(self._revoke_card)
        self.issuer_records = self._store(IssuerRecords, "sei-tsm.sqlite")
        self.provider_records = self._store(ProviderRecords, "sp-tsm.sqlite")
        self.push_records = self._store(PushRecords, "push.sqlite")
        attestation = AttestationService(self._attestation_key, self._integrity, clock)
        self.sp_tsm = SpTsm(
            self.provider_records,
            network,
            attestation_key=self._attestation_key.public_key(),
            clock=clock,
            random=random,
        )
        network.join(Party.SP_TSM, self.sp_tsm)
        network.join(Party.SEI_TSM, SeiTsm(self.issuer_records, lambda: executable().data_block, random, self.ca.suite))
        network.join(Party.JLIS, Jlis(self.ca, clock))
        network.join(Party.PUSH, PushService(self.push_records, random))
        network.join(Party.ATTESTATION, attestation)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        network: Network | None = None,
        executable: Callable[[], Executable] | None = None,
        durable: bool = True,
        layer: OnCard | None = None,
        clock: Clock = system_clock,
        random: Callable[[int], bytes] = secrets.token_bytes,
        address: str | None = None,
        suite: Suite | None = None,
    ) -> Self:
        """Open the world in a folder, or make one there, whose certificates name ``address`` as their CA's.
        ``suite`` is what all keys of the new one are, RSA-2048 without it; UsageError when an old one has another.

        ``executable`` gives the applet to load, by default ours; ``layer`` puts something on each card, as a log.
        Raises BusyError when another process has it open and does not close it within 15 s.
        """
        WorldFolder(folder).make()
        held = hold_folder(folder, wait=_WAIT)
        own: Belongings | None = None
        try:
            own = Belongings(folder)
            return cls(
                folder,
                network or Network(),
                executable or _our_applet(),
                held=held,
                own=own,
                durable=durable,
                layer=layer,
                clock=clock,
                random=random,
                address=address or ADDRESS,
                suite=suite,
            )
        except BaseException:
            if own is not None:
                own.close()
            held.close()
            raise

    def close(self) -> None:
        """Save what is to be saved and let go of all files."""
        try:
            self.cards.close()
        finally:
            self._own.close()
            self._held.close()

    # -- residents ----------------------------------------------------------------------------------------------------

    def add_resident(self, applicant: Applicant, password: bytes, *, runtime: str | None = None) -> None:
        """A resident with a My Number Card, whose signing password it is; ``runtime`` executes the card's applets."""
        require_form(Slot.SIGNING, password)
        name = applicant.user
        with self._own.joining(RESIDENTS, name, lambda: self._not_made(RESIDENTS, name)) as new:
            card = make_my_number_card(self._executable(), self.ca, applicant, password, self._random, runtime)
            facts = json.dumps(applicant.to_json(), ensure_ascii=False)
            write_file(new.folder / "resident.json", facts.encode(), private=True)
            self.cards.put_in(card, new.folder / "card")
            new.se_id = card.se_id

    def _not_made(self, kind: str, name: str) -> None:
        """Somebody did not come in: their card is nobody's."""
        self.cards.throw_away(self.folder / kind / name / "card")
        if kind == RESIDENTS:
            self._revoke_card(name)

    def _revoke_card(self, name: str) -> None:
        """A My Number Card that was not finished leaves no certificate that is good."""
        for one in self.ca.certificates_of(name):
            if one.medium is Profile.CARD:
                self.ca.revoke(one.serial, ReasonFlags.cessation_of_operation)

    @property
    def residents(self) -> tuple[str, ...]:
        """Their names."""
        return self._own.names(RESIDENTS)

    def my_number_card(self, name: str) -> MyNumberCard:
        """A resident's card, held to the phone."""
        transport = self._card(RESIDENTS, name, Media.CONTACTLESS_TYPE_A)
        return MyNumberCard(CardLink(transport, self.network, user=Party.PHONE, card=Party.CARD))

    # -- phones -------------------------------------------------------------------------------------------------------

    def add_phone(self, name: str, *, model: str, runtime: str | None = None) -> None:
        """A new phone, known to the SEI-TSM from the factory on; ``runtime`` executes its secure element's applets."""
        with self._own.joining(PHONES, name, lambda: self._not_made(PHONES, name)) as new:
            card = make_secure_element(self._executable(), self.issuer_records, self._random, runtime)
            _Facts(model).write(new.folder)
            self.cards.put_in(card, new.folder / "card")
            new.se_id = card.se_id

    def add_phone_around(self, name: str, *, model: str, card: Transport, keys: StaticKeys) -> None:
        """A phone whose secure element is a card that exists already; ``keys`` are its issuer security domain's.

        What is on it, the SEI-TSM reads from its registry. The phone is there until this world is closed.
        """
        with self._own.joining(PHONES, name) as new:
            se_id = read_se_id(card)
            self.issuer_records.add(se_id, keys, StaticKeys(*(self._random(16) for _ in range(3))))
            self.issuer_records.touch(se_id)
            _Facts(model).write(new.folder)
            self.cards.lend(new.folder / "card", card)

    @property
    def phones(self) -> tuple[str, ...]:
        """Their names."""
        return self._own.names(PHONES)

    def app(self, name: str, user: User, *, beside: bool = True) -> PhoneApp:
        """The app on a phone; installed if it is not there.

        ``beside``: the user is asked for new PINs in another thread, while keys and certificates are made (F5).
        """
        model = _Facts.read(self._own.folder(PHONES, name)).model
        link = CardLink(self._card(PHONES, name, Media.CONTACT), self.network, user=Party.PHONE, card=Party.APPLET)
        records = self._own.store(AppRecords, _app(name))
        keystore = Keystore(self._own.store(KeystoreRecords, _keystore(name)), user.recognise)
        key = self.sp_tsm.policy_key
        inside = Inside(records, self.network, link, keystore, user, model, key, self.clock, self._random, beside)
        return PhoneApp(inside)

    def installed(self, name: str) -> Installed | None:
        """What the app on a phone has noted of itself; None when there is none. Looking installs nothing."""
        with self._own.glance(AppRecords, _app(name)) as records:
            return None if records is None else Installed(records.fact("element"), records.fact("token"))

    def uninstall_app(self, name: str) -> None:
        """The app and its keys in the Keystore are gone; the secure element keeps what it has (E2)."""
        self._own.folder(PHONES, name)
        self._own.forget(_app(name), _keystore(name))

    def tamper(self, name: str, integrity: Integrity = Condition.ROOTED.integrity) -> None:
        """Somebody modifies a phone's system, or restores it (E8): what the attestation service finds from now on."""
        folder = self._own.folder(PHONES, name)
        replace(_Facts.read(folder), integrity=integrity).write(folder)

    def phone_card(self, name: str) -> Path:
        """The file of a phone's secure element."""
        return self._own.folder(PHONES, name) / "card"

    def _integrity(self, app_id: str) -> Integrity:
        """What the attestation service finds on the phone that an app is installed on."""
        for name in self.phones:
            with self._own.glance(AppRecords, _app(name)) as records:
                if records is not None and records.fact("app") == app_id:
                    return _Facts.read(self._own.folder(PHONES, name)).integrity
        return UNKNOWN_PHONE

    # -- plumbing -----------------------------------------------------------------------------------------------------

    @cached_property
    def _attestation_key(self) -> ec.EllipticCurvePrivateKey:
        raw = self._own.secret("attestation.key", _new_key)
        found = load_der_private_key(raw, password=None)
        if not isinstance(found, ec.EllipticCurvePrivateKey):
            raise IntegrityError(f"{self.folder / 'attestation.key'} holds no P-256 key")
        return found

    def _store(self, kind: type[_S], name: str) -> _S:
        return self._own.store(kind, name)

    def _card(self, kind: str, name: str, media: Media) -> Transport:
        """Somebody's card, powered on, which really is theirs."""
        path = self._own.folder(kind, name) / "card"
        transport = self.cards.take(path, media)
        if (se_id := self.cards.se_id(path)) is not None:
            self._own.require_card(kind, name, se_id)
        return transport


def _app(phone: str) -> str:
    return f"{PHONES}/{phone}/app.sqlite"


def _keystore(phone: str) -> str:
    return f"{PHONES}/{phone}/keystore.sqlite"


def _new_key() -> bytes:
    key = ec.generate_private_key(ec.SECP256R1())
    return key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True, slots=True)
class Installed:
    """An app on a phone: the SE-ID (hex) and the push token that it has noted, None before it needed them."""

    se_id: str | None
    token: str | None


@dataclass(frozen=True, slots=True)
class _Facts:
    """What a phone is, beside its secure element."""

    model: str
    integrity: Integrity = Condition.UNTOUCHED.integrity

    @classmethod
    def read(cls, folder: Path) -> _Facts:
        path = folder / "phone.json"
        try:
            facts = json.loads(path.read_text(encoding="utf-8"))
            if facts.pop("sha256") != _checksum(facts):
                raise ValueError("its checksum is wrong")
            fields = (facts["ctsProfileMatch"], facts["basicIntegrity"], Evaluation(facts["evaluationType"]))
            return cls(str(facts["model"]), Integrity(*fields))
        except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise IntegrityError(
                f"{path} does not say what phone this is", hint="put it back, or add a phone"
            ) from error

    def write(self, folder: Path) -> None:
        found = self.integrity
        facts = {
            "model": self.model,
            "ctsProfileMatch": found.cts_profile_match,
            "basicIntegrity": found.basic_integrity,
            "evaluationType": found.evaluation,
        }
        facts["sha256"] = _checksum(facts)
        write_file(folder / "phone.json", json.dumps(facts).encode(), private=True)


def _checksum(facts: Mapping[str, object]) -> str:
    return sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()


def _our_applet() -> Callable[[], Executable]:
    made: list[Executable] = []

    def executable() -> Executable:
        from jpki.package import jpki_executable

        if not made:
            made.append(jpki_executable())
        return made[0]

    return executable
