"""Load files of the tests that are mutated: what they are made of, and commands that reach most of their code."""

from __future__ import annotations

from collections.abc import Iterator

from cardlab.campaign.hostile.targets import Target, apdus, neighbour
from tests.cardlab.runtime.vm import handmade, machines
from tests.conformance import cards

_DATA = "0102030405060708"


def targets() -> tuple[Target, ...]:
    """All of them; the small ones, of which a second runs many, several times."""
    small = (neighbour(), _by_hand())
    return (*small, *small, *small, *_conformance(), *_conformance(), *_of_the_machine())


def sweep(last: int, data: str = _DATA) -> tuple[bytes, ...]:
    """A command of each instruction from 00 on, with data."""
    return apdus(*(f"00{ins:02X}0000{len(data) // 2:02X}{data}00" for ins in range(last + 1)))


def _conformance() -> Iterator[Target]:
    for name, last in (("Transactions", 0x1F), ("Memory", 0x0F), ("Platform", 0x0F), ("Selection", 0x0F)):
        made = cards.executable(name)
        yield Target(name.lower(), made.data_block, made.aid, cards.module_aid(name), b"", sweep(last))


def _of_the_machine() -> Iterator[Target]:
    for name, commands in (
        ("vmserver.Server", sweep(5)),
        ("exttest.Extensions", sweep(0x61)[0x10:]),
        ("cryptotest.Bench", sweep(0x1F, data="00" + _DATA * 2)),
    ):
        package, _, applet = name.partition(".")
        block, _ = machines.load_file(machines.compiled(package), [name])
        yield Target(applet.lower(), block, machines.PACKAGE, machines.applet_aid(applet), b"", commands)


def _by_hand() -> Target:
    """Instructions that the converter does not write: int, subroutines, switches, dup_x and swap_x."""
    code = """
        aload_0; sspush 700; putfield_s @Hand.s; sconst_5; newarray short; astore 4
        aload 4; sconst_2; aload_0; getfield_s @Hand.s; sastore
        iconst_3; putstatic_i @Hand.static_i; getstatic_i @Hand.static_i; iconst_2; iadd; i2s; sstore_2
        jsr again; jsr again; goto on
        again:; astore_3; sinc 2 1; ret 3
        on:; sload_2; stableswitch out 5 out one out
        one:; sinc 2 7
        out:; sload_2; slookupswitch done 7=two 9=done
        two:; sinc 2 3
        done:; sconst_1; sconst_2; dup_x 0x12; pop2; pop
        aload 4; sconst_2; saload; sload_2; sadd; invokestatic @Hand.method_0
    """
    hand = handmade.Hand(code, methods=[("sload_0; sconst_3; smul; sreturn", 1, 0)])
    return Target("by hand", hand.block(), machines.PACKAGE, handmade.APPLET, b"", sweep(1))
