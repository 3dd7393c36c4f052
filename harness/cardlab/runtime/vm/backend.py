"""The virtual machine as a runtime that can be chosen; imports nothing of Java before a card is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cardlab.java_card import JAVA_CARD_VERSIONS
from cardlab.runtime.backend import Backend, RuntimeOrder
from cardlab.runtime.feature import Feature
from cardlab.runtime.interface import AppletRuntime
from cardlab.runtime.observer import EventKind

if TYPE_CHECKING:
    from cardlab.runtime.support import Absences

_SHORT_MAX = 0x7FFF


def _make(order: RuntimeOrder) -> AppletRuntime:
    from cardlab.runtime.vm.adapter import VirtualMachine

    return VirtualMachine.fresh(order)


def _absences(java_card: str, globalplatform: str) -> Absences:
    from cardlab.runtime.vm.support import absences

    return absences(java_card, globalplatform)


BACKEND = Backend(
    name="vm",
    version="1",  # that of the image (Java: cardlab.vm.jcre.Image)
    make=_make,
    capabilities=frozenset(Feature),
    java_card=JAVA_CARD_VERSIONS,
    absences=_absences,
    tells=frozenset(EventKind),
    settable={
        "protocol": None,
        "absent_le": None,
        "short_le": None,
        "long_response": None,
        "apdu_buffer": range(261, _SHORT_MAX + 1),  # a whole short command has to fit
        "incoming_block": range(1, _SHORT_MAX + 1),
        "install_array": range(_SHORT_MAX + 1),
        "register_without_aid": None,
        "select_in_deselect": None,
        "session_in_deselect": None,
        "pin_value": None,
        "count_empty_pin": None,
        "commit_capacity": None,
        "transient_reset": None,
        "transient_deselect": None,
        "object_deletion": None,
        "integers": None,
        "checks": None,
        "channels": None,
        "ecdsa_failure": None,
        "rsa_key_memory": None,
        "missing_algorithms": None,
    },
    deviations=(
        "an instance that is the last of its package is deleted though static fields of the package refer to its"
        " objects; they are null then (JCRE 3.0.5, 11.3.4.1 refuses it, 11.3.4.3 does it with the package)",
        "an applet has finished when the first part of its answer leaves, so over T=0 it never learns that the terminal"
        " did not fetch the rest (APDUException.NO_T0_GETRESPONSE, NO_T0_REISSUE)",
        "CLEAR_ON_DESELECT memory is shared by the instances of a package, as their context is",
    ),
)
