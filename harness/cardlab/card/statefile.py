"""A card in a file: versioned JSON with a checksum, readable by its owner only, replaced at once or not at all.

The file holds the card's keys. Layout (version 4): ``format``, ``version``, ``config``, ``card_state``, ``atr``,
``entropy``, ``load_files``, ``applications`` (the issuer security domain first), ``runtime`` (name and version of the
applet runtime, and the state that it wrote, base64), ``saved`` (how often this file was written), and ``sha256`` over
the canonical JSON of all the others.
"""

from __future__ import annotations

import base64
import json
import re
from dataclasses import fields, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from cardlab.card.config import CardConfig
from cardlab.card.entropy import Entropy
from cardlab.card.image import RuntimeImage
from cardlab.card.manager.keys import KeyStore, KeyVersion
from cardlab.card.manager.linking import offer_of
from cardlab.card.manager.linking import read as read_load_file
from cardlab.card.manager.refusal import Refusal
from cardlab.card.manager.registry import Application, CardRegistry, LoadFileEntry, SecurityDomain
from cardlab.card.manager.state import Persistent
from cardlab.errors import HarnessError, IntegrityError, UsageError
from cardlab.files import replace_file
from cardlab.globalplatform.constants import CardState, Privilege
from cardlab.globalplatform.scp03 import StaticKeys
from cardlab.runtime.choices import PlatformChoices
from cardlab.system_errors import explained

FORMAT = "cardlab simulated card"
VERSION = 4
_TAIL = 200  # bytes at the end of a file: the keys are sorted, so ``saved`` and ``sha256`` are the last
_SAVED = re.compile(rb'\n "saved": ([0-9]{1,18}),\n "sha256": "')
_Json = dict[str, Any]


def write(path: Path, persistent: Persistent, image: RuntimeImage) -> None:
    """Write a card's state; the old file stays whole until the new one is there. Raises UsageError or StorageError."""
    document = _encode(persistent, image)
    document["saved"] = times_saved(path) + 1
    document["sha256"] = _checksum(document)
    text = json.dumps(document, indent=1, sort_keys=True) + "\n"
    try:
        replace_file(path, text.encode(), private=True)
    except OSError as error:
        raise explained(error, f"card state {path} cannot be written") from error


def read(path: Path) -> tuple[Persistent, RuntimeImage]:
    """Read what ``write`` wrote; raises UsageError when there is no such file, IntegrityError when it is not sound."""
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        hint = "name a saved card; `card serve --state FILE` makes one"
        raise UsageError(f"card state {path} cannot be read: {error.strerror}", hint=hint) from error
    except OSError as error:
        raise explained(error, f"card state {path} cannot be read") from error
    try:
        document = json.loads(raw)
    except (UnicodeDecodeError, ValueError, RecursionError):
        document = None
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        raise IntegrityError(f"{path} is not the state of a simulated card", hint="name a file that holds one")
    version = document.get("version")
    if version != VERSION:
        raise IntegrityError(
            f"{path} has version {version!r}, this program reads {VERSION}", hint="use the program that wrote it"
        )
    stored = document.pop("sha256", None)
    if stored != _checksum(document):
        raise IntegrityError(f"{path} is damaged: its checksum is wrong", hint="restore the file from a copy")
    try:
        return _decode(document)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, HarnessError, Refusal) as error:
        raise IntegrityError(f"{path} is damaged: {error!r}", hint="restore the file from a copy") from error


def times_saved(path: Path) -> int:
    """How often the card in a file was saved there: of two copies the older one has the lower number.

    0 without a file, and for what does not say. The file is not examined otherwise.
    """
    try:
        with path.open("rb") as stream:
            stream.seek(max(0, path.stat().st_size - _TAIL))
            found = _SAVED.search(stream.read())
    except OSError:
        return 0
    return 0 if found is None else int(found[1])


def _checksum(document: _Json) -> str:
    return sha256(json.dumps(document, sort_keys=True, separators=(",", ":")).encode()).hexdigest()


def _encode(persistent: Persistent, image: RuntimeImage) -> _Json:
    registry, entropy = persistent.registry, persistent.entropy
    return {
        "format": FORMAT,
        "version": VERSION,
        "config": _encode_config(persistent.config),
        "card_state": persistent.card_state.name,
        "atr": persistent.atr.hex(),
        "entropy": {"seed": entropy.seed.hex() if entropy.seed is not None else None, "counter": entropy.counter},
        "load_files": [_encode_load_file(found) for found in registry.load_files.values()],
        "applications": [_encode_application(found) for found in registry.applications.values()],
        "runtime": {
            "name": image.runtime,
            "version": image.version,
            "state": base64.b64encode(image.state).decode(),
        },
    }


