"""The corpus compiled, and converted, once a session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from harness.capfile.convert import Conversion
from harness.toolchain.compile import compile_java
from harness.toolchain.jars import jar
from tests.capfile.corpus import FOLDER, Case, names

Compile = Callable[[str, str], list[bytes]]


@pytest.fixture(scope="session")
def corpus_classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the corpus's class files."""
    out = tmp_path_factory.mktemp("corpus") / "classes"
    sources = [p for name in names() for p in sorted((FOLDER / name).glob("*.java"))]
    return compile_java(sources, out, classpath=[jar("jcardsim")], warnings_are_errors=False)


@pytest.fixture(scope="session")
def conversions(corpus_classes: Path) -> dict[str, Conversion]:
    """Every package of the corpus, converted."""
    library = Case("library", corpus_classes).convert()
    return {name: Case(name, corpus_classes).convert((library.export,) if name == "user" else ()) for name in names()}


@pytest.fixture(scope="session")
def compile_source(tmp_path_factory: pytest.TempPathFactory) -> Compile:
    """Compiles one source text (class name, text) and gives the class files."""

    def run(name: str, text: str) -> list[bytes]:
        folder = tmp_path_factory.mktemp("source")
        file = folder / f"{name}.java"
        file.write_text(text, "utf-8")
        out = compile_java([file], folder / "classes", classpath=[jar("jcardsim")], warnings_are_errors=False)
        return [f.read_bytes() for f in sorted(out.rglob("*.class"))]

    return run
