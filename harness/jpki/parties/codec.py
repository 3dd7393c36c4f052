"""Messages as bytes: dataclasses to JSON and back, by their type hints.

Bytes are written in base64, enums by name, tuples as lists. Where the type is a union, the object says which one it is
(``"is"``). Reading takes exactly what writing gives: a missing, unknown or wrong field is a MessageError.
"""

from __future__ import annotations

import base64
import dataclasses
import json
import types
from enum import Enum
from functools import lru_cache
from typing import Any, TypeVar, Union, cast, get_args, get_origin, get_type_hints, overload

from cardlab.errors import HarnessError

_T = TypeVar("_T")


class MessageError(HarnessError):
    """Bytes that are not the message that was expected."""


def encode(message: object) -> bytes:
    """One dataclass as JSON; its type's name comes first, so that people can read a recording."""
    return json.dumps(_write(message), ensure_ascii=False, separators=(",", ":")).encode()


@overload
def decode(raw: bytes, kind: type[_T]) -> _T: ...
@overload
def decode(raw: bytes, kind: object) -> Any: ...
def decode(raw: bytes, kind: object) -> Any:
    """The message again; ``kind`` is its class or a union of classes. Raises MessageError."""
    try:
        return _read(json.loads(raw), kind)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise MessageError(f"a message cannot be read: {error}", hint="do both ends have the same version?") from error


def _write(value: object) -> object:
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = {field.name: _write(getattr(value, field.name)) for field in dataclasses.fields(value)}
        return {"is": type(value).__name__, **fields}
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, tuple | frozenset):
        return [_write(item) for item in value]
    if value is None or isinstance(value, str | int | bool):
        return value
    raise TypeError(f"{type(value).__name__} has no place in a message")


def _read(raw: Any, kind: Any) -> Any:
    origin = get_origin(kind)
    if origin in (Union, types.UnionType):
        return _read_union(raw, get_args(kind))
    if origin is tuple:
        inner, *rest = get_args(kind)
        kinds = [inner] * len(raw) if rest == [...] else [inner, *rest]
        return tuple(_read(item, one) for item, one in zip(_as_list(raw), kinds, strict=True))
    if dataclasses.is_dataclass(kind):
        return _read_dataclass(raw, cast("type", kind))
    if kind is bytes:
        return base64.b64decode(raw, validate=True)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return kind[raw]
    if kind in (str, int, bool) and type(raw) is kind:
        return raw
    raise ValueError(f"{raw!r} is no {getattr(kind, '__name__', kind)}")


def _as_list(raw: Any) -> list[Any]:
    if not isinstance(raw, list):
        raise ValueError(f"{raw!r} is no list")
    return raw


def _read_union(raw: Any, kinds: tuple[Any, ...]) -> Any:
    if raw is None and type(None) in kinds:
        return None
    others = [kind for kind in kinds if kind is not type(None)]
    if len(others) == 1:
        return _read(raw, others[0])
    return _read(raw, {kind.__name__: kind for kind in others}[raw["is"]])


def _read_dataclass(raw: Any, kind: type) -> Any:
    hints = _hints(kind)
    if raw.keys() != {"is", *hints} or raw["is"] != kind.__name__:
        raise ValueError(f"the fields of a {kind.__name__} are {', '.join(hints)}")
    return kind(**{name: _read(raw[name], hint) for name, hint in hints.items()})


@lru_cache
def _hints(kind: type) -> dict[str, Any]:
    hints = get_type_hints(kind)
    return {field.name: hints[field.name] for field in dataclasses.fields(kind)}
