"""What the SP-TSM has behind its talk with phones: records, the other parties, and what follows when a key goes."""

from __future__ import annotations

from dataclasses import dataclass

from jpki.client.constants import Slot
from jpki.parties.messages import AskState, CertificateState, Done, Notify, RevokeCertificate, Slots
from jpki.parties.network import Network
from jpki.parties.recorder import Party
from jpki.parties.script import Random
from jpki.parties.sp_tsm.records import ProviderRecords, Removal
from jpki.parties.word import CertificatesIssued, RemoveKeys, Word, sealed


@dataclass(frozen=True, slots=True)
class BackOffice:
    """Shared by the service and its work on cards; ``random`` gives so many bytes."""

    records: ProviderRecords
    network: Network
    random: Random

    # -- certificates -------------------------------------------------------------------------------------------------

    def revoke(self, serial: int, reason: str) -> None:
        """Have J-LIS revoke a certificate; one that is revoked stays as it is."""
        self.network.call(Party.SP_TSM, Party.JLIS, RevokeCertificate(serial, reason), Done)

    def state(self, serial: int) -> CertificateState:
        """What J-LIS says of a certificate now."""
        return self.network.call(Party.SP_TSM, Party.JLIS, AskState(serial), CertificateState)

    def retire(self, se_id: bytes, slot: Slot, reason: str) -> None:
        """Have the certificates in a slot revoked, before their key goes: no certificate is valid without its key."""
        for one in self.records.certificates_on(se_id):
            if one.slot is slot:
                self.revoke(one.serial, reason)

    def forget(self, se_id: bytes, slots: Slots) -> None:
        """The keys of these slots are gone; an order to remove them is settled, so it never hits what comes next.

        In a transaction.
        """
        for one in self.records.certificates_on(se_id):
            if one.slot in slots:
                self.records.key_gone(one.serial)
        for removal in self.records.removals(se_id):
            self.records.change_removal(removal.order_id, tuple(slot for slot in removal.slots if slot not in slots))

    # -- orders to remove (E5) ----------------------------------------------------------------------------------------

    def order_removal(self, se_id: bytes, slots: Slots) -> str:
        """A removal order for one secure element, unless the slots are in one already; in a transaction."""
        removals, ordered = self.records.removals(se_id), self.ordered_away(se_id)
        if not set(slots) - ordered:
            return next(one.order_id for one in removals if set(one.slots) & set(slots))
        order = Removal(self.random(8).hex(), se_id, tuple(slot for slot in slots if slot not in ordered), False, False)
        self.records.add_removal(order)
        return order.order_id

    def ordered_away(self, se_id: bytes) -> frozenset[Slot]:
        """The slots of a secure element whose keys are to be removed."""
        return frozenset(slot for removal in self.records.removals(se_id) for slot in removal.slots)

    # -- word by push (E5, E11) ---------------------------------------------------------------------------------------

    def notify(self) -> None:
        """Send phones word, by push, of orders and of issued certificates that they have not heard of."""
        for order in self.records.unnotified():
            self._push(order.se_id, order.order_id, RemoveKeys(order.order_id, order.slots))
            self.records.notified(order.order_id)
        for case in self.records.unannounced():
            self._push(case.se_id, case.request_id, CertificatesIssued(case.request_id))
            self.records.announced(case.request_id)

    def _push(self, se_id: bytes, message_id: str, word: Word) -> None:
        device = self.records.device(se_id)
        if device is not None:
            payload = sealed(word, device.push_key, message_id, self.random)
            self.network.call(Party.SP_TSM, Party.PUSH, Notify(device.push_token, message_id, payload), Done)
