"""Files beside and around the components that are not what they should be: each is refused by its reason."""

from __future__ import annotations

import zipfile
from collections.abc import Mapping
from dataclasses import replace
from io import BytesIO

import pytest

from cardlab.cap.constants import ExportClassFlag
from cardlab.cap.container import cap_in
from cardlab.cap.debug import read_debug
from cardlab.cap.errors import CapError, ExportFileError
from cardlab.cap.exportfile import ExportFile
from cardlab.cap.exports import from_json, to_json, token_table
from cardlab.cap.extended import read_extended

AID = bytes.fromhex("F000000001")


@pytest.fixture(scope="module")
def table() -> ExportFile:
    return token_table("java.lang", "1.0")


@pytest.mark.parametrize("raw", ["0b 0006 0000 0000 0000", "0c 0005 0000 0000 0000", "0c 0007 0000 0000 0000"])
def test_a_debug_component_of_another_tag_or_size(raw: str) -> None:
    assert read_debug(bytes.fromhex("0c 0006 0000 0000 0000")).classes == ()
    with pytest.raises(CapError, match=r"Debug component.*: tag or size is wrong"):
        read_debug(bytes.fromhex(raw))


def test_flags_that_no_token_table_has(table: ExportFile) -> None:
    text = to_json(table)
    assert from_json(text) == table
    with pytest.raises(ExportFileError, match="unknown access flag 'open'"):
        from_json(text.replace('"public', '"open', 1))


def test_flags_that_have_no_name(table: ExportFile) -> None:
    strange = replace(table.classes[0], access=ExportClassFlag.PUBLIC | 0x4000)
    with pytest.raises(ExportFileError, match=r"^access flags 0x4001 have no name$"):
        to_json(replace(table, classes=(strange,)))


def _archive(parts: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in parts.items():
            archive.writestr(f"hand/javacard/{name}.cap", data)
    return out.getvalue()


HEADER = bytes.fromhex("01 0011 DECAFFED 03 02 08 00 01 05 F000000001 00")


def test_a_file_of_the_extended_format_has_an_import_component() -> None:
    assert read_extended(_archive({"Header": HEADER, "Import": bytes.fromhex("04 0001 00")})).cap.aid == AID
    with pytest.raises(CapError, match=r"^Import.cap is missing$"):
        read_extended(_archive({"Header": HEADER}))


@pytest.mark.parametrize("header", [b"", HEADER.replace(b"\3\2\x08", b"\3\2\x00"), HEADER.replace(b"\xde", b"\xdd")])
def test_what_is_not_of_the_extended_format(header: bytes) -> None:
    with pytest.raises(CapError, match=r"^not a CAP file of the extended format$"):
        read_extended(_archive({"Header": header}))


def test_an_archive_whose_directory_is_damaged() -> None:
    """Its end is sound, so it is taken for an archive."""
    raw = bytearray(_archive({"Header": HEADER, "Import": b""}))
    raw[raw.rindex(b"PK\1\2")] ^= 1
    with pytest.raises(CapError, match=r"not a CAP file: the archive cannot be read .BadZipFile: "):
        cap_in(bytes(raw))
