"""What tests and settings say, value by value: seeds, AIDs, parameters, commands. No run of pytest is needed for it."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from hypothesis import settings

from cardlab import pytest_plugin
from cardlab.errors import UsageError
from cardlab.pytest_plugin import arguments
from cardlab.pytest_plugin.applet import Applet, Library
from cardlab.pytest_plugin.configured import applet_of, values_of
from cardlab.pytest_plugin.made import Made
from cardlab.pytest_plugin.repeatable import repeat_examples
from cardlab.pytest_plugin.run import Run
from cardlab.pytest_plugin.seeds import Seeds, show
from cardlab.pytest_plugin.settings import SETTINGS, Form
from cardlab.pytest_plugin.warned import JavaCardWarning
from cardlab.runtime.torn import TornCell

PURSE = {"class_name": "com.example.purse.Purse", "sources": "src", "aid": "F00000000101"}


# -- seeds -------------------------------------------------------------------------------------------------------------


def test_a_seed_follows_from_the_name_of_the_test() -> None:
    expected = int.from_bytes(sha256(b"test_a.py::test_it").digest()[:8], "big")
    assert [Seeds.parse("").seed("test_a.py::test_it", number) for number in (0, 1, 31)] == [
        expected,
        expected + 1,
        expected + 31,
    ]
    assert Seeds.parse("").seed("test_a.py::test_other", 0) != expected


def test_a_given_seed_is_the_same_for_every_test() -> None:
    assert Seeds.parse("1f").seed("one", 0) == Seeds.parse("1F").seed("two", 0) == 0x1F
    assert Seeds.parse("0").seed("one", 0) == 0
    last = Seeds.parse("f" * 16)
    assert (last.seed("one", 0), last.seed("one", 1), last.seed("one", 2)) == (2**64 - 1, 0, 1)


def test_random_ones_differ_from_run_to_run_and_hold_for_the_whole_run() -> None:
    one, other = Seeds.parse("random"), Seeds.parse("random")
    assert one.seed("test", 0) == one.seed("test", 0) != other.seed("test", 0)
    assert one.seed("test", 0) != Seeds.parse("").seed("test", 0)


@pytest.mark.parametrize("text", ["xyz", "-1", "1" + "0" * 16, "f" * 17, "1.5"])
def test_what_is_no_seed(text: str) -> None:
    with pytest.raises(UsageError, match=f"--card-seed {text} is no seed") as refused:
        Seeds.parse(text)
    assert "up to 16 hexadecimal digits" in str(refused.value.hint)


def test_a_seed_is_shown_as_it_is_given() -> None:
    assert (show(1), show(2**64 - 1)) == ("0000000000000001", "f" * 16)
    assert Seeds.parse(show(0xABC)).seed("test", 0) == 0xABC


# -- the applet --------------------------------------------------------------------------------------------------------


def applet(**values: object) -> Applet:
    return Applet.create(**{**PURSE, **values})  # type: ignore[arg-type]


def test_what_follows_when_nothing_else_is_said(tmp_path: Path) -> None:
    made = applet(base=tmp_path)
    assert made.sources == (tmp_path / "src",)
    assert (made.aid.hex(), made.package_aid.hex(), made.parameters) == ("f00000000101", "f000000001", b"")
    assert (made.secrets, made.cap, made.packages, made.exports, made.api) == ((), None, (), (), "3.0.4")
    assert str(made) == "com.example.purse.Purse (F00000000101)"


@pytest.mark.parametrize(("aid", "package"), [("F000000001", "F00000000100"), ("F0" * 16, "F0" * 15)])
def test_the_package_of_an_applet(aid: str, package: str) -> None:
    """One byte less, or one more where there is none to spare."""
    assert applet(aid=aid).package_aid == bytes.fromhex(package)


@pytest.mark.parametrize("length", [1, 4, 17])
def test_aids_of_a_wrong_length(length: int) -> None:
    text = "F0" * length
    with pytest.raises(UsageError, match=f"aid {text} has {length} byte"):
        applet(aid=text)
    with pytest.raises(UsageError, match=f"package_aid {text} has {length} byte"):
        applet(package_aid=text)
    with pytest.raises(UsageError, match=f"package lib: AID {text} has {length} byte"):
        Library.parse(f"lib={text}", Path())


def test_an_applet_and_its_package_have_one_provider() -> None:
    assert applet(package_aid="F00000000199").package_aid.hex() == "f00000000199"
    with pytest.raises(UsageError, match="differ in their first five bytes"):
        applet(package_aid="F00000000201")
    with pytest.raises(UsageError, match="package_aid and aid are both F00000000101"):
        applet(package_aid="F00000000101")


def test_as_many_parameters_as_install_takes() -> None:
    assert applet(parameters=bytes(255)).parameters == bytes(255)
    assert applet(parameters="0102").parameters == b"\1\2"
    with pytest.raises(UsageError, match="parameters has 256 bytes"):
        applet(parameters=bytes(256))


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"aid": "F0xx"}, "aid 'F0xx' is not hexadecimal"),
        ({"aid": 7}, "aid 7 is of the wrong kind"),
        ({"parameters": 7}, "parameters 7 is of the wrong kind"),
        ({"package_aid": ["F0"]}, "package_aid ['F0'] is of the wrong kind"),
        ({"class_name": 7}, "class_name 7 is of the wrong kind"),
        ({"sources": [7]}, "sources 7 is of the wrong kind"),
        ({"sources": 7}, "sources 7 is of the wrong kind"),
        ({"secrets": [7]}, "secrets 7 is of the wrong kind"),
        ({"secrets": 7}, "secrets 7 is of the wrong kind"),
        ({"packages": [7]}, "packages 7 is of the wrong kind"),
        ({"exports": "nowhere"}, "there are no export files at"),
        ({"api": "4.0"}, "there are no token tables of Java Card 4.0"),
    ],
)
def test_values_of_the_wrong_kind(values: dict[str, object], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        applet(**values)
    assert str(refused.value).startswith(said)
    assert refused.value.hint


def test_one_of_several_needs_no_brackets(tmp_path: Path) -> None:
    for one in ("src", Path("src"), ["src"], [Path("src")]):
        assert applet(sources=one, base=tmp_path).sources == (tmp_path / "src",)
    assert applet(sources=["a", "b"], base=tmp_path).sources == (tmp_path / "a", tmp_path / "b")
    assert applet(secrets="8030").secrets == applet(secrets=["8030"]).secrets == ("8030",)
    known = applet(packages=["lib.cap", "x=F00000000401"], exports=["."], base=tmp_path)
    assert known.packages == (Library(tmp_path / "lib.cap"), Library(tmp_path / "x", bytes.fromhex("F00000000401")))
    assert known.exports == (tmp_path,)


def test_which_package_is_a_cap_file() -> None:
    kinds = {text: Library.parse(text, Path()).is_cap for text in ("a.cap", "A.CAP", "a.jar", "a.zip", "src", "a.java")}
    assert kinds == {"a.cap": True, "A.CAP": True, "a.jar": True, "a.zip": True, "src": False, "a.java": False}
    assert Library.parse(Path("a=b"), Path("/base")) == Library(Path("/base/a=b"))


# -- commands ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [b"\1\2", bytearray(b"\1\2"), memoryview(b"\1\2"), [1, 2], (1, 2), range(1, 3)])
def test_what_stands_for_bytes(data: arguments.Octets) -> None:
    made = arguments.command(0x80, 0x30, 1, 2, data, 256)
    assert (made.cla, made.ins, made.p1, made.p2, made.data, made.le) == (0x80, 0x30, 1, 2, b"\1\2", 256)
    assert arguments.command(0x80, 0x30, 1, 2, data, None).le is None


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ("0102", "data='0102' is text: write bytes.fromhex('0102') for hexadecimal, '0102'.encode() for characters"),
        ("PIN", "data='PIN' is text: write 'PIN'.encode()"),
        (0, "data=0 is no sequence of bytes: write bytes([0])"),
        (255, "data=255 is no sequence of bytes: write bytes([255])"),
        (256, "data=256 is no sequence of bytes: write bytes([1, 2])"),
        (-1, "data=-1 is no sequence of bytes: write bytes([1, 2])"),
        (None, 'data=None is no sequence of bytes: write b"" for none'),
        ([256], "data=[256] holds what is no byte"),
        ([None], "data=[None] holds what is no byte"),
    ],
)
def test_what_does_not(value: object, said: str) -> None:
    with pytest.raises(UsageError) as refused:
        arguments.octets("data", value)
    assert str(refused.value).startswith(said)


@pytest.mark.parametrize("name", ["cla", "ins", "p1", "p2", "le"])
@pytest.mark.parametrize(("value", "meant"), [("30", "0x30"), ("-", "a number like 0x80"), (True, "a number like")])
def test_numbers_are_numbers(name: str, value: object, meant: str) -> None:
    given: dict[str, object] = {"cla": 0, "ins": 0, "p1": 0, "p2": 0, "le": 1} | {name: value}
    with pytest.raises(UsageError) as refused:
        arguments.command(data=b"", **given)  # type: ignore[arg-type]
    assert str(refused.value).startswith(f"{name}={value!r} is no number: write {meant}")


@pytest.mark.parametrize("name", ["cla", "ins", "p1", "p2"])
def test_numbers_fit_a_byte(name: str) -> None:
    for value in (-1, 256):
        with pytest.raises(UsageError, match=f"{name} is {value}"):
            arguments.command(data=b"", le=None, **({"cla": 0, "ins": 0, "p1": 0, "p2": 0} | {name: value}))


def test_status_words_and_torn_cells_say_what_to_write() -> None:
    assert arguments.expected_status("63Cx").allows(0x63C2)
    with pytest.raises(UsageError, match="0x19000 is no status word"):
        arguments.expected_status(0x19000)
    assert arguments.torn_cell("old") is arguments.torn_cell(TornCell.OLD) is TornCell.OLD
    with pytest.raises(UsageError, match=r"torn='half'.*old, new, random"):
        arguments.torn_cell("half")


# -- settings ----------------------------------------------------------------------------------------------------------

WRITTEN: tuple[tuple[object, set[str]], ...] = (
    ("text", {"TEXT", "NUMBER"}),
    (7, {"NUMBER"}),
    (True, {"TRUTH"}),
    (1.5, set()),
    (None, set()),
    ([], {"WORDS", "LINES"}),
    (["a", "b"], {"WORDS", "LINES"}),
    (("a",), {"WORDS", "LINES"}),
    (["a", 1], set()),
    ({"a": 1}, set()),
)


@pytest.mark.parametrize(("value", "forms"), WRITTEN, ids=[repr(value) for value, _ in WRITTEN])
def test_what_may_stand_for_a_setting(value: object, forms: set[str]) -> None:
    assert {form.name for form in Form if form.fits(value)} == forms


def test_which_settings_are_looked_at_before_any_test_runs() -> None:
    assert {one.name for one in SETTINGS if one.of_run} == {
        "javacard_api",
        "javacard_runtime",
        "javacard_budget",
        "javacard_profile",
        "javacard_card",
    }
    assert all(one.about for one in SETTINGS)


# -- the card ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "said"),
    [
        (["commit_capacity"], "'commit_capacity' sets nothing of a card"),
        (["commit_capacity=x"], "'x' is no number"),
        (["nothing=1"], "nothing"),
    ],
)
def test_values_of_a_card_that_are_none(values: list[str], said: str) -> None:
    with pytest.raises(UsageError) as refused:
        _ = Made.of_settings("", "", values).config
    assert said in str(refused.value)


def test_values_of_a_card() -> None:
    assert Made.of_settings("", "", ()).config is None
    assert Made.of_settings("", "", ()).medium is None
    made = Made.of_settings("smartcafe-7", "3.0.5", [" commit_capacity = 300 ", "medium=type-a"])
    assert made.config is not None and made.medium is not None
    assert (made.config.profile, made.config.platform.commit_capacity) == ("smartcafe-7", 300)
    assert (made.config.java_card, made.medium.name) == ("3.0.4", "CONTACTLESS_TYPE_A"), (
        "the profile's, not the applet's"
    )
    of_api = Made.of_settings("", "3.0.5", ()).config
    assert of_api is not None and of_api.java_card == "3.0.5"


def marked(*markers: pytest.MarkDecorator) -> pytest.Item:
    """A test with these markers, the closest first."""
    found = SimpleNamespace(iter_markers=lambda name: (one.mark for one in markers if one.mark.name == name))
    found.path = Path("/tests/test_it.py")
    return found  # type: ignore[return-value]


def test_markers_of_a_card_over_each_other() -> None:
    mark = pytest.mark.javacard_profile
    run = Made.of_settings("", "", ["commit_capacity=300"])
    outer, inner = mark("smartcafe-7", transient_reset=4000, flag=True), mark("feitian-a22cr", persistent=1)
    assert run.of_test(None) == run.of_test(marked()) == run
    made = run.of_test(marked(inner, outer))
    assert (made.profile, made.settings) == ("feitian-a22cr", {"commit_capacity": "300"})
    assert made.values == {"persistent": "1"}, "those beside another profile are forgotten"
    assert run.of_test(marked(mark(one=2), outer)).values == {"transient_reset": "4000", "flag": "true", "one": "2"}
    for wrong, said in ((mark("a", "b"), "names one profile"), (mark(5), "a profile has a name")):
        with pytest.raises(UsageError, match=said):
            run.of_test(marked(wrong))


# -- the applet under test ---------------------------------------------------------------------------------------------


def told(**written: object) -> dict[str, object]:
    """What settings say in the folder /project."""
    values: dict[str, object] = {one.name: [] if one.form in (Form.WORDS, Form.LINES) else "" for one in SETTINGS}
    return values_of(
        lambda name: (values | {f"javacard_{key}": one for key, one in written.items()})[name], Path("/project")
    )


def test_what_settings_say_of_it() -> None:
    assert told() == {}
    assert told(sources=["src", "more"], class_name="") == {"sources": (Path("/project/src"), Path("/project/more"))}
    assert told(cap="a.cap") == {"cap": Path("/project/a.cap")}
    assert told(packages=["lib=F00000000401"], exports=["exp"]) == {
        "packages": ("/project/lib=F00000000401",),
        "exports": (Path("/project/exp"),),
    }
    assert told(**{"class": "A"}, aid="F0", package_aid="F1", parameters="01", secrets=["8030"], api="3.1") == {
        "class_name": "A",
        "aid": "F0",
        "package_aid": "F1",
        "parameters": "01",
        "secrets": ("8030",),
        "api": "3.1",
    }


def test_what_is_missing_of_it() -> None:
    with pytest.raises(UsageError, match="no applet is named to install on the card"):
        applet_of({})
    with pytest.raises(UsageError, match="the applet under test lacks class_name and aid"):
        applet_of({"sources": ("src",)})
    with pytest.raises(UsageError, match="is a CAP file, and class_name of sources"):
        applet_of({"cap": Path("a.cap"), "class_name": "A", "aid": "F0"})


# -- examples that repeat ----------------------------------------------------------------------------------------------


def test_examples_repeat_and_are_as_many_as_before() -> None:
    """What is recorded is asked for again in the same order; nothing that was found earlier comes in between."""
    before, profile = settings(), settings.get_current_profile_name()
    try:
        repeat_examples()
        assert (settings().derandomize, settings().database) == (True, None)
        assert (settings().max_examples, settings().deadline) == (before.max_examples, before.deadline)
    finally:
        settings.load_profile(profile)
    assert settings().derandomize is before.derandomize


# -- warnings ----------------------------------------------------------------------------------------------------------


def warned(*messages: str, strict: bool, failed: bool = False) -> list[str]:
    """What a test's list of warnings has afterwards; pytest makes errors of them where a project wants that."""
    run, listed = Run.__new__(Run), list[str]()
    run._config = SimpleNamespace(getini=lambda _: strict)  # type: ignore[assignment]
    run.source = SimpleNamespace(take_warnings=lambda: messages)  # type: ignore[assignment]

    def warn(warning: JavaCardWarning) -> None:
        listed.append(str(warning))
        if strict or "error" in str(warning):
            raise warning

    run.warn(SimpleNamespace(warn=warn), failed=failed)  # type: ignore[arg-type]
    return listed


