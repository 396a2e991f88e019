"""A growable numpy column whose older, shorter views stay valid while it grows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)


@dataclass(frozen=True, slots=True)
class Column(Generic[Scalar]):
    """An immutable prefix of a shared buffer: appending gives a longer column over the same memory.

    >>> a = Column.of([1, 2], np.int32)
    >>> b = a.append([3])
    >>> a.values.tolist(), b.values.tolist()
    ([1, 2], [1, 2, 3])
    """

    buffer: NDArray[Scalar]
    size: int

    @classmethod
    def of(cls, values: Any, dtype: type[Scalar]) -> Column[Scalar]:
        """A column holding ``values``."""
        data = np.asarray(values, dtype=dtype)
        return cls(data, len(data))

    @property
    def values(self) -> NDArray[Scalar]:
        """The column's values; do not write to them."""
        return self.buffer[: self.size]

    def append(self, values: Any) -> Column[Scalar]:
        """A column with ``values`` behind; shares memory unless the buffer is full."""
        more = np.asarray(values, dtype=self.buffer.dtype)
        end = self.size + len(more)
        buffer = self.buffer
        if end > len(buffer):
            buffer = np.zeros((max(end, 2 * len(buffer), 64), *buffer.shape[1:]), self.buffer.dtype)
            buffer[: self.size] = self.values
        buffer[self.size : end] = more
        return Column(buffer, end)

    def replace(self, places: Any, values: Any) -> Column[Scalar]:
        """A copy with other values at ``places``; older views keep the former ones."""
        buffer = self.values.copy()
        buffer[places] = values
        return Column(buffer, self.size)
