"""Rijndael with blocks of 16, 24 and 32 bytes, written from its definition: AES (FIPS 197) is the one with 16."""

from __future__ import annotations

from functools import cache


def _times(a: int, b: int) -> int:
    product = 0
    while b:
        product ^= a * (b & 1)
        a = a << 1 ^ (0x11B if a & 0x80 else 0)
        b >>= 1
    return product


@cache
def _box() -> bytes:
    inverse = [0, *(next(b for b in range(1, 256) if _times(a, b) == 1) for a in range(1, 256))]
    turned = [[(v << n | v >> 8 - n) & 0xFF for n in range(5)] for v in inverse]
    return bytes(a ^ b ^ c ^ d ^ e ^ 0x63 for a, b, c, d, e in turned)


def _keys(key: bytes, words: int) -> list[bytes]:
    box, count = _box(), len(key) // 4
    found, constant = [key[i : i + 4] for i in range(0, len(key), 4)], 1
    while len(found) < words:
        word = found[-1]
        if len(found) % count == 0:
            word = bytes([box[word[1]] ^ constant, box[word[2]], box[word[3]], box[word[0]]])
            constant = _times(constant, 2)
        elif count > 6 and len(found) % count == 4:
            word = bytes(box[one] for one in word)
        found.append(bytes(a ^ b for a, b in zip(word, found[-count], strict=True)))
    return found


def _mixed(column: bytes) -> bytes:
    return bytes(
        _times(column[i], 2) ^ _times(column[(i + 1) % 4], 3) ^ column[(i + 2) % 4] ^ column[(i + 3) % 4]
        for i in range(4)
    )


def encrypt(key: bytes, block: bytes) -> bytes:
    """One block."""
    columns = len(block) // 4
    rounds = max(columns, len(key) // 4) + 6
    shifts = (0, 1, 3, 4) if columns == 8 else (0, 1, 2, 3)
    schedule = b"".join(_keys(key, columns * (rounds + 1)))

    def added(state: bytes, number: int) -> bytes:
        return bytes(a ^ b for a, b in zip(state, schedule[number * len(state) :], strict=False))

    state = added(block, 0)
    for number in range(1, rounds + 1):
        state = bytes(_box()[one] for one in state)
        state = bytes(state[4 * ((c + shifts[r]) % columns) + r] for c in range(columns) for r in range(4))
        if number != rounds:
            state = b"".join(_mixed(state[4 * c : 4 * c + 4]) for c in range(columns))
        state = added(state, number)
    return state
