"""Mutants by operators: what is chosen, shown, recorded, explained; which tests are tried first."""

from __future__ import annotations

from pathlib import Path

import pytest

from cardlab.campaign.mutate.campaign import Result
from cardlab.campaign.mutate.choices import Choices, Lines
from cardlab.campaign.mutate.covering import Covering
from cardlab.campaign.mutate.explained import Sample, read_explanations, read_sample, stale
from cardlab.campaign.mutate.messages import Outcome, Tried
from cardlab.campaign.mutate.mutation import Edit, Identity, Mutation, Operator, numbered, shown
from cardlab.campaign.mutate.pool import shares
from cardlab.campaign.mutate.record import Fate, MutationRecord, Run
from cardlab.campaign.mutate.report import Figures, Report, page_lines
from cardlab.campaign.mutate.settings import Settings
from cardlab.errors import IntegrityError, UsageError

LESS = Identity("Pin.java", "Pin.check", "comparison", "if (a < b)", "if (a <= b)")
SWAP = Identity("Pin.java", "Pin.set", "order", "a(); b();", "b(); a();")
FILE = "/src/a/b/Pin.java"


def mutation(identity: Identity = LESS, first: int = 10, last: int = 10, **more: object) -> Mutation:
    return Mutation(identity, FILE, (Edit(0, 1, "x"),), (first, last), **more)  # type: ignore[arg-type]


# -- what people see ---------------------------------------------------------------------------------------------------


def test_a_change_is_shown_in_its_statement() -> None:
    text = "x;  if (a\n  < b)  y;"
    at = text.index("<")
    assert shown(text, 4, text.index(")") + 1, [Edit(at, at + 1, "<=")]) == ("if (a < b)", "if (a <= b)")


def test_of_a_long_statement_what_is_around_the_change_is_shown() -> None:
    text = "table = {" + "1, " * 50 + "7, " + "2, " * 50 + "};"
    at = text.index("7")
    original, mutated = shown(text, 0, len(text), [Edit(at, at + 1, "6")])
    assert original == "… " + ("1, " * 20) + "7" + (", 2" * 20) + " …"
    assert mutated == original.replace("7", "6")


def test_long_texts_of_which_all_changes_are_told_apart() -> None:
    one, other = ("".join(f"{call}({n}); " for n in range(80)) for call in ("a", "b"))
    first, second = (shown(text, 0, len(text), [Edit(0, len(text), ";")]).original for text in (one, other))
    assert first != second
    assert max(len(first), len(second)) < 250


def test_equal_ones_have_numbers() -> None:
    assert [one.number for one in numbered([LESS, SWAP, LESS])] == [1, 1, 2]


def test_edits_do_not_move_each_other() -> None:
    both = Mutation(LESS, FILE, (Edit(0, 1, "long"), Edit(2, 3, "")), (1, 1))
    assert both.applied("a b c") == "long  c"


# -- choices -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "has"), [("Pin.java", True), ("Pin.java:10", True), ("Pin.java:11-20", False), ("Pan.java:10", False)]
)
def test_lines_choose(text: str, has: bool) -> None:
    assert Lines.parse(text).has(mutation()) is has


@pytest.mark.parametrize("text", ["Pin", "Pin.java:", "Pin.java:a", "Pin.java:1-"])
def test_lines_that_are_none(text: str) -> None:
    with pytest.raises(UsageError, match="names no lines"):
        Lines.parse(text)


def test_a_sample_is_drawn_by_its_seed_whatever_else_there_is() -> None:
    """So a hunt that was ended has a sample of all, and a larger one goes on with it."""
    many = [mutation(LESS._replace(number=number)) for number in range(100)]
    drawn = Choices(sample=10, seed=5).of(many)
    assert drawn == Choices(sample=10, seed=5).of(many)
    assert drawn != Choices(sample=10, seed=6).of(many)
    assert len(drawn) == 10
    assert [many.index(one) for one in drawn] == sorted(many.index(one) for one in drawn)
    order = Choices(seed=5).drawn(many)
    assert {one.identity for one in order[:10]} == {one.identity for one in drawn}
    assert Choices(seed=5).drawn(many[20:]) == [one for one in order if one in many[20:]]


def test_shares_of_tests_take_about_as_long_and_keep_the_order() -> None:
    seconds = {"a": 1.0, "b": 1.0, "c": 2.0, "d": 0.0, "e": 4.0}
    assert list(shares("xabcde", seconds, 2)) == [("a", "b", "c"), ("d", "e")]
    assert list(shares("ab", {"a": 0.0, "b": 0.0}, 2)) == [("a", "b")]
    assert list(shares("abcde", seconds, 1)) == [tuple("abcde")]


