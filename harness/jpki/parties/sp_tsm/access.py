"""The SP-TSM's way to the applet of one card, in one conversation.

It leads through the SEI-TSM when the applet has to be installed, then through the SP-TSM's own security domain, and
ends with a session under keys that only the SP-TSM has.
"""

from __future__ import annotations

from cardlab.errors import CardError
from cardlab.globalplatform.constants import CLA_GP, INS_PUT_KEY, KEY_ID_ENC, P2_MULTIPLE_KEYS
from cardlab.globalplatform.host import commands as gp
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.iso7816.apdu import SHORT_MAX_LE, CommandApdu
from cardlab.iso7816.status import SW
from jpki.client.constants import INSTANCE_AID, Slot
from jpki.parties.conversation import Talk, Turn
from jpki.parties.messages import (
    Begin,
    Function,
    IssuerAnswers,
    IssuerScript,
    PrepareApplet,
    Prepared,
    RemoveApplet,
    Removed,
)
from jpki.parties.recorder import Party, Section
from jpki.parties.script import Batch, Results, SecureSession
from jpki.parties.sections import KEY_SECTION, PIN_SECTION
from jpki.parties.sei_tsm import PROVIDER_DOMAIN
from jpki.parties.sp_tsm.back_office import BackOffice
from jpki.parties.sp_tsm.records import KnownDevice

OWN_KEY_VERSION = 0x32  # of the provider's domain


