"""Single faults in every instruction of every command (docs/generated/faults.md).

A run of the suite does a share that changes from run to run, and says how the same is done again.
"""

from __future__ import annotations

import json
import os
import random
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from cardlab.campaign.faults.record import FaultRecord
from cardlab.campaign.faults.runner import run_scene
from cardlab.campaign.faults.scene import FaultCampaign, Invariant, Seen
from cardlab.cli import run
from cardlab.globalplatform.constants import ISD_AID
from cardlab.iso7816.apdu import CommandApdu
from cardlab.runtime.media import Media
from cardlab.runtime.vm.faults import FaultModel
from cardlab.transport import exchange
from jpki.certificates.indicator import ContentType, parse_signed_attributes
from jpki.client import commands
from jpki.client.commands import rsa_key
from jpki.client.constants import DeviceMethod, Slot
from jpki.evidence.faults_page import EXPLANATIONS, RECORD, read_explanations, single
from jpki.evidence.tears import cap_digest
from tests.jpki.applet.cards import JpkiCard
from tests.jpki.applet.faulting.campaign import Stages, campaign
from tests.jpki.applet.faulting.single import WITHSTOOD, broken_by, scene_of
from tests.jpki.applet.tearing.scenes import Work, World
from tests.jpki.applet.tearing.views import copied
from tests.jpki.applet.tearing.worlds import PINS

ROOT = Path(__file__).resolve().parents[3]
SEED = int.from_bytes(os.urandom(2), "big")
SCENES = 3  # of a share
CASES = 400  # of each scene, about


@pytest.fixture(scope="module")
def record() -> FaultRecord:
    return FaultRecord.read(ROOT / RECORD)


@pytest.fixture(scope="module")
def opened() -> Iterator[FaultCampaign]:
    with campaign() as made:
        yield made


def test_the_record_is_of_this_applet(record: FaultRecord, opened: FaultCampaign) -> None:
    """All scenes, with today's CAP file."""
    assert not record.why_stale(cap_digest(), opened.names), "make the record anew (docs/generated/faults.md)"


