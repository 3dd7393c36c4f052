"""The applet as a load file to be mutated, with commands that need no RSA key: one takes too long to be made."""

from __future__ import annotations

from cardlab.campaign.hostile.targets import Target, apdus
from jpki.client.constants import MODULE_AID, PACKAGE_AID
from jpki.package import jpki_executable

_POINT = (
    "046B17D1F2E12C4247F8BCE6E563A440F277037D812DEB33A0F4A13945D898C296"
    "4FE342E2FE1A7F9B8EE7EB4A7C0F9E162BCE33576B315ECECBB6406837BF51F5"
)  # the generator of P-256 (FIPS 186-4, D.1.2.3)
_CERTIFICATE = "3010" + "0C0E" + "41" * 14

COMMANDS = apdus(
    "00A4020C020006",
    "00B0000020",
    "00B0880003",
    "842C02980431323334",
    "842C029B06414243444546",
    "00200098",
    "002000980431323334",
    "002401980435363738",
    "002000980435363738",
    "0024019B06313233343536",
    "0084000020",
    f"80DA000341{_POINT}",
    "80E4000300",
    f"84E2000010000200 12{_CERTIFICATE[:24]}".replace(" ", ""),
    f"84E2800106{_CERTIFICATE[24:]}",
    "00B0820012",
    "84F2000000",
    "802A009A0401020304",
    "802E01970401020304",
    "80CA01A000",
    "842C03980000",
    "84E4000002A400",
)


def target() -> Target:
    """Phone profile, which has the most commands."""
    return Target("jpki", jpki_executable().data_block, PACKAGE_AID, MODULE_AID, b"\x01", COMMANDS)
