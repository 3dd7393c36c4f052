"""The keys of a security domain as a value: what each change leaves, in which order (GPCS 7.5, 11.2.2.3.2, 11.8)."""

from __future__ import annotations

import pytest

from cardlab.card.manager.keys import KeyStore, KeyVersion
from cardlab.card.manager.refusal import Refusal
from cardlab.globalplatform.scp03 import SEQUENCE_MAX

SET = {1: b"1" * 16, 2: b"2" * 16, 3: b"3" * 16}
BOTH = KeyStore().add(0x31, SET).add(0x32, SET)


def told(store: KeyStore) -> dict[int, list[int]]:
    """Versions in their order, and their identifiers."""
    return {one.version: sorted(one.keys) for one in store.versions}


@pytest.mark.parametrize(
    ("version", "identifier", "left"),
    [
        (0x31, None, {0x32: [1, 2, 3]}),
        (0x32, None, {0x31: [1, 2, 3]}),
        (None, 2, {0x31: [1, 3], 0x32: [1, 3]}),
        (0x31, 2, {0x31: [1, 3], 0x32: [1, 2, 3]}),
        (None, None, {}),
    ],
)
def test_what_is_left_of_two_versions(version: int | None, identifier: int | None, left: dict[int, list[int]]) -> None:
    assert told(BOTH.without(version, identifier)) == left


def test_a_version_without_keys_is_none() -> None:
    """Its number is free for another set, and what comes under it comes last: the card offers the oldest (D.4.1.2)."""
    emptied = BOTH.without(0x31, 1).without(0x31, 2).without(0x31, 3)
    assert told(emptied) == {0x32: [1, 2, 3]}
    assert told(emptied.replaced(0x32, 0x31, SET)) == {0x31: [1, 2, 3]}
    again = emptied.add(0x31, SET)
    assert told(again) == {0x32: [1, 2, 3], 0x31: [1, 2, 3]}
    offered = again.for_channel(0)
    assert offered is not None and offered.version == 0x32


def test_what_loses_nothing_keeps_its_counter() -> None:
    counted, _ = BOTH.counted(BOTH.versions[0])
    assert [one.sequence for one in counted.without(0x32, None).versions] == [1]
    assert [one.sequence for one in counted.without(None, 2).versions] == [1, 0]


@pytest.mark.parametrize(("version", "identifier"), [(0x33, None), (None, 4), (0x31, 4)])
def test_deleting_what_is_not_there(version: int | None, identifier: int | None) -> None:
    with pytest.raises(Refusal, match="no such key") as caught:
        BOTH.without(version, identifier)
    assert caught.value.sw == 0x6A88


@pytest.mark.parametrize(
    ("old", "new", "keys", "reason"),
    [
        (0x33, 0x33, SET, "key version 33 has no such key"),
        (0x31, 0x31, {4: b"4" * 16}, "key version 31 has no such key"),
        (0x31, 0x31, {1: b"1" * 16, 4: b"4" * 16}, "key version 31 has no such key"),
        (0x31, 0x32, SET, "version 31 becomes 32 as a whole, and 32 must be free"),
        (0x31, 0x33, {1: b"4" * 16}, "version 31 becomes 33 as a whole, and 33 must be free"),
    ],
)
def test_what_cannot_be_replaced(old: int, new: int, keys: dict[int, bytes], reason: str) -> None:
    with pytest.raises(Refusal, match=reason):
        BOTH.replaced(old, new, keys)


def test_replacing_some_keys_keeps_the_others_and_begins_the_counter() -> None:
    counted, _ = BOTH.counted(BOTH.versions[0])
    first, second = counted.replaced(0x31, 0x31, {2: b"4" * 16}).versions
    assert first == KeyVersion(0x31, {**SET, 2: b"4" * 16}, sequence=0)
    assert second == BOTH.versions[1]


def test_adding_to_a_version_begins_its_counter() -> None:
    counted, _ = BOTH.counted(BOTH.versions[1])
    assert [one.sequence for one in counted.add(0x32, {4: b"4" * 16}).versions] == [0, 0]
    with pytest.raises(Refusal, match="key version 32 has such a key: replace it"):
        BOTH.add(0x32, {3: b"3" * 16, 4: b"4" * 16})


def test_the_limit_counts_single_keys() -> None:
    full = KeyStore(limit=4).add(0x31, SET).add(0x32, {1: b"1" * 16})
    for version, identifier in ((0x33, 1), (0x31, 4)):
        with pytest.raises(Refusal, match="a security domain holds 4 keys") as caught:
            full.add(version, {identifier: b"1" * 16})
        assert caught.value.sw == 0x6A84
    assert told(full.replaced(0x31, 0x33, SET)) == {0x33: [1, 2, 3], 0x32: [1]}


def test_a_version_without_the_three_keys_opens_no_channel() -> None:
    for missing in SET:
        store = BOTH.without(0x31, missing)
        offered = store.for_channel(0)
        assert offered is not None and offered.version == 0x32
        assert store.for_channel(0x31) is None
        assert BOTH.for_channel(0x31) == BOTH.versions[0]


def test_the_counter_ends_at_its_largest_value() -> None:
    last = KeyVersion(0x31, SET, SEQUENCE_MAX - 1)
    store, raised = KeyStore((last,)).counted(last)
    assert raised.sequence == SEQUENCE_MAX
    with pytest.raises(Refusal, match="the sequence counter is at its end"):
        store.counted(raised)
