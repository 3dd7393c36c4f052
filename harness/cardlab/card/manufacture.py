"""A card as it leaves the factory."""

from __future__ import annotations

from cardlab.card.config import CardConfig
from cardlab.card.entropy import Entropy
from cardlab.card.manager.install import ISSUER_PRIVILEGES
from cardlab.card.manager.keys import CHANNEL_KEYS, KeyStore, KeyVersion
from cardlab.card.manager.registry import CardRegistry, LoadFileEntry, SecurityDomain
from cardlab.card.manager.state import Persistent
from cardlab.globalplatform.constants import SSD_MODULE_AID, SSD_PACKAGE_AID, TAG_CIN, TAG_IIN, ApplicationState


def manufacture(config: CardConfig, entropy: Entropy) -> Persistent:
    """A card as it leaves the factory: the issuer security domain with its first keys, and the load file of others."""
    keys = dict(zip(CHANNEL_KEYS, (config.keys.enc, config.keys.mac, config.keys.dek), strict=True))
    issuer = SecurityDomain(
        aid=config.isd_aid,
        load_file=b"",
        module=b"",
        domain=config.isd_aid,
        privileges=ISSUER_PRIVILEGES,
        state=ApplicationState.SELECTABLE,
        options=config.scp_options,
        keys=KeyStore((KeyVersion(config.key_version, keys),), config.key_limit),
        data={TAG_IIN: config.iin, TAG_CIN: config.cin or b""},
    )
    registry = CardRegistry(issuer)
    registry.load_files[SSD_PACKAGE_AID] = LoadFileEntry(SSD_PACKAGE_AID, (1, 0), (SSD_MODULE_AID,), config.isd_aid, 0)
    return Persistent(config, entropy, registry, config.card_state, config.atr or b"")
