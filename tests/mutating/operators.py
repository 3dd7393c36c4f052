"""What is done to Python: mutmut's table of operators, and what it lacks.

Left out of mutmut's: words (every message would be one), ``None`` for a value or an argument (it ends in an exception
at the next line, and says little). Added is what a careless programmer does to a rule: the statement is missing, the
condition is never or always true, one operand of ``and`` or ``or`` is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

import libcst as cst
from mutmut.mutation import mutators

_NEVER, _ALWAYS = cst.Name("False"), cst.Name("True")
_LEFT_OUT = cst.Pass()


class Operator(NamedTuple):
    """``changes`` yields what takes the place of a node of that type."""

    name: str
    node: Any
    changes: Callable[[Any], Iterable[cst.CSTNode]]


def operators() -> tuple[Operator, ...]:
    """All that are used."""
    return (
        Operator("constant", cst.BaseNumber, numbers),
        Operator("constant", cst.Name, mutators.operator_name),
        Operator("operator", cst.CSTNode, mutators.operator_swap_op),
        Operator("operator", cst.CSTNode, mutators.operator_keywords),
        Operator("operator", cst.ComparisonTarget, opposite),
        Operator("operator", cst.UnaryOperation, mutators.operator_remove_unary_ops),
        Operator("operator", cst.AugAssign, mutators.operator_augmented_assignment),
        Operator("argument", cst.Call, without_argument),
        Operator("statement", cst.BaseSmallStatement, left_out),
        Operator("condition", cst.If, lambda node: decided(node.test)),
        Operator("condition", cst.IfExp, lambda node: decided(node.test)),
        Operator("condition", cst.CompIf, lambda node: decided(node.test)),
        Operator("operand", cst.BooleanOperation, operands),
    )


def numbers(node: cst.BaseNumber) -> Iterator[cst.CSTNode]:
    """One more, as mutmut does it, and one less."""
    yield from mutators.operator_number(node)
    if isinstance(node, cst.Integer) and node.evaluated_value:
        yield cst.Integer(str(node.evaluated_value - 1))


def opposite(node: cst.ComparisonTarget) -> Iterator[cst.CSTNode]:
    """``in`` for ``not in``, ``is`` for ``is not`` and the reverse; mutmut has the others."""
    other = {cst.In: cst.NotIn, cst.NotIn: cst.In, cst.Is: cst.IsNot, cst.IsNot: cst.Is}.get(type(node.operator))
    if other is not None:
        yield node.with_changes(operator=other())


def without_argument(node: cst.Call) -> Iterator[cst.CSTNode]:
    """One of several arguments left out, unless it says what holds when nothing is said."""
    for one in mutators.operator_arg_removal(node):
        missing = [each for each in node.args if each not in one.args]
        if len(one.args) < len(node.args) and not any(_is_default(node, each) for each in missing):
            last = one.args[-1].with_changes(comma=cst.MaybeSentinel.DEFAULT)
            yield one.with_changes(args=[*one.args[:-1], last])


def _is_default(node: cst.Call, argument: cst.Arg) -> bool:
    """``"big"`` for the order of a number's bytes, which is the default since Python 3.11."""
    named = argument.keyword.value if argument.keyword else "byteorder" if argument is node.args[1] else ""
    value, of = argument.value, node.func
    return (
        isinstance(of, cst.Attribute)
        and of.attr.value in ("from_bytes", "to_bytes")
        and named == "byteorder"
        and isinstance(value, cst.SimpleString)
        and value.evaluated_value == "big"
    )


def left_out(node: cst.CSTNode) -> Iterator[cst.CSTNode]:
    """A statement that does something: a call, a refusal, a change of what an object or a collection holds."""
    if isinstance(node, cst.Raise | cst.Del | cst.AugAssign) or _is_call(node) or _is_store(node):
        yield _LEFT_OUT


def _is_call(node: cst.CSTNode) -> bool:
    return isinstance(node, cst.Expr) and isinstance(node.value, cst.Call)


def _is_store(node: cst.CSTNode) -> bool:
    places = (cst.Attribute, cst.Subscript)
    return isinstance(node, cst.Assign) and any(isinstance(one.target, places) for one in node.targets)


def decided(test: cst.BaseExpression) -> Iterator[cst.CSTNode]:
    """What stands for a condition."""
    yield from (_NEVER, _ALWAYS)


def operands(node: cst.BooleanOperation) -> Iterator[cst.CSTNode]:
    """Either alone."""
    yield from (node.left, node.right)
