"""``jpki timing`` measures the card in a reader (F1), once it was named, and leaves nothing on it."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.card.card import SimulatedCard
from cardlab.card.config import CardConfig
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.reader.daemon import PrivateDaemon
from jpki.client.constants import PACKAGE_AID
from jpki.package import jpki_library
from tests.jpki.pcsc.conftest import Insert

KEY = bytes(range(0x20, 0x30))


@pytest.mark.slow
def test_the_card_in_a_reader_is_measured(
    pcscd: PrivateDaemon, insert: Insert, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    from jpki.cli import run

    keys = tmp_path / "keys"
    keys.write_text(KEY.hex())
    config = replace(CardConfig(), keys=StaticKeys(KEY, KEY, KEY))
    with SimulatedCard(config, classes=jpki_library(), seed="in a reader") as card:
        insert(card)
        command = ["timing", "--runs", "1", "--flow", "sign", "--json"]
        command += ["--card", f"pcsc:{pcscd.readers[0]}", "--keys", f"file:{keys}"]
        assert run(command) == 2
        named = re.search(r"--destructive (\S+)", capsys.readouterr().err)
        assert named
        assert run([*command, "--destructive", named[1]]) == 0
        facts = json.loads(capsys.readouterr().out)
        assert facts["conditions"][0].endswith(f"card pcsc:{pcscd.readers[0]}")
        assert facts["flows"][0]["traffic"]["apdus"] == 10
        client = GlobalPlatformClient(card)
        client.select()
        client.authenticate(config.keys)
        assert client.registry().find(PACKAGE_AID) is None