def test_warnings_that_are_errors_fail_a_test_in_words_that_name_all() -> None:
    assert warned("one", "other", strict=False) == ["one", "other"]
    assert warned("one", strict=True, failed=True) == ["one"], "it has failed for a reason of its own"
    with pytest.raises(pytest.fail.Exception) as refused:
        warned("one", "other", strict=True)
    assert str(refused.value) == "one (javacard_strict)\nother (javacard_strict)"
    assert not refused.value.pytrace
    with pytest.raises(pytest.fail.Exception, match=r"^an error$"):
        warned("one", "an error", strict=False)


# -- the end of a test -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("failed", [False, True])
def test_a_test_that_passed_has_asked_for_all_that_was_recorded(failed: bool) -> None:
    """One that failed has said why."""
    asked: list[bool] = []
    run: Any = SimpleNamespace(source=SimpleNamespace(check_finished=lambda: asked.append(True)))
    item: Any = SimpleNamespace(config=SimpleNamespace(stash=pytest.Stash()), stash=pytest.Stash())
    item.config.stash[pytest_plugin._RUN], item.stash[pytest_plugin._FAILED] = run, failed
    ending = pytest_plugin.pytest_runtest_teardown(item)
    next(ending)
    assert asked == [], "only when its fixtures are done"
    with pytest.raises(StopIteration):
        ending.send(None)
    assert asked == [True] * (not failed)
