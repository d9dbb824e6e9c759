"""Features that are mostly zeros, dense only for the units that are looked at."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .arrays import float_of


def is_sparse(given: Any) -> bool:
    """Whether this is a matrix or an array of `scipy.sparse`."""
    return hasattr(given, "tocsr") and hasattr(given, "nnz")


@dataclass(frozen=True, eq=False)
class SparseUnits:
    """Features ``(n, N)`` that are sliced like an array, along units into dense ones.

    Parameters
    ----------
    by_unit : scipy.sparse.csr_array (N, n)
        The responses of a unit side by side, in float32 or float64.

    Examples
    --------
    >>> from scipy import sparse
    >>> x = SparseUnits.of(sparse.csr_array([[0, 2, 0], [1, 0, 0]]))
    >>> x.shape, x[:, 1:], x[:, [0]]
    ((2, 3), array([[2., 0.], [0., 0.]]), array([[0.], [1.]]))
    """

    by_unit: Any

    @staticmethod
    def of(given: Any) -> SparseUnits:
        """From any format of scipy; entries given twice are added up.

        Raises
        ------
        ValueError
            If an entry is no real number, NaN or infinite.
        """
        dtype = np.dtype(given.dtype)
        if dtype.kind not in "biuf":
            raise ValueError(
                f"features is a sparse matrix of dtype {dtype}; expected real numbers."
            )
        from scipy.sparse import csr_array

        by_unit = csr_array(given.T, dtype=float_of(dtype))
        by_unit.sum_duplicates()
        if not np.isfinite(by_unit.data).all():
            bad = np.flatnonzero(~np.isfinite(by_unit.data))
            unit = int(np.searchsorted(by_unit.indptr, bad[0], "right")) - 1
            raise ValueError(
                f"features contains NaN or infinity: {len(bad)} of the entries of a "
                f"sparse matrix, the first at (condition {by_unit.indices[bad[0]]}, "
                f"unit {unit}) (counted from 0). Remove those conditions or units, or "
                "replace the values."
            )
        return SparseUnits(by_unit)

    @property
    def shape(self) -> tuple[int, int]:
        """Conditions and units."""
        return self.by_unit.shape[::-1]

    @property
    def ndim(self) -> int:
        """Two axes."""
        return 2

    @property
    def dtype(self) -> np.dtype[Any]:
        """Of the numbers."""
        return self.by_unit.dtype

    @property
    def parts(self) -> tuple[np.ndarray, ...]:
        """Arrays that say all of it."""
        x = self.by_unit
        return np.array(x.shape), x.data, x.indices, x.indptr

    def __len__(self) -> int:
        return self.shape[0]

    def __getitem__(self, index: Any) -> Any:
        """``x[rows]`` is sparse, ``x[:, units]`` an array."""
        if not isinstance(index, tuple):
            return SparseUnits(self.by_unit[:, index])
        rows, units = index
        if rows is not Ellipsis and rows != slice(None):
            return self[rows][:, units]
        return self.by_unit[units].T.toarray(order="C")

    def units(self, index: np.ndarray) -> np.ndarray:
        """Responses ``(..., n)`` of units ``(...)``."""
        rows = self.by_unit[np.ravel(index)].toarray()
        return rows.reshape(*np.shape(index), len(self))

    def min(self, axis: int = -1) -> np.ndarray:
        """Smallest value of each row; with axis 0, of each unit."""
        return np.ravel(self._over(axis, "min").toarray())

    def max(self, axis: int = -1) -> np.ndarray:
        """Largest value of each row; with axis 0, of each unit."""
        return np.ravel(self._over(axis, "max").toarray())

    def any(self, axis: int = 0) -> np.ndarray:
        """Which units respond; with axis 1, which rows."""
        return (self.min(axis) != 0) | (self.max(axis) != 0)

    def sum(self, axis: int = -1, dtype: Any = None) -> np.ndarray:
        """Sum of each row; with axis 0, of each unit."""
        return np.ravel(self._over(axis, "sum", dtype=dtype))

    def ldexp(self, exponents: np.ndarray) -> SparseUnits:
        """Rows times powers of two."""
        x = self.by_unit.copy()
        every = np.broadcast_to(exponents, len(self))
        x.data = np.ldexp(x.data, every[x.indices])
        return SparseUnits(x)

    def _over(self, axis: int, name: str, **options: Any) -> Any:
        # The matrix has its axes the other way round.
        return getattr(self.by_unit, name)(axis=1 if axis == 0 else 0, **options)
