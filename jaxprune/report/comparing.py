"""Our numbers beside the published ones."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from .numbers import MISSING, number, printed
from .sections import Table, Verdict


@dataclass(frozen=True)
class Compared:
    """A number of ours, and the one published for it.

    Parameters
    ----------
    name : str
        What was measured, with its unit.
    ours : float or None
        NaN if it is not defined, None if it was not computed.
    published : float, str or None
        Text, such as ``".28"``, is shown with the digits that it was printed with.
        None if no value was published.
    tolerance : float, optional
        Largest difference expected, in the unit of both.

    Examples
    --------
    >>> Compared("V1", 0.3, ".28").difference
    0.01999...
    >>> Compared("V2", 0.3, None).difference is None
    True
    """

    name: str
    ours: float | None
    published: float | str | None
    tolerance: float | None = None

    @property
    def difference(self) -> float | None:
        """Ours minus the published one; None where either is missing."""
        value = printed(self.published)[1]
        if self.ours is None or value is None:
            return None
        return float(self.ours) - value

    @property
    def close(self) -> bool | None:
        """Whether the difference is within the tolerance; None without either."""
        difference = self.difference
        if difference is None or self.tolerance is None or np.isnan(difference):
            return None
        # What decimals cannot tell apart is no difference: .36 - .28 is above .08.
        return abs(difference) <= self.tolerance + 1e-9


def comparison_table(rows: tuple[Compared, ...], caption: str, note: str) -> Table:
    """Return the table of :meth:`Report.comparison`."""
    judged = any(row.tolerance is not None for row in rows)
    columns = ("quantity", "ours", "published", "difference")
    return Table(
        columns + ("agreement",) * judged,
        tuple(_row(row, judged) for row in rows),
        caption,
        note,
        # Published values are text, with their own number of decimals.
        numeric=(False, True, True, True) + (False,) * judged,
    )


def _row(row: Compared, judged: bool) -> tuple[object, ...]:
    difference = row.difference
    shown = MISSING if difference is None else number(difference, sign=True)
    cells = row.name, row.ours, printed(row.published)[0], shown
    return cells + ((_verdict(row),) if judged else ())


def _verdict(row: Compared) -> Verdict | None:
    if row.close is None or row.tolerance is None:
        return None
    return Verdict(row.close, f"{row.tolerance:g}")