def _decode(document: _Json) -> tuple[Persistent, RuntimeImage]:
    config = _decode_config(document["config"])
    seed = document["entropy"]["seed"]
    entropy = Entropy(None if seed is None else bytes.fromhex(seed), int(document["entropy"]["counter"]))
    applications = [_decode_application(found) for found in document["applications"]]
    issuer = applications[0]
    if not isinstance(issuer, SecurityDomain):
        raise ValueError("the first application is no security domain")
    registry = CardRegistry(issuer)
    registry.applications = {found.aid: found for found in applications}
    registry.load_files = {found.aid: found for found in map(_decode_load_file, document["load_files"])}
    for entry in registry.entries():
        _check_association(registry, entry)
    state = CardState[document["card_state"]]
    persistent = Persistent(config, entropy, registry, state, bytes.fromhex(document["atr"]))
    runtime = document["runtime"]
    saved = base64.b64decode(runtime["state"], validate=True)
    return persistent, RuntimeImage(str(runtime["name"]), str(runtime["version"]), saved)


def _check_association(registry: CardRegistry, entry: Application | LoadFileEntry) -> None:
    """Every entry is associated with the issuer's domain, through as many others as there are at most."""
    for depth, _ in enumerate(registry.ancestors(entry)):
        if depth > len(registry.applications):
            raise ValueError("security domains are associated in a circle")


def _encode_config(config: CardConfig) -> _Json:
    document: _Json = {}
    for item in fields(config):
        value = getattr(config, item.name)
        if isinstance(value, bytes):
            document[item.name] = value.hex()
        elif isinstance(value, StaticKeys):
            document[item.name] = [value.enc.hex(), value.mac.hex(), value.dek.hex()]
        elif isinstance(value, CardState):
            document[item.name] = value.name
        elif isinstance(value, PlatformChoices):
            document[item.name] = value.as_words()
        else:
            document[item.name] = value
    return document


def _decode_config(document: _Json) -> CardConfig:
    shape = CardConfig()
    known: _Json = {}
    for name, value in document.items():
        if name in ("atr", "isd_aid", "iin", "cin", "cplc", "diversification"):
            known[name] = bytes.fromhex(value)
        elif name == "keys":
            known[name] = StaticKeys(*map(bytes.fromhex, value))
        elif name == "card_state":
            known[name] = CardState[value]
        elif name == "platform":
            known[name] = PlatformChoices.from_words(value)
        elif type(value) is type(getattr(shape, name)):
            known[name] = value
        else:
            raise ValueError(f"configuration field {name}")
    return replace(shape, **known)


def _encode_load_file(entry: LoadFileEntry) -> _Json:
    return {
        "aid": entry.aid.hex(),
        "version": list(entry.version),
        "modules": [module.hex() for module in entry.modules],
        "domain": entry.domain.hex(),
        "size": entry.size,
        "data_block": entry.data_block.hex(),
    }


def _decode_load_file(document: _Json) -> LoadFileEntry:
    major, minor = document["version"]
    data_block = bytes.fromhex(document["data_block"])
    if data_block:
        offer_of(read_load_file(data_block))  # a later load file may want to use it
    return LoadFileEntry(
        bytes.fromhex(document["aid"]),
        (int(major), int(minor)),
        tuple(bytes.fromhex(module) for module in document["modules"]),
        bytes.fromhex(document["domain"]),
        int(document["size"]),
        data_block,
    )


def _encode_application(entry: Application) -> _Json:
    document: _Json = {
        "aid": entry.aid.hex(),
        "load_file": entry.load_file.hex(),
        "module": entry.module.hex(),
        "domain": entry.domain.hex(),
        "privileges": int(entry.privileges),
        "state": entry.state,
    }
    if isinstance(entry, SecurityDomain):
        document["security_domain"] = {
            "options": entry.options,
            "data": {f"{tag:X}": value.hex() for tag, value in entry.data.items()},
            "key_limit": entry.keys.limit,
            "keys": [
                {
                    "version": held.version,
                    "sequence": held.sequence,
                    "values": {str(identifier): key.hex() for identifier, key in held.keys.items()},
                }
                for held in entry.keys.versions
            ],
        }
    return document


def _decode_application(document: _Json) -> Application:
    common = (
        bytes.fromhex(document["aid"]),
        bytes.fromhex(document["load_file"]),
        bytes.fromhex(document["module"]),
        bytes.fromhex(document["domain"]),
        Privilege(document["privileges"]),
        int(document["state"]),
    )
    domain = document.get("security_domain")
    if domain is None:
        return Application(*common)
    versions = tuple(
        KeyVersion(
            int(held["version"]),
            {int(identifier): bytes.fromhex(key) for identifier, key in held["values"].items()},
            int(held["sequence"]),
        )
        for held in domain["keys"]
    )
    data = {int(tag, 16): bytes.fromhex(value) for tag, value in domain["data"].items()}
    return SecurityDomain(*common, int(domain["options"]), KeyStore(versions, int(domain["key_limit"])), data)
