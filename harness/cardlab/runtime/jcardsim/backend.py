"""JCardSim as a runtime that can be chosen; imports nothing of Java before a card is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardlab.runtime.backend import Backend, RuntimeOrder
from cardlab.runtime.choices import SessionInDeselect
from cardlab.runtime.feature import Feature
from cardlab.runtime.interface import AppletRuntime
from cardlab.runtime.jcardsim.events import TELLS

if TYPE_CHECKING:
    from cardlab.runtime.support import Absences

_SHORT_MAX = 0x7FFF


def _make(order: RuntimeOrder) -> AppletRuntime:
    from cardlab.runtime.jcardsim.adapter import JCardSimRuntime

    return JCardSimRuntime(order)


def _absences(java_card: str, globalplatform: str) -> Absences:
    from cardlab.runtime.jcardsim.support import absences

    return absences(java_card, globalplatform)


BACKEND = Backend(
    name="jcardsim",
    version="3.0.6.0/2",  # jCardSim's version, and that of the image that ImageWriter writes
    make=_make,
    absences=_absences,
    capabilities=frozenset(
        (
            Feature.APPLETS,
            Feature.GLOBALPLATFORM,
            Feature.IMAGES,
            Feature.TEARS,
            Feature.TRANSACTIONS,
            Feature.INSPECTOR,
        )
    ),
    tells=TELLS,
    settable={
        "protocol": None,
        "channels": range(1, 2),
        "absent_le": None,
        "apdu_buffer": range(261, _SHORT_MAX + 1),  # a whole short command has to fit
        "install_array": range(_SHORT_MAX + 1),
        "register_without_aid": None,
        "select_in_deselect": None,
        "session_in_deselect": frozenset((SessionInDeselect.OPEN, SessionInDeselect.ENDED)),
        "commit_capacity": None,
        "transient_reset": None,
        "transient_deselect": None,
        "object_deletion": None,
    },
    deviations=(
        "executes the class files behind a load file, which a ClassLibrary has to hold",
        "no logical channels: APDU.getCLAChannel() is 0",
        "no firewall; a client's AID cannot be told (JCSystem.getPreviousContextAID() is null)",
        "writes to fields and arrays outside of transactions are no opportunities for a power cut; before a transaction"
        " begins, before and after a commit, after OwnerPIN.check() counted, and what Util writes are",
        "what Util.arrayCopyNonAtomic() and arrayFillNonAtomic() write is rolled back with a transaction",
        "references to objects that an aborted transaction made are not nulled (JCRE 3.0.5, 7.6.3)",
    ),
)
