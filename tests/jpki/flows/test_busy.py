"""Keys are ordered away from a phone while somebody uses its applet: the keys go, and the applet stays (E5)."""

from __future__ import annotations

import pytest

from jpki.client.constants import Slot
from jpki.parties.messages import Function
from jpki.parties.sp_tsm.records import Case, CaseState
from jpki.parties.world import World
from tests.jpki.flows.truth import card_state
from tests.jpki.flows.worlds import Person


@pytest.mark.parametrize("busy", [True, False])
def test_the_applet_stays_for_an_application_that_is_open(issued: World, busy: bool) -> None:
    records, p1 = issued.provider_records, issued.cards.simulated(issued.phone_card("p1")).se_id
    known = records.device(p1)
    assert known is not None
    serials = [one.serial for one in records.certificates_on(p1)]
    if busy:
        slots = (Slot.SIGNING,)
        records.add_case(Case("r", Function.RENEW, slots, p1, known.app_id, "hanako", b"", CaseState.OPEN), {})
    for serial in serials:
        issued.sp_tsm.order_removal(serial)
    issued.app("p1", Person()).collect()
    assert records.certificates_on(p1) == [] and records.removals(p1) == []
    found, after = card_state(issued, "p1"), records.device(p1)
    assert after is not None and after.ready is busy and (found is not None) is busy
    assert found is None or not any(found[0].slots[slot].has_key for slot in Slot)