class CardAccess:
    """One conversation's card: ``first_batch``, then ``reach``; or ``reach_installed`` or ``remove_applet`` alone."""

    def __init__(self, office: BackOffice, begin: Begin, met: KnownDevice) -> None:
        """``met`` is the phone as it was when the conversation began."""
        self._met = met
        self._office = office
        self._records = office.records
        self._begin = begin
        self._se_id = begin.device.se_id
        self._session: SecureSession | None = None
        self._issuer: IssuerScript | None = None
        self.fresh = False
        """Whether the applet was installed in this conversation, so that nothing of an earlier holder is in it."""

    def first_batch(self) -> Batch:
        """What can be sent before anything is authorised: it only opens a session."""
        batch = Batch(Section.APPLY)
        if self._begin.function is Function.RELEASE:
            return batch
        device = self.device()
        other = device.app_id != self._begin.device.app_id
        if self._begin.function is Function.ISSUE and (other or not device.ready):
            request = RemoveApplet(self._se_id) if other else PrepareApplet(self._se_id)
            self._issuer = self._ask_issuer(request)
            batch.extend(self._issuer.steps)
        else:
            self._session = self._new_session(device)
            self._session.open_in(batch)
        return batch

    def reach(self, results: Results) -> Talk[tuple[SecureSession, Batch]]:
        """An authenticated session with the applet, from the results of the first batch on; installed if need be."""
        issuer = self._issuer
        if issuer is not None:
            if self.device().app_id != self._begin.device.app_id:
                issuer, results = yield from self._start_over(issuer, results)
            results = yield from self._prepare(issuer, results)
        if self._session is None:
            return (yield from self.reach_installed())
        return (yield from self._authenticate(self._session, results))

    def reach_installed(self) -> Talk[tuple[SecureSession, Batch]]:
        """The same in a conversation that begins with it: the applet has to be there."""
        session, batch = self._new_session(self.device()), Batch(Section.PREPARE)
        session.open_in(batch)
        return (yield from self._authenticate(session, (yield Turn(batch)).results))

    def remove_applet(self) -> Talk[None]:
        """Have the SEI-TSM take the applet off the card."""
        issuer, batch = self._ask_issuer(RemoveApplet(self._se_id)), Batch(Section.PREPARE)
        batch.extend(issuer.steps)
        yield from self._with_issuer(issuer, (yield Turn(batch)).results)

    def device(self) -> KnownDevice:
        """What is known of the secure element now."""
        return self._records.device(self._se_id) or self._met

    def _start_over(self, issuer: IssuerScript, results: Results) -> Talk[tuple[IssuerScript, Results]]:
        """The app was installed anew, or the phone has another owner: the applet goes, with all keys (E2)."""
        _, results = yield from self._with_issuer(issuer, results)
        for slot in Slot:
            self._office.retire(self._se_id, slot, "cessation_of_operation")
        with self._records.transaction():
            self._office.forget(self._se_id, tuple(Slot))
            self._records.hand_over(self._begin.device)
        issuer, batch = self._ask_issuer(PrepareApplet(self._se_id)), Batch(Section.PREPARE)
        batch.extend(issuer.steps)
        return issuer, (yield Turn(batch)).results

    def _prepare(self, issuer: IssuerScript, results: Results) -> Talk[Results]:
        """Install what is missing; the last script also opens our own session."""
        outcome, results = yield from self._with_issuer(issuer, results)
        if not isinstance(outcome, Prepared):
            raise CardError("the SEI-TSM did not prepare the applet")
        self.fresh = outcome.fresh
        self._records.applet_ready(self._se_id, outcome.key_version, StaticKeys(*outcome.keys))
        return results

    def _with_issuer(self, issuer: IssuerScript, results: Results) -> Talk[tuple[Prepared | Removed, Results]]:
        """Carry the SEI-TSM's scripts until it is done, from its first, whose results are there."""
        places = slice(0, None)
        answer: IssuerScript | Prepared | Removed = issuer
        while isinstance(answer, IssuerScript):
            said = IssuerAnswers(answer.conversation, results.raw[places])
            answer = self._office.network.call(Party.SP_TSM, Party.SEI_TSM, said, IssuerScript | Prepared | Removed)
            if isinstance(answer, IssuerScript):
                batch = Batch(Section.PREPARE)
                places = batch.extend(answer.steps)
                if answer.last and self._begin.function is Function.ISSUE:
                    self._session = self._new_session(self.device())
                    self._session.open_in(batch)
                results = (yield Turn(batch)).results
        return answer, results

    def _ask_issuer(self, request: PrepareApplet | RemoveApplet) -> IssuerScript:
        return self._office.network.call(Party.SP_TSM, Party.SEI_TSM, request, IssuerScript)

    def _new_session(self, device: KnownDevice) -> SecureSession:
        """With the applet; as long as our domain has the keys it was delivered with, with the domain first."""
        aid = INSTANCE_AID if device.rotated else PROVIDER_DOMAIN
        return SecureSession(aid, self._keys, self._office.random)

    def _keys(self, version: int) -> StaticKeys | None:
        device = self.device()
        if version == OWN_KEY_VERSION:
            return device.own_keys
        return device.delivery[1] if device.delivery and device.delivery[0] == version else None

    def _authenticate(self, session: SecureSession, results: Results) -> Talk[tuple[SecureSession, Batch]]:
        """An authenticated session with the applet, under keys that only the SP-TSM has."""
        device = self.device()
        batch = Batch(self._first_section() if device.rotated else Section.PREPARE)
        self._require_installed(results)
        session.authenticate_in(batch, results)
        if device.rotated:
            return session, batch
        if session.key_version != OWN_KEY_VERSION:
            field = gp.put_key_set(OWN_KEY_VERSION, session.dek, device.own_keys)
            p1, p2 = session.key_version, P2_MULTIPLE_KEYS | KEY_ID_ENC
            batch.add(CommandApdu(CLA_GP, INS_PUT_KEY, p1, p2, field, SHORT_MAX_LE), session=session)
        applet = SecureSession(INSTANCE_AID, self._keys, self._office.random)
        applet.open_in(batch)
        results = (yield Turn(batch)).results
        results.require_complete()
        self._records.keys_rotated(self._se_id)
        batch = Batch(self._first_section())
        applet.authenticate_in(batch, results)
        return applet, batch

    def _first_section(self) -> Section:
        """Where opening the session with the applet is counted: with the first thing done in it."""
        match self._begin.function:
            case Function.ISSUE | Function.RENEW:
                return KEY_SECTION[self._begin.slots[0]]
            case Function.RESET_PIN:
                return PIN_SECTION[self._begin.slots[0]]
        return Section.OTHER

    def _require_installed(self, results: Results) -> None:
        failure = results.failure()
        if failure is not None and failure.sw == SW.FILE_NOT_FOUND:
            self._records.applet_gone(self._se_id)
            raise CardError("the applet is not on this secure element any more", hint="issue the certificates again")
