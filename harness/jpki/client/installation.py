"""The JPKI applet as an application to install."""

from __future__ import annotations

from cardlab.globalplatform.installation import Installation
from jpki.client.constants import INSTANCE_AID, MODULE_AID, PACKAGE_AID


def jpki_installation(parameters: bytes, instance: bytes = INSTANCE_AID) -> Installation:
    """An instance of the applet with these install parameters (``Profile.parameters``, docs/reference/applet.md)."""
    return Installation(PACKAGE_AID, MODULE_AID, instance, parameters=parameters)
