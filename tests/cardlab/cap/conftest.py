"""The corpus compiled, and converted, once a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from cardlab.cap.convert import Conversion
from cardlab.toolchain.compile import compile_java
from cardlab.toolchain.jars import jar
from tests.cardlab.cap.corpus import compiled, converted

CompileAll = Callable[[Mapping[str, str]], Path]
Compile = Callable[[str, str], list[bytes]]


@pytest.fixture(scope="session")
def corpus_classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of the corpus's class files."""
    return compiled(tmp_path_factory.mktemp("corpus"))


@pytest.fixture(scope="session")
def conversions(corpus_classes: Path) -> dict[str, Conversion]:
    """Every package of the corpus, converted."""
    return converted(corpus_classes)


@pytest.fixture(scope="session")
def compile_sources(tmp_path_factory: pytest.TempPathFactory) -> CompileAll:
    """Compiles source texts by file name, all in one run of the compiler, and gives the folder of the class files."""

    def run(texts: Mapping[str, str]) -> Path:
        folder = tmp_path_factory.mktemp("source")
        files = [folder / name for name in texts]
        for file, text in zip(files, texts.values(), strict=True):
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, "utf-8")
        return compile_java(files, folder / "classes", classpath=[jar("jcardsim")], warnings_are_errors=False)

    return run


@pytest.fixture(scope="session")
def compile_source(compile_sources: CompileAll) -> Compile:
    """Compiles one source text (class name, text) and gives the class files."""

    def run(name: str, text: str) -> list[bytes]:
        return [f.read_bytes() for f in sorted(compile_sources({f"{name}.java": text}).rglob("*.class"))]

    return run
