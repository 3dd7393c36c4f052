"""The same with a kit that is there: JC_HOME names its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.cap.container import FILE_NAMES
from cardlab.cap.convert import Conversion
from cardlab.cap.exportfile import write_exp
from cardlab.toolchain.kit.development_kit import read_kit
from cardlab.toolchain.kit.verifier import verify
from tests.cardlab.cap import kit
from tests.cardlab.cap.corpus import PLATFORM, Case, names

pytestmark = pytest.mark.skipif(kit.home() is None, reason="no kit: JC_HOME does not name one")


@pytest.mark.parametrize("name", names())
def test_components_are_equal(
    name: str, corpus_classes: Path, conversions: dict[str, Conversion], tmp_path: Path
) -> None:
    home = kit.home()
    assert home is not None
    libraries = [conversions["library"].export] if name == "user" else []
    theirs = kit.convert(home, Case(name, corpus_classes), tmp_path, libraries)
    theirs.pop(kit.EXPORT_FILE, None)
    if not theirs:
        pytest.skip("this kit refuses the package on this Java")
    ours = {FILE_NAMES[tag]: data for tag, data in conversions[name].components.items()}
    assert ours == theirs


@pytest.mark.parametrize("name", names())
def test_the_kits_verifier_accepts_ours(name: str, conversions: dict[str, Conversion], tmp_path: Path) -> None:
    home = kit.home()
    assert home is not None
    found = read_kit(home)
    if PLATFORM not in found.platforms:
        pytest.skip(f"this kit has no API of Java Card {PLATFORM}")
    imports = []
    for package in {name, "library" if name == "user" else name}:
        export = conversions[package].export
        if export.classes:
            imports.append(tmp_path / f"{package}.exp")
            imports[-1].write_bytes(write_exp(export))
    cap = tmp_path / f"{name}.cap"
    cap.write_bytes(conversions[name].cap)
    verdict = verify(found, cap, imports, platform=PLATFORM)
    assert verdict.passed, verdict.complaints
