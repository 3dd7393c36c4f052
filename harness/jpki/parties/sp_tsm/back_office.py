"""What the SP-TSM has behind its talk with phones: records, the other parties, and what follows when a key goes."""

from __future__ import annotations

from dataclasses import dataclass

from jpki.client.constants import Slot
from jpki.parties.messages import Done, Notify, RevokeCertificate, Slots
from jpki.parties.network import Network
from jpki.parties.recorder import Party
from jpki.parties.script import Random
from jpki.parties.sp_tsm.records import ProviderRecords, Removal


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

    def retire(self, se_id: bytes, slot: Slot, reason: str) -> None:
        """Have the certificates in a slot revoked, before their key goes: no certificate is valid without its key."""
        for one in self.records.certificates_on(se_id):
            if one.slot is slot:
                self.revoke(one.serial, reason)

    def forget(self, se_id: bytes, slots: Slots) -> None:
        """The keys of these slots are gone; nothing is to be removed from them any more. In a transaction."""
        for one in self.records.certificates_on(se_id):
            if one.slot in slots:
                self.records.key_gone(one.serial)
        for removal in self.records.removals(se_id):
            self.records.change_removal(removal.order_id, tuple(slot for slot in removal.slots if slot not in slots))

    # -- orders to remove (E5) ----------------------------------------------------------------------------------------

    def order_removal(self, se_id: bytes, slots: Slots) -> str:
        """A removal order for one secure element, unless the slots are in one already; in a transaction."""
        removals = self.records.removals(se_id)
        ordered = {slot for one in removals for slot in one.slots}
        if not set(slots) - ordered:
            return next(one.order_id for one in removals if set(one.slots) & set(slots))
        order = Removal(self.random(8).hex(), se_id, tuple(slot for slot in slots if slot not in ordered), False, False)
        self.records.add_removal(order)
        return order.order_id

    def notify(self) -> None:
        """Send phones word, by push, of the orders that they have not heard of."""
        for order in self.records.unnotified():
            device = self.records.device(order.se_id)
            if device is not None:
                notice = Notify(device.push_token, order.order_id, order.slots)
                self.network.call(Party.SP_TSM, Party.PUSH, notice, Done)
            self.records.notified(order.order_id)
