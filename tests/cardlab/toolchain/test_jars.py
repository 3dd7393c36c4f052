"""Jars are those that were locked, or the build stops."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from cardlab.errors import HarnessError, IntegrityError, MissingDependencyError
from cardlab.toolchain import jars

COORDINATE = "org.example:thing:1.2:extra"
PLACE = Path("org/example/thing/1.2/thing-1.2-extra.jar")


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    """A lock file with one jar, whose content is ``good``."""
    path = tmp_path / "lock.json"
    digest = hashlib.sha256(b"good").hexdigest()
    path.write_text(json.dumps({"thing": {"coordinate": COORDINATE, "sha256": digest}}))
    return path


@pytest.fixture
def m2(tmp_path: Path) -> Path:
    """An empty Maven repository."""
    return tmp_path / "m2"


def put(m2: Path, content: bytes) -> Path:
    path = m2 / PLACE
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    return path


def test_cached_jar_is_used_where_maven_keeps_it(lock: Path, m2: Path) -> None:
    path = put(m2, b"good")
    assert jars.jar("thing", lock=lock, environ={"M2_REPO": str(m2)}) == path


def test_wrong_hash_stops_and_names_jar_expected_and_actual(lock: Path, m2: Path) -> None:
    path = put(m2, b"evil")
    with pytest.raises(IntegrityError) as caught:
        jars.jar("thing", lock=lock, environ={"M2_REPO": str(m2)})
    message = str(caught.value)
    assert COORDINATE in message
    assert f"expected {hashlib.sha256(b'good').hexdigest()}" in message
    assert f"actual {hashlib.sha256(b'evil').hexdigest()}" in message
    assert str(path) in caught.value.hint
    assert caught.value.exit_code == 4


def test_hash_is_checked_on_every_use(lock: Path, m2: Path) -> None:
    path = put(m2, b"good")
    jars.jar("thing", lock=lock, environ={"M2_REPO": str(m2)})
    path.write_bytes(b"evil")
    with pytest.raises(IntegrityError):
        jars.jar("thing", lock=lock, environ={"M2_REPO": str(m2)})


def test_downloaded_jar_with_a_wrong_hash_is_never_kept(lock: Path, m2: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def evil(coordinate: str, folder: Path) -> Path:
        path = folder / "download.jar"
        path.write_bytes(b"evil")
        return path

    monkeypatch.setattr(jars, "download", evil)
    with pytest.raises(IntegrityError, match="SHA-256"):
        jars.jar("thing", lock=lock, environ={"M2_REPO": str(m2)})
    assert [one for one in m2.rglob("*") if one.is_file()] == []


def test_unreachable_repository_says_what_and_where(
    lock: Path, m2: Path, home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with pytest.raises(MissingDependencyError) as caught:
        jars.jar("thing", lock=lock, environ={"M2_REPO": str(m2)})
    assert COORDINATE in str(caught.value)
    assert "\n" not in str(caught.value)
    assert str(m2 / PLACE) in caught.value.hint
    assert caught.value.exit_code == 3


def test_unknown_name(lock: Path) -> None:
    with pytest.raises(HarnessError, match="'nothing'"):
        jars.jar("nothing", lock=lock)


@pytest.mark.parametrize("content", ["", "[]", '{"a": {}}', '{"a": 1}'])
def test_damaged_lock_file(tmp_path: Path, content: str) -> None:
    path = tmp_path / "lock.json"
    path.write_text(content)
    with pytest.raises(IntegrityError, match=r"lock\.json"):
        jars.read_lock(path)


def test_every_locked_jar_has_a_whole_hash() -> None:
    locked = jars.read_lock()
    assert {"jcardsim", "ecj", "jacoco-agent", "jacoco-cli"} <= locked.keys()
    assert all(len(bytes.fromhex(one.sha256)) == 32 for one in locked.values())
