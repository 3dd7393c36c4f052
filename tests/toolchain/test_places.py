"""Where files go on each system."""

from __future__ import annotations

from pathlib import Path

import pytest

from harness.errors import MissingDependencyError
from harness.toolchain import places


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({"XDG_CACHE_HOME": "/x"}, "linux", Path("/x/jpki-harness")),
        ({"XDG_CACHE_HOME": "/x"}, "darwin", Path("/x/jpki-harness")),
        ({}, "linux", Path.home() / ".cache" / "jpki-harness"),
        ({}, "darwin", Path.home() / "Library" / "Caches" / "jpki-harness"),
        ({"LOCALAPPDATA": "/local"}, "win32", Path("/local/jpki-harness/cache")),
        ({}, "win32", Path.home() / ".cache" / "jpki-harness"),
    ],
)
def test_cache_folder(environ: dict[str, str], platform: str, expected: Path) -> None:
    assert places.cache_folder(environ, platform) == expected


def test_checkout_builds_inside_itself() -> None:
    root = places.checkout()
    assert root is not None
    assert places.build_folder() == root / "build"
    assert places.applet_sources() == root / "applet" / "src"


def test_installed_package_builds_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "harness"
    (package / "_applet" / "src").mkdir(parents=True)
    monkeypatch.setattr(places, "PACKAGE", package)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert places.checkout() is None
    assert places.build_folder() == tmp_path / "cache" / "jpki-harness" / "build"
    assert places.applet_sources() == package / "_applet" / "src"


def test_missing_applet_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "PACKAGE", tmp_path / "harness")
    with pytest.raises(MissingDependencyError, match="_applet"):
        places.applet_sources()