@pytest.mark.slow
@pytest.mark.by_chance
def test_a_share_breaks_what_is_on_record(record: FaultRecord, opened: FaultCampaign) -> None:
    """And nothing else: each case that breaks something is known."""
    known = {one.name: {case for broken in one.broken for case in broken.cases} for one in record.scenes}
    cases = {one.name: (one.cases - record.pairs) * one.one_in for one in record.scenes}
    exhaustive = [one for one in opened.scenes if one.one_in == 1]
    for scene in random.Random(SEED).sample(exhaustive, SCENES):
        one_in = max(1, cases[scene.name] // CASES)
        sys.stdout.write(f'seed {SEED}: cardlab faults tests.jpki.applet.faulting.campaign "{scene.name}"\n')
        found = run_scene(replace(scene, one_in=one_in), seed=SEED)
        assert found.cases
        assert {case for one in found.broken for case in one.cases} <= known[scene.name], scene.name


# One for each decision, refused and allowed; those of the other slot and with other numbers are in the record.
SCENES_TO_WITHSTAND = (
    "SIGN, signing: not verified",
    "SIGN, signing: use FFFF before",
    "SIGN WITH INDICATOR, authentication: by PIN, not verified",
    "SIGN WITH INDICATOR, signing: by PIN",
    "SIGN WITH INDICATOR, proof by the other method's key",
    "SIGN WITH INDICATOR, proof for the other method",
    "SIGN WITH INDICATOR, proof without a challenge",
    "SIGN WITH INDICATOR, proof, PIN blocked",
    "SIGN WITH INDICATOR, authentication: by a phone's proof",
    "READ BINARY, signing certificate: not verified",
    "READ BINARY, authentication certificate: not verified",
    "READ BINARY, in use",
    "VERIFY, signing: wrong, all tries",
    "VERIFY, signing: wrong for the temporary one",
    "VERIFY, authentication: the temporary one",
    "CHANGE PIN, signing: not verified",
    "CHANGE PIN, signing: the first, without the temporary one",
    "CHANGE PIN, contactless",
    "CHANGE PIN, signing: too long, verified",
    "CHANGE PIN, authentication: too short, verified",
    "CHANGE PIN, authentication: other characters, verified",
    "SET PIN, signing: too long",
    "CHANGE PIN, authentication: verified",
    "CHANGE PIN, authentication: the first, after the temporary one",
    "REGISTER DEVICE KEY, not verified",
    "REGISTER DEVICE KEY, contactless",
    "REGISTER DEVICE KEY, the other method's key",
    "REGISTER DEVICE KEY, a point that is none",
    "REGISTER DEVICE KEY, in the place of another",
    "REMOVE DEVICE KEY, not verified",
    "REMOVE DEVICE KEY, one of two",
    "SET PIN, without a channel, secured class",
    "SET PIN, authentication: is set already",
    "SET PIN, authentication: the temporary one",
    "RESET PIN, with a wrong MAC",
    "RESET PIN, in a session without encryption",
    "RESET PIN, authentication: active",
    "DELETE SLOT, with a wrong MAC",
    "DELETE SLOT, authentication: in use",
    "DELETE SLOT, signing: in use",
    "STORE CERTIFICATE, without a channel, secured class",
    "STORE CERTIFICATE, no certificate at all",
    "STORE CERTIFICATE, signing certificate: one block, replaces",
    "STORE CERTIFICATE, authentication certificate: last of four blocks, replaces",
    "GENERATE KEY PAIR, without a channel, secured class",
    "GENERATE KEY PAIR, renewal of nothing",
    "READ PUBLIC KEY, in use",
    "SIGN, P-384: not verified",
    "SIGN, P-384: attributes as data",
    "SIGN, P-384, signing",
    "SIGN WITH INDICATOR, P-384: proof for the other method",
    "SIGN WITH INDICATOR, P-384: by a phone's proof",
    "GENERATE KEY PAIR, P-384: renewal",
)


def test_what_these_models_break_is_nothing(record: FaultRecord) -> None:
    """A skipped instruction, an inverted branch, a suppressed exception, another result: in no command."""
    found = {
        (scene.name, case)
        for scene in record.scenes
        for broken in scene.broken
        for case in single(broken)
        if case.partition("@")[0] in [one.value for one in WITHSTOOD]
    }
    assert found == set()


def test_what_other_models_break_is_explained(record: FaultRecord) -> None:
    """Each with its reason, and no reason without a case."""
    explanations = read_explanations(ROOT / EXPLANATIONS)
    broken = [one for scene in record.scenes for one in scene.broken if single(one)]
    assert [one.where for one in broken if not any(why.explains(one) for why in explanations)] == []
    assert [why.where for why in explanations if not any(why.explains(one) for one in broken)] == []


@pytest.mark.slow
@pytest.mark.parametrize("name", SCENES_TO_WITHSTAND)
def test_a_decision_does_not_hang_on_one_instruction(opened: FaultCampaign, name: str) -> None:
    """Where one of the applet's doubled decisions is taken away, one of these scenes gives way."""
    made = next(one for one in opened.scenes if one.name == name)
    assert [(one.where, one.invariants, one.cases) for one in broken_by(made)] == []


@pytest.mark.slow
def test_no_skipped_commit_is_answered_9000(opened: FaultCampaign) -> None:
    """Whoever is told that a PIN is set must not find it undone because its commit was skipped (Alarm.commit)."""
    made = next(one for one in opened.scenes if one.name == "CHANGE PIN, authentication: verified")
    held = {"it is told and not done": lambda seen: not seen.is_ok or seen.after == seen.undisturbed}
    found = broken_by(replace(made, invariants=held), [FaultModel.SKIP])
    assert [(one.where, one.cases) for one in found if ".Alarm." in one.where] == []


FOR_APPLICATION = 0x10  # P1 of SIGN WITH INDICATOR
LIKE_PSS = bytes(239) + b"\xbc"


@pytest.mark.slow
def test_no_fault_keeps_a_pin_verified_while_another_application_is_selected(stages: Stages) -> None:
    def prepare(jpki: JpkiCard) -> Work:
        jpki.client.verify(Slot.SIGNING, PINS[Slot.SIGNING])
        return lambda: exchange(jpki.card, CommandApdu(0x00, 0xA4, 0x04, 0x00, ISD_AID, 256))

    held: dict[str, Invariant] = {"a PIN counts as verified": lambda seen: not seen.after[Slot.SIGNING].is_verified}
    assert broken_by(replace(scene_of(stages, "SELECT", prepare), invariants=held)) == ()


@pytest.mark.slow
def test_no_fault_has_raw_data_signed_that_could_verify_as_pss(stages: Stages) -> None:
    """The look at the command and the one at what was signed (C6)."""

    def prepare(jpki: JpkiCard) -> Work:
        jpki.client.verify(Slot.SIGNING, PINS[Slot.SIGNING])
        return lambda: jpki.sw(0x80, 0x2A, 0x00, Slot.SIGNING.key_reference, LIKE_PSS, 256)

    with copied(stages.worlds.open(World.USED)[0]) as jpki:
        key = rsa_key(jpki.tsm().public_key(Slot.SIGNING)).public_numbers()

    def holds(seen: Seen) -> bool:
        block = pow(int.from_bytes(seen.data, "big"), key.e, key.n).to_bytes(256, "big")
        return len(seen.data) != len(block) or not block.endswith(LIKE_PSS)

    assert broken_by(replace(scene_of(stages, "SIGN", prepare), invariants={"they are signed": holds})) == ()


@pytest.mark.slow
def test_no_fault_has_a_phone_removed_over_contactless(stages: Stages) -> None:
    def prepare(jpki: JpkiCard) -> Work:
        jpki.reset(Media.CONTACTLESS_TYPE_A)
        jpki.client.verify(Slot.AUTHENTICATION, PINS[Slot.AUTHENTICATION])
        return lambda: jpki.sw(0x80, 0xE4, 0x00, DeviceMethod.BIOMETRIC)

    assert broken_by(scene_of(stages, "REMOVE DEVICE KEY", prepare)) == ()


_FCI = b"\x6f"  # the first byte of what SELECT answers


@pytest.mark.slow
@pytest.mark.parametrize(
    "asked", [commands.get_status(), commands.read_public_key(Slot.SIGNING, 0)], ids=["status", "key"]
)
def test_no_fault_tells_a_stranger_what_the_tsm_is_told(stages: Stages, asked: CommandApdu) -> None:
    """A fault may have the applet answer as to SELECT: that everybody is told."""
    plain = CommandApdu(0x84, asked.ins, asked.p1, asked.p2, asked.data, asked.le)
    made = scene_of(stages, "asked", lambda jpki: lambda: exchange(jpki.card, plain))
    held: dict[str, Invariant] = {"it is told": lambda seen: seen.data[:1] in (b"", _FCI)}
    assert broken_by(replace(made, invariants=held)) == ()


@pytest.mark.slow
def test_no_fault_has_the_authentication_key_sign_for_an_application(stages: Stages) -> None:
    """Both looks at what the attributes are for, and whose key it is (C3)."""

    def prepare(jpki: JpkiCard) -> Work:
        jpki.client.verify(Slot.AUTHENTICATION, PINS[Slot.AUTHENTICATION])
        return lambda: jpki.sw(0x80, 0x2E, FOR_APPLICATION, Slot.AUTHENTICATION.key_reference, bytes(range(32)), 256)

    def holds(seen: Seen) -> bool:
        claimed = parse_signed_attributes(seen.ready.attributes()) if seen.data else None
        return claimed is None or claimed.content_type is not ContentType.APPLICATION

    made = scene_of(stages, "SIGN WITH INDICATOR", prepare)
    assert broken_by(replace(made, invariants={"it is signed": holds})) == ()


STRICTER = """
from contextlib import contextmanager
from dataclasses import replace
from tests.jpki.applet.faulting.campaign import campaign as whole

@contextmanager
def campaign():
    with whole() as made:
        held = {"another answer": lambda seen: seen.answer == seen.expected}
        yield replace(made, scenes=tuple(replace(one, invariants=held) for one in made.scenes))
"""


def test_the_command_line(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    """One scene with one model, asked for more than it can hold: record, page, and a case that it names again."""
    module, scene = tmp_path / "stricter.py", "SIGN, signing: not verified"
    module.write_text(STRICTER, encoding="utf-8")
    record, html = tmp_path / "faults.json", tmp_path / "faults.html"
    wanted = ["faults", str(module), scene, "--model", "invert", "--record", str(record), "--html", str(html), "--json"]
    assert run(wanted) == 1
    found = json.loads(capsys.readouterr().out)
    broken = next(one for one in found["scenes"][0]["broken"] if "Pin.java" in one["where"])
    assert [one.name for one in FaultRecord.read(record).scenes] == [scene]
    assert "Pin.java" in html.read_text(encoding="utf-8")
    assert run(["faults", str(module), scene, "--case", broken["cases"][0]]) == 1
    said = capsys.readouterr().out
    assert "broken" in said
    assert "another answer" in said
    assert run(["faults", str(module), scene, "--case", "invert@100000"]) == 2
    assert run(["faults", str(module), "no such scene"]) == 2
    assert run(["faults", "no.such.module"]) == 2
