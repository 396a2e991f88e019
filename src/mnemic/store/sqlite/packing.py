"""Keys packed into SQLite's integer primary key, so that every table is clustered by bank.

A row key is ``bank << 34 | n``: one B-tree, no second index, and a bank's rows lie together, in order.
Vectors and sketches add the embedding space above: ``space << 56 | bank << 34 | unit``.
"""

from __future__ import annotations

N_BITS = 34
BANK_BITS = 22
N_MASK = (1 << N_BITS) - 1
MAX_BANKS = (1 << BANK_BITS) - 1
MAX_SPACES = (1 << 7) - 1


def pack(bank: int, n: int) -> int:
    """The row key of the ``n``-th row of a bank.

    >>> unpack(pack(3, 17))
    17
    """
    return bank << N_BITS | n


def place(n: int) -> int:
    """A place asked for by a caller, brought into a bank's range, so that its row key cannot meet another bank's.

    >>> place(-1), place(1 << 40) == N_MASK
    (0, True)
    """
    return min(max(n, 0), N_MASK)


def unpack(key: int) -> int:
    """The place within its bank of a row key."""
    return key & N_MASK


def bounds(bank: int) -> tuple[int, int]:
    """The lowest and highest row key of a bank."""
    return bank << N_BITS, bank << N_BITS | N_MASK


def pack_vector(space: int, bank: int, unit: int) -> int:
    """The row key of a unit's vector in a space."""
    return space << (N_BITS + BANK_BITS) | bank << N_BITS | unit


def vector_bounds(space: int, bank: int) -> tuple[int, int]:
    """The lowest and highest vector key of a bank in a space."""
    low = pack_vector(space, bank, 0)
    return low, low | N_MASK
