"""Messages are bytes: what is written is read, and nothing else is."""

from __future__ import annotations

import dataclasses
import json
import typing
from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jpki.parties import messages
from jpki.parties.codec import MessageError, decode, encode

KINDS = [
    one
    for one in vars(messages).values()
    if dataclasses.is_dataclass(one) and isinstance(one, type) and one.__module__ == messages.__name__
]


@cache
def values(kind: Any) -> st.SearchStrategy[Any]:
    """Any value of a type that occurs in messages."""
    if dataclasses.is_dataclass(kind) and isinstance(kind, type):
        hints = typing.get_type_hints(kind)
        return st.builds(kind, **{field.name: values(hints[field.name]) for field in dataclasses.fields(kind)})
    if typing.get_origin(kind) is tuple:
        inner, *rest = typing.get_args(kind)
        if rest == [...]:
            return st.lists(values(inner), max_size=3).map(tuple)
        return st.tuples(*(values(one) for one in (inner, *rest)))
    if typing.get_args(kind):
        return st.one_of([values(one) for one in typing.get_args(kind)])
    return st.from_type(kind)


@given(message=st.sampled_from(KINDS).flatmap(values))
def test_what_is_written_is_read(message: object) -> None:
    assert decode(encode(message), type(message)) == message
    union = messages.Finished | type(message) if type(message) is not messages.Finished else messages.Finished
    assert decode(encode(message), union) == message


@given(message=st.sampled_from(KINDS).flatmap(values), data=st.data())
def test_another_form_is_refused(message: object, data: st.DataObject) -> None:
    """A field too many, one too few, another type: MessageError and nothing else."""
    raw = json.loads(encode(message))
    field = data.draw(st.sampled_from([*raw, "more"]))
    if field in raw and data.draw(st.booleans()):
        del raw[field]
    else:
        raw[field] = {"is": "nothing"}
    with pytest.raises(MessageError):
        decode(json.dumps(raw).encode(), type(message))


@given(raw=st.binary(max_size=60), kind=st.sampled_from(KINDS))
def test_garbage_is_refused(raw: bytes, kind: type) -> None:
    with pytest.raises(MessageError):
        decode(raw, kind)
