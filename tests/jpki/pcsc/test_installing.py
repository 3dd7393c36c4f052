"""``jpki card install`` and what follows it, on a card in a reader, by each installer (D2)."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.errors import MissingDependencyError
from cardlab.globalplatform.host.gppro.program import find_gp
from cardlab.globalplatform.host.installer import InstallerKind
from cardlab.reader.daemon import PrivateDaemon
from cardlab.transport.pcsc import PcscTransport
from jpki.cli import run
from jpki.client.constants import INSTANCE_AID, PACKAGE_AID
from jpki.client.user import JpkiClient
from jpki.package import jpki_library
from tests.jpki.pcsc.conftest import Insert


@pytest.fixture(params=list(InstallerKind))
def installer(request: pytest.FixtureRequest) -> str:
    """Both; GlobalPlatformPro only where it is, as it cannot be installed."""
    if request.param is InstallerKind.GP:
        try:
            find_gp()
        except MissingDependencyError as error:
            pytest.skip(f"{error}; {error.hint}")
    return str(request.param)


def test_install_use_and_delete(
    installer: str, pcscd: PrivateDaemon, insert: Insert, capsys: pytest.CaptureFixture[str]
) -> None:
    """D2."""
    options = ["--card", f"pcsc:{pcscd.readers[0]}", "--keys", "test", "--installer", installer, "--json"]

    def listed() -> set[str]:
        capsys.readouterr()
        assert run(["card", "content", *options]) == 0
        return {entry["aid"] for entry in json.loads(capsys.readouterr().out)["registry"]}

    with SimulatedCard(seed=2, classes=jpki_library()) as card:
        insert(card)
        before = listed()
        assert run(["card", "install", *options]) == 0
        assert json.loads(capsys.readouterr().out)["state"] == "SELECTABLE"
        assert listed() == before | {PACKAGE_AID.hex().upper(), INSTANCE_AID.hex().upper()}
        with PcscTransport.open(pcscd.readers[0]) as transport:
            client = JpkiClient(transport)
            client.select()
            assert client.token_information().label == "JPKIAPGPSETOKEN"
        assert run(["card", "delete", *options]) == 0
        assert listed() == before


def test_an_empty_reader(installer: str, pcscd: PrivateDaemon, capsys: pytest.CaptureFixture[str]) -> None:
    card = f"pcsc:{pcscd.readers[1]}"
    assert run(["card", "install", "--card", card, "--keys", "test", "--installer", installer]) == 6
    assert "put a card into the reader" in capsys.readouterr().err


def test_a_reader_that_is_not_there(installer: str, pcscd: PrivateDaemon, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["card", "content", "--card", "pcsc:Absent", "--keys", "test", "--installer", installer]) == 6
    assert "there is no reader 'Absent'" in capsys.readouterr().err


def test_globalplatformpro_is_preferred(
    pcscd: PrivateDaemon,
    insert: Insert,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    options = ["--card", f"pcsc:{pcscd.readers[0]}", "--keys", "test", "--json"]
    try:
        preferred = f"GlobalPlatformPro {find_gp().version_text}"
    except MissingDependencyError:
        preferred = "the built-in client"
    with SimulatedCard(seed=4) as card:
        insert(card)
        assert run(["card", "content", *options]) == 0
        assert json.loads(capsys.readouterr().out)["installer"] == preferred
        monkeypatch.setenv("GP_JAR", str(tmp_path / "none.jar"))
        assert run(["card", "content", *options]) == 0  # one that cannot be used is no obstacle unless it was asked for
        assert json.loads(capsys.readouterr().out)["installer"] == "the built-in client"
        assert run(["card", "content", *options, "--installer", "gp"]) == MissingDependencyError.exit_code
