"""Means and squared deviations of cells, summed as the data come."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Moments:
    r"""Count, mean and sum of squared deviations of every condition and unit.

    A batch of :math:`m` rows with mean :math:`\mu` and sum of squares :math:`S` joins
    :math:`n` earlier ones by (Chan, Golub & LeVeque, 1983)

    .. math::

        \delta = \mu - \bar x, \quad
        \bar x \leftarrow \bar x + \delta \frac{m}{n + m}, \quad
        M_2 \leftarrow M_2 + S + \delta^2 \frac{n m}{n + m}

    which stays exact where the mean is large and the deviations are small. Everything
    is float64, and updated in place.

    Attributes
    ----------
    count : ndarray of int (k,)
    mean : ndarray (k, ...)
    m2 : ndarray (k, ...) or None
        None if not asked for.

    References
    ----------
    .. [1] Chan, Golub & LeVeque (1983), Algorithms for computing the sample variance,
       The American Statistician 37, 242-247.

    Examples
    --------
    >>> moments = Moments.zeros(2, (1,), squares=True)
    >>> moments.add(np.array([0, 0, 1]), np.array([[1.0], [3.0], [5.0]]))
    >>> moments.mean.ravel(), moments.m2.ravel()
    (array([2., 5.]), array([2., 0.]))
    """

    count: np.ndarray
    mean: np.ndarray
    m2: np.ndarray | None

    @classmethod
    def zeros(cls, k: int, shape: tuple[int, ...], squares: bool = False) -> Moments:
        """Nothing yet, of ``k`` conditions and units of any shape."""
        m2 = np.zeros((k, *shape)) if squares else None
        return cls(np.zeros(k, np.int64), np.zeros((k, *shape)), m2)

    def add(self, condition: np.ndarray, values: np.ndarray) -> None:
        """Add rows.

        Parameters
        ----------
        condition : ndarray of int (m,)
            Of every row.
        values : ndarray (m, ...)
        """
        for c in np.unique(condition):
            self._join(c, values[condition == c])

    def _join(self, c: int, rows: np.ndarray) -> None:
        """Add rows of one condition."""
        n, m = self.count[c], len(rows)
        # One row is its own mean: most batches have one image of a condition.
        mean = rows[0] if m == 1 else rows.mean(0, dtype=np.float64)
        delta = mean - self.mean[c]
        if self.m2 is not None:
            # Row by row: all of them in float64 could take gigabytes.
            for row in rows if m > 1 else ():
                self.m2[c] += np.square(row - mean)
            self.m2[c] += np.square(delta) * (n * m / (n + m))
        delta *= m / (n + m)
        self.mean[c] += delta
        self.count[c] += m