def test_operators_choose_and_nothing_is_an_error() -> None:
    assert Choices(operators=(Operator.ORDER,)).of([mutation(), mutation(SWAP)]) == [mutation(SWAP)]
    with pytest.raises(UsageError, match="no such mutant"):
        Choices(operators=(Operator.CALL,)).of([mutation()])


# -- tests that may notice it ------------------------------------------------------------------------------------------


@pytest.fixture
def covering() -> Covering:
    made = Covering()
    made.add(Tried("slow", 2.0, True, (("a/b/Pin.java", 10), ("a/b/Pin.java", 14))))
    made.add(Tried("quick", 0.1, True, (("a/b/Pin.java", 10),)))
    made.add(Tried("elsewhere", 0.1, True, (("a/b/Pin.java", 30), ("a/Pin.java", 10))))
    return made


def test_only_tests_that_execute_it_are_run_the_quick_first(covering: Covering) -> None:
    assert covering.tests(mutation()) == ("quick", "slow")


def test_who_noticed_a_neighbour_comes_first_and_who_noticed_it_before_them(covering: Covering) -> None:
    covering.killed(mutation(LESS._replace(number=2)), "slow")
    assert covering.tests(mutation()) == ("slow", "quick")
    assert covering.tests(mutation(), first="quick") == ("quick", "slow")


def test_a_line_without_code_belongs_to_its_neighbours(covering: Covering) -> None:
    assert covering.tests(mutation(first=12, last=12)) == ("quick", "slow")


def test_a_constant_is_where_it_is_used(covering: Covering) -> None:
    constant = mutation(first=100, last=100, places=((FILE, 30),), in_field=True)
    assert covering.tests(constant) == ("elsewhere",)


def test_what_nothing_executes_is_hunted_by_all(covering: Covering) -> None:
    far = mutation(LESS._replace(number=2), first=100, last=100)
    assert set(covering.tests(far)) == {"slow", "quick", "elsewhere"}
    assert covering.unreached([mutation(), far]) == {far.identity}


def test_a_report_tells_weak_tests_from_missing_ones() -> None:
    near, far = mutation(), mutation(LESS._replace(number=2), first=100, last=100)
    fates = {one.identity: Fate(Outcome.SURVIVED) for one in (near, far)}
    result = Result((near, far), (near, far), MutationRecord(fates=fates), unreached=frozenset([far.identity]))
    told, lines = Report(result, {}).as_json(), list(Report(result, {}).lines())
    assert [one["unreached"] for one in told["survivors"]] == [False, True]
    assert [one.endswith(", where no test comes") for one in lines if " in " in one and ":" in one][:2] == [False, True]
    assert lines[-1] == "1 of the 2 survivors stand where no test comes"


# -- records -----------------------------------------------------------------------------------------------------------

RUN = Run("5f", "7e", "2026-11-27", "aa")


def record() -> MutationRecord:
    other = Identity("Pin.java", "Pin.set", "constant", "x = 1;", 'x = "ü";', 2)
    fates = {LESS: Fate(Outcome.KILLED, "t.py::a", 0), SWAP: Fate(Outcome.SURVIVED), other: Fate(Outcome.INVALID)}
    return MutationRecord("Purse", 198, [RUN], fates)


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record().write(tmp_path / "mutants.json")
    assert MutationRecord.read(tmp_path / "mutants.json") == record()
    assert MutationRecord.read(tmp_path / "none.json") == MutationRecord()


def test_a_file_that_is_no_record(tmp_path: Path) -> None:
    (tmp_path / "mutants.json").write_text('{"mutants": {"a b": [[1]]}}', encoding="utf-8")
    with pytest.raises(IntegrityError, match="no record of mutants"):
        MutationRecord.read(tmp_path / "mutants.json")


def test_a_run_is_known_by_its_sources_and_tests() -> None:
    made = record()
    assert made.begin(Run("5f", "7e", "2027-01-01", "aa")) == 0
    assert made.begin(Run("5f", "other", "2027-01-01", "aa")) == 1


def test_what_is_no_more_is_forgotten_with_its_run() -> None:
    made = record()
    made.fates[LESS] = Fate(Outcome.KILLED, "t.py::b", made.begin(Run("60", "7e", "2027-01-01", "bb")))
    made.keep_only([LESS])
    assert made.fates == {LESS: Fate(Outcome.KILLED, "t.py::b", 0)}
    assert [one.sources for one in made.runs] == ["60"]


# -- explanations ------------------------------------------------------------------------------------------------------

ENTRY = """
[[survivor]]
file = "Pin.java"
member = "Pin.set"
operator = "order"
original = "a(); b();"
mutated = "b(); a();"
reason = "neither sees the other"
"""


