"""The same with a kit that is there: JC_HOME names its folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.capfile.container import FILE_NAMES
from harness.capfile.convert import Conversion
from harness.capfile.exportfile import write_exp
from tests.capfile import kit
from tests.capfile.corpus import Case, names

pytestmark = pytest.mark.skipif(kit.home() is None, reason="no kit: JC_HOME does not name one")


@pytest.mark.parametrize("name", names())
def test_components_are_equal(
    name: str, corpus_classes: Path, conversions: dict[str, Conversion], tmp_path: Path
) -> None:
    home = kit.home()
    assert home is not None
    libraries = [conversions["library"].export] if name == "user" else []
    theirs = kit.convert(home, Case(name, corpus_classes), tmp_path, libraries)
    if not theirs:
        pytest.skip("this kit refuses the package on this Java")
    ours = {FILE_NAMES[tag]: data for tag, data in conversions[name].components.items()}
    assert ours == theirs


@pytest.mark.parametrize("name", names())
def test_the_kits_verifier_accepts_ours(name: str, conversions: dict[str, Conversion], tmp_path: Path) -> None:
    home = kit.home()
    assert home is not None
    exports = sorted((home / "api_export_files").rglob("*.exp"))
    if not exports:
        pytest.skip("this kit keeps its export files inside its jars")
    for package in {name, "library" if name == "user" else name}:
        export = conversions[package].export
        if export.classes:
            file = tmp_path / f"{package}.exp"
            file.write_bytes(write_exp(export))
            exports.append(file)
    cap = tmp_path / f"{name}.cap"
    cap.write_bytes(conversions[name].cap)
    assert "0 errors" in kit.verify(home, cap, exports)
