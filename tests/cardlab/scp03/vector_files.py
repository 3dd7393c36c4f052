"""Reads the vector files beside this module and checks them against their schema."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from _pytest.mark.structures import ParameterSet

FOLDER = Path(__file__).with_name("vectors")
_TYPES: dict[str, type] = {"object": dict, "array": list, "string": str, "integer": int}


class SchemaError(ValueError):
    """A vector file is not what the schema says."""


@dataclass(frozen=True)
class Values:
    """The inputs or the expected results of a vector."""

    raw: dict[str, Any]

    def __getitem__(self, name: str) -> bytes:
        return bytes.fromhex(self.raw[name])

    def get(self, name: str) -> bytes | None:
        """A value that not every vector has."""
        return self[name] if name in self.raw else None

    @property
    def exchanges(self) -> list[Values]:
        """The commands of a session."""
        return [Values(exchange) for exchange in self.raw["exchanges"]]


@dataclass(frozen=True)
class Vector:
    """One vector of one source."""

    inputs: Values
    expected: Values


def vectors(kind: str) -> list[ParameterSet]:
    """All vectors of a kind from all files, as test parameters named after file and id."""
    found = []
    for path in sorted(FOLDER.glob("*.json")):
        if path.name == "schema.json":
            continue
        document = load(path)
        if document["kind"] == kind:
            found += [
                pytest.param(
                    Vector(Values(entry["inputs"]), Values(entry["expected"])), id=f"{path.stem}-{entry['id']}"
                )
                for entry in document["vectors"]
            ]
    return found


def load(path: Path) -> dict[str, Any]:
    """One file, checked; raises SchemaError."""
    document: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    schema = json.loads((FOLDER / "schema.json").read_text(encoding="utf-8"))
    validate(document, schema, schema, path.name)
    return document


def validate(value: Any, schema: dict[str, Any], root: dict[str, Any], where: str) -> None:
    """The part of JSON Schema that the file uses: type, enum, pattern, required, properties, items, minItems, $ref."""
    if "$ref" in schema:
        target = root
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step]
        validate(value, target, root, where)
        return
    if "type" in schema and not isinstance(value, _TYPES[schema["type"]]):
        raise SchemaError(f"{where} is no {schema['type']}")
    if "enum" in schema and value not in schema["enum"]:
        raise SchemaError(f"{where} is {value!r}")
    if "pattern" in schema and not re.search(schema["pattern"], value):
        raise SchemaError(f"{where} does not match {schema['pattern']}")
    if isinstance(value, dict):
        _validate_object(value, schema, root, where)
    if isinstance(value, list):
        if len(value) < schema.get("minItems", 0):
            raise SchemaError(f"{where} has too few items")
        for position, item in enumerate(value):
            validate(item, schema["items"], root, f"{where}[{position}]")


def _validate_object(value: dict[str, Any], schema: dict[str, Any], root: dict[str, Any], where: str) -> None:
    missing = set(schema.get("required", ())) - set(value)
    if missing:
        raise SchemaError(f"{where} lacks {sorted(missing)}")
    for name, item in value.items():
        inner = schema.get("properties", {}).get(name, schema.get("additionalProperties", {}))
        if inner is False:
            raise SchemaError(f"{where} has an unknown field {name}")
        validate(item, inner, root, f"{where}.{name}")
