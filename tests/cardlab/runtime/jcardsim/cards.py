"""Class files loaded past load files."""

from __future__ import annotations

from pathlib import Path

from cardlab.runtime.jcardsim.adapter import JCardSimRuntime
from cardlab.runtime.jcardsim.classes import api_classpath
from cardlab.toolchain import places
from cardlab.toolchain.compile import compile_java
from cardlab.toolchain.executable import Module, Package
from tests.conformance.cards import PACKAGE_AID, RuntimeCard, module_aid


def load(card: RuntimeCard, loaded: Package, code_size: int | None = None) -> int:
    """Load class files as they are; returns their memory. Their code takes half of their size, if nothing is said."""
    assert isinstance(card.runtime, JCardSimRuntime)
    taken = sum(map(len, loaded.classes.values())) // 2 if code_size is None else code_size
    return card.runtime.load_classes(loaded, taken)


def strange(simple: str) -> Package:
    """One of the applets that reach for, or keep, what is in this process but on no card: by its class's name."""
    folder = places.build_folder() / "classes" / "tests-strange"
    made = compile_java(Path(__file__).with_name("applets"), folder, classpath=api_classpath())
    name = f"runtimetest.{simple}"
    code = made.joinpath(*name.split(".")).with_suffix(".class").read_bytes()
    return Package(PACKAGE_AID, (1, 0), (Module(module_aid(simple), name),), {name: code})
