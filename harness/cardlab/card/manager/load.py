"""LOAD: what the blocks of a load file hold when they are put together (GPCS 11.6.2.3)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from cardlab.card.manager.refusal import Refusal
from cardlab.globalplatform.constants import TAG_DAP_BLOCK, TAG_LOAD_FILE_DATA_BLOCK
from cardlab.iso7816 import tlv
from cardlab.iso7816.status import SW

DIGESTS = {20: "sha1", 32: "sha256", 48: "sha384", 64: "sha512"}  # GPCS Table H-9, by length


@dataclass(frozen=True, slots=True)
class LoadFileBlocks:
    """A load file taken apart (GPCS Table 11-58): the data block is the components of a CAP file."""

    data_block: bytes
    signatures: tuple[bytes, ...]


def parse_load_file(raw: bytes) -> LoadFileBlocks:
    """Take a load file apart; 6A80 when it is not DAP blocks and then one load file data block."""
    items = tlv.parse(raw)
    if not items or items[-1].tag != TAG_LOAD_FILE_DATA_BLOCK or not items[-1].value:
        raise Refusal(SW.WRONG_DATA, "a load file ends with one load file data block (C4)")
    if any(item.tag != TAG_DAP_BLOCK for item in items[:-1]):
        raise Refusal(SW.WRONG_DATA, "only DAP blocks (E2) come before the load file data block")
    return LoadFileBlocks(items[-1].value, tuple(item.value for item in items[:-1]))


def check_digest(data_block: bytes, digest: bytes) -> None:
    """Compare a load file data block with the hash that INSTALL [for load] announced, if any (GPCS C.2)."""
    if digest and hashlib.new(DIGESTS[len(digest)], data_block).digest() != digest:
        raise Refusal(SW.WRONG_DATA, "the load file data block has another hash than INSTALL [for load] announced")
