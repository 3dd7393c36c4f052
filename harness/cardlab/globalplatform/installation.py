"""What INSTALL [for install and make selectable] creates, as one value (GPCS 2.3.1, 11.5.2.3.2)."""

from __future__ import annotations

from dataclasses import dataclass

from cardlab.globalplatform.constants import SSD_MODULE_AID, SSD_PACKAGE_AID, Privilege


@dataclass(frozen=True, slots=True)
class Installation:
    """An application of a loaded package: AIDs of its load file, of its module, and of the instance to be created.

    ``parameters`` is what the applet's install() finds as its application data (value of C9), ``system`` the value of
    EF: quotas and the like (GPCS Table 11-49), left out when empty.
    """

    package: bytes
    module: bytes
    instance: bytes
    privileges: Privilege = Privilege.NONE
    parameters: bytes = b""
    system: bytes = b""


def security_domain(
    aid: bytes,
    *,
    privileges: Privilege = Privilege.SECURITY_DOMAIN,
    parameters: bytes = b"",
    package: bytes = SSD_PACKAGE_AID,
    module: bytes = SSD_MODULE_AID,
) -> Installation:
    """A supplementary security domain of the card's own module; it has no keys yet."""
    return Installation(package, module, aid, privileges, parameters)


def require_security_domain(applet: Installation) -> Installation:
    """The same; raises ValueError when it would be no security domain (GPCS Table 6-1)."""
    if Privilege.SECURITY_DOMAIN not in applet.privileges:
        raise ValueError("a security domain needs the Security Domain privilege")
    return applet
