"""Where files go on each system."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.errors import MissingDependencyError
from cardlab.toolchain import places
from jpki import sources


@pytest.mark.parametrize(
    ("environ", "platform", "expected"),
    [
        ({"XDG_CACHE_HOME": "/x"}, "linux", Path("/x/cardlab")),
        ({"XDG_CACHE_HOME": "/x"}, "darwin", Path("/x/cardlab")),
        ({}, "linux", Path.home() / ".cache" / "cardlab"),
        ({}, "darwin", Path.home() / "Library" / "Caches" / "cardlab"),
        ({"LOCALAPPDATA": "/local"}, "win32", Path("/local/cardlab/cache")),
        ({}, "win32", Path.home() / ".cache" / "cardlab"),
    ],
)
def test_cache_folder(environ: dict[str, str], platform: str, expected: Path) -> None:
    assert places.cache_folder(environ, platform) == expected


def test_checkout_builds_inside_itself() -> None:
    root = places.checkout()
    assert root is not None
    assert places.build_folder() == root / "build"
    assert sources.applet_sources() == root / "applet" / "src"


def test_installed_package_builds_in_the_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = tmp_path / "site-packages" / "jpki"
    (package / "_applet" / "src").mkdir(parents=True)
    monkeypatch.setattr(places, "PACKAGE", package.with_name("cardlab"))
    monkeypatch.setattr(sources, "__file__", str(package / "sources.py"))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    assert places.checkout() is None
    assert places.build_folder() == tmp_path / "cache" / "cardlab" / "build"
    assert sources.applet_sources() == package / "_applet" / "src"


def test_missing_applet_sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "PACKAGE", tmp_path / "cardlab")
    monkeypatch.setattr(sources, "__file__", str(tmp_path / "jpki" / "sources.py"))
    with pytest.raises(MissingDependencyError, match="_applet"):
        sources.applet_sources()