def test_explanations_of_survivors(tmp_path: Path) -> None:
    path = tmp_path / "why.toml"
    path.write_text(ENTRY, encoding="utf-8")
    why = read_explanations(path)
    assert why == {SWAP: "neither sees the other"}
    figures = Figures.of(record().fates.items(), why)
    assert (figures.killed, figures.explained, figures.survived, figures.invalid) == (1, 1, 0, 1)
    assert figures.rate == 50.0
    assert stale(why, record(), [SWAP]) == []
    assert "no such mutant" in stale(why, record(), [LESS])[0]
    noticed = MutationRecord(fates={SWAP: Fate(Outcome.KILLED, "t.py::a")})
    assert "explained, but killed t.py::a" in stale(why, noticed, [SWAP])[0]
    assert any("neither sees the other" in line for line in page_lines(record(), why))


def test_a_reason_of_several_survivors(tmp_path: Path) -> None:
    path = tmp_path / "why.toml"
    entry = '{{ file = "Pin.java", member = "Pin.set", operator = "order", original = "{}", mutated = "{}" }},\n'
    entries = entry.format("a(); b();", "b(); a();") + entry.format("b(); c();", "c(); b();")
    path.write_text(f'[[reason]]\ntext = "all the same"\nsurvivors = [\n{entries}]\n')
    why = read_explanations(path)
    assert why[SWAP] == "all the same"
    assert len(why) == 2
    path.write_text(f'[[reason]]\ntext = "all the same"\nsurvivors = [\n{entries}{entries}]\n')
    with pytest.raises(IntegrityError, match="twice"):
        read_explanations(path)
    path.write_text('[[reason]]\ntext = "all the same"\nsurvivors = []\n')
    with pytest.raises(IntegrityError, match="no survivor"):
        read_explanations(path)


@pytest.mark.parametrize(
    "text", [ENTRY + ENTRY, ENTRY.replace('reason = "neither sees the other"', ""), ENTRY.replace("file", "fool"), "x"]
)
def test_explanations_that_are_none(tmp_path: Path, text: str) -> None:
    path = tmp_path / "why.toml"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(IntegrityError, match="explanations"):
        read_explanations(path)


def test_no_file_explains_nothing(tmp_path: Path) -> None:
    assert read_explanations(tmp_path / "why.toml") == {}
    assert read_explanations(None) == {}
    assert read_sample(tmp_path / "why.toml") == read_sample(None) == Sample()


def test_what_is_said_of_a_sample(tmp_path: Path) -> None:
    path = tmp_path / "why.toml"
    path.write_text("[sample]\nanswered = 22\nscenes = 7\n" + ENTRY, encoding="utf-8")
    assert read_sample(path) == Sample(answered=22, scenes=7)
    path.write_text("[sample]\nguessed = 3\n", encoding="utf-8")
    with pytest.raises(IntegrityError, match="guessed"):
        read_sample(path)


def test_a_rate_of_a_sample_is_within_limits() -> None:
    """Wilson's interval of 81 of 263, 0.255 to 0.366 (Newcombe 1998, Statistics in Medicine 17, table I)."""
    figures = Figures(killed=81, survived=182, explained=9)
    assert [round(one, 1) for one in figures.interval()] == [25.5, 36.6]
    assert round(figures.score, 1) == 30.8
    assert Figures(killed=90, survived=173).interval(9) == figures.interval()
    assert Figures().interval() == (0.0, 100.0)
    assert Figures(killed=20).interval()[1] == pytest.approx(100)


# -- settings ----------------------------------------------------------------------------------------------------------


def test_the_plugins_settings_are_enough(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    text = '[tool.pytest.ini_options]\njavacard_sources = "src"\ntestpaths = ["tests"]\n'
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    ground = Settings.read(tmp_path).ground()
    assert (ground.sources, ground.tests) == ((tmp_path / "src",), ("tests",))
    assert Settings.read(tmp_path).ground(tests=("tests/a.py::b",)).tests == ("tests/a.py::b",)


def test_settings_of_its_own_come_first(tmp_path: Path) -> None:
    (tmp_path / "applet").mkdir()
    text = (
        '[tool.pytest.ini_options]\njavacard_sources = "src"\n[tool.cardlab.mutate]\nsources = ["applet"]\nbudget = 5\n'
    )
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    ground = Settings.read(tmp_path).ground()
    assert (ground.sources, ground.tests, ground.budget) == ((tmp_path / "applet",), (".",), 5)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no sources are named"),
        ('[tool.cardlab.mutate]\nsource = "x"\n', "has source"),
        ('[tool.cardlab.mutate]\nsources = ["x"]\n', "there are no sources at"),
        ("[", "cannot be read"),
    ],
)
def test_settings_that_are_wrong(tmp_path: Path, text: str, message: str) -> None:
    (tmp_path / "pyproject.toml").write_text(text, encoding="utf-8")
    with pytest.raises(UsageError, match=message):
        Settings.read(tmp_path).ground()
