"""``javacard_api``: sources for a Java Card version, compiled against its stubs, on a card that has it."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.cap.container import Component
from cardlab.card.card import SimulatedCard
from cardlab.card.config import DEFAULT_KEYS, CardConfig
from cardlab.errors import UsageError
from cardlab.globalplatform.host.client import GlobalPlatformClient
from cardlab.globalplatform.installation import Installation
from cardlab.pytest_plugin.applet import Applet
from cardlab.pytest_plugin.build import build
from cardlab.toolchain.compile import CompileError
from cardlab.toolchain.executable import Executable

AID = "F00000000301"
SOURCE = """\
package modern;

import javacard.framework.APDU;
import javacard.framework.Applet;
import javacard.security.NamedParameterSpec;

public final class Modern extends Applet {
    private final NamedParameterSpec curve = NamedParameterSpec.getInstance(NamedParameterSpec.X25519);

    public static void install(byte[] array, short offset, byte length) {
        new Modern().register();
    }

    public void process(APDU apdu) {
        short number = 0b1;  // Java 7
        apdu.getBuffer()[0] = (byte) (curve.getName() + number);
        if (!selectingApplet()) {
            apdu.setOutgoingAndSend((short) 0, (short) 1);
        }
    }
}
"""


@pytest.fixture
def sources(tmp_path: Path) -> Path:
    """A folder with an applet that needs Java Card 3.1."""
    file = tmp_path / "src" / "modern" / "Modern.java"
    file.parent.mkdir(parents=True)
    file.write_text(SOURCE, encoding="utf-8")
    return file.parent.parent


@pytest.mark.parametrize("api", ["3.1", "3.2.0"])
def test_sources_for_a_newer_version_run_on_its_card(api: str, sources: Path) -> None:
    applet = Applet.create(sources=sources, class_name="modern.Modern", aid=AID, api=api)
    (made,) = build([applet])
    assert isinstance(made, Executable)
    assert made.java_card == api.removesuffix(".0")
    assert made.converted.components[Component.HEADER][7] == 3  # CAP format 2.3
    card = SimulatedCard(CardConfig.of_profile(f"java-card-{made.java_card}"), seed=1, runtime="vm")
    host = GlobalPlatformClient(card)
    host.select()
    host.authenticate(DEFAULT_KEYS)
    host.load(made.aid, made.data_block)
    host.install(Installation(made.aid, applet.aid, applet.aid))
    card.transmit(b"\0\xa4\4\0\6" + applet.aid)
    assert card.transmit(bytes.fromhex("8000000000")) == bytes.fromhex("049000")  # 259 + 1


def test_the_usual_version_does_not_compile_them(sources: Path) -> None:
    with pytest.raises(CompileError, match="NamedParameterSpec") as refused:
        build([Applet.create(sources=sources, class_name="modern.Modern", aid=AID)])
    assert refused.value.hint is not None
    assert "javacard.security.NamedParameterSpec; Java Card 3.1 has it" in refused.value.hint
    assert "Java 1.7; Java Card 3.0.5 has it: javacard_api chooses" in refused.value.hint


def test_a_version_that_nobody_knows_is_refused(sources: Path) -> None:
    with pytest.raises(UsageError, match=r"no token tables of Java Card 4\.0; there are 3\.0\.4"):
        Applet.create(sources=sources, class_name="modern.Modern", aid=AID, api="4.0")
