"""What cross-validation found: scores, units, their means and their agreement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base import checks
from ...base.csv_text import as_csv
from ...base.facts import count, number, p_text
from ...base.means import mean_of_defined
from ...base.paths import expanded
from ...plots.inline import draw_rows
from ...plots.record import Record
from ..corrected_t import (
    Estimate,
    corrected_t,
    corrected_variance,
    estimate,
)
from ..stability import Stability, stability
from .folds import held_out_ratio

if TYPE_CHECKING:
    from matplotlib.axes import Axes

SCORES = ("full", "pruned", "gain", "train_full", "train_pruned")


@dataclass(frozen=True, eq=False, repr=False)
class CrossValidation(Record):
    """Scores where a choice of units was made, and where it was not.

    One value for each fold: subjects one after the other, in each the repeats, in each
    the folds of conditions.

    Attributes
    ----------
    full, pruned : ndarray (k,)
        Score of all units, and of the retained ones, on the pairs of held-out
        conditions, or of the subject left out, of every fold. NaN where undefined.
    train_full, train_pruned : ndarray (k,)
        The same where units were chosen: biased upwards.
    sizes : ndarray of int (k,)
        Number of units retained.
    retained : tuple of ndarray of int
        Sorted indices of these units.
    held_out : tuple of ndarray of int
        Sorted indices of the conditions held out; none with ``over="subjects"``.
    names : tuple of str
        Of the folds: their numbers, or the groups that were held out; with
        ``over="subjects"`` empty.
    repeats : ndarray of int (k,)
        Which split of the conditions, from 0.
    subjects : ndarray of int (k,) or None
        The subject left out, from 0.
    ceiling_lower, ceiling_upper : ndarray (k,) or None
        Score of the other subjects' pooled RDM, and of that of all, where a fold is
        scored; see :func:`noise_ceiling`. With subjects only; NaN where they have
        fewer than 3 pairs in common.
    over : str
        ``"conditions"``, ``"subjects"`` or ``"both"``.
    n_conditions, n_units : int
        Of the layer.
    """

    full: np.ndarray
    pruned: np.ndarray
    train_full: np.ndarray
    train_pruned: np.ndarray
    sizes: np.ndarray
    retained: tuple[np.ndarray, ...]
    held_out: tuple[np.ndarray, ...]
    names: tuple[str, ...]
    repeats: np.ndarray
    subjects: np.ndarray | None
    ceiling_lower: np.ndarray | None
    ceiling_upper: np.ndarray | None
    over: str
    n_conditions: int
    n_units: int

    def _headline(self) -> str:
        return "units chosen on some conditions or subjects, scored on others"

    def _facts(self) -> Sequence[tuple[str, str]]:
        scores = [self.estimate(name).mean for name in SCORES]
        full, pruned, _, train_full, train_pruned = map(number, scores)
        gain, agreed = self.estimate(), self.stability
        interval = f"{gain.low:.3f} to {gain.high:.3f}"
        sizes = np.sort(self.sizes)
        undefined = int(np.isnan(self.gain).sum())
        over = {"both": "conditions and subjects"}.get(self.over, self.over)
        facts = [
            ("folds", f"{len(self.full):,}, of {over}"),
            ("pruned", f"{pruned} on others, {train_pruned} where units were chosen"),
            ("all units", f"{full} on others, {train_full} where units were chosen"),
            ("gain", f"{gain.mean:+.3f} ({interval}), p {p_text(gain.p_value)}"),
            ("units kept", f"{sizes[0]:,} to {sizes[-1]:,} of {self.n_units:,}"),
            ("overlap", f"{agreed.coefficient:.2f}, by chance {agreed.chance:.2f}"),
        ]
        if undefined:
            facts.append(("undefined", f"{count(undefined, 'fold')} without a score"))
        return [*facts, ("next", ".estimate('pruned'), .stability, .rows()")]

    def _draw(self, axes: Axes) -> None:
        rows = [self.full, self.pruned, self.train_full, self.train_pruned]
        names = ("all units", "pruned", "all units, chosen on", "pruned, chosen on")
        draw_rows(axes, names, rows, "score, every fold a dot")

    @property
    def gain(self) -> np.ndarray:
        """What pruning adds on held-out conditions, ``pruned - full``."""
        return self.pruned - self.full

    @property
    def stability(self) -> Stability:
        """How far the folds retain the same units."""
        return stability(self.retained, self.n_units)

    def estimate(self, what: str = "gain", confidence: float = 0.95) -> Estimate:
        r"""Mean over folds, with an error that knows of overlapping training sets.

        The variance of a mean over J values is taken as
        :math:`(1/J + n_{test}/n_{train}) s^2` [1]_, with the numbers of conditions
        (k folds: 1 / (k - 1)) or of subjects: repeats of the split do not make it
        vanish [2]_. Over both, values are averaged over the conditions for each
        subject, and over the subjects for each fold of conditions; the variances of
        these two means add up, and the degrees of freedom are those of the shorter.

        Parameters
        ----------
        what : {"gain", "full", "pruned", "train_full", "train_pruned"}
        confidence : float
            Of the interval.

        Returns
        -------
        Estimate
            Mean, standard error, interval, and the one-tailed test that the mean
            exceeds 0: meant for gains, since a squared score always does.

        Notes
        -----
        A fold has no score where a held-out condition has no pattern over the retained
        units (all of them silent, say). Such folds are left out, and counted in
        ``n_undefined``. They are those where pruning took too much, so that the others
        flatter it: ``undefined="zero"`` counts undefined similarities as 0, and every
        fold has a score.

        References
        ----------
        .. [1] Nadeau & Bengio (2003). Inference for the generalization error. Machine
           Learning 52, 239-281.
        .. [2] Bouckaert & Frank (2004). Evaluating the replicability of significance
           tests for comparing learning algorithms. PAKDD 2004.
        """
        checks.choice("what", what, SCORES)
        values = getattr(self, what)
        if self.over != "both":
            return corrected_t(values, self.ratio(self.over), confidence)
        assert self.subjects is not None
        table = values.reshape(self.subjects.max() + 1, -1)
        variance, sizes = 0.0, []
        for axis, factor in enumerate(("conditions", "subjects")):
            means = mean_of_defined(table, axis)
            means = means[~np.isnan(means)]
            variance += corrected_variance(means, self.ratio(factor))
            sizes.append(len(means))
        undefined = int(np.isnan(values).sum())
        mean = mean_of_defined(values)
        return estimate(mean, variance, min(sizes) - 1, confidence, undefined)

    def ratio(self, factor: str) -> float:
        """Held out over kept, of conditions (of groups: on average) or of subjects."""
        if factor == "subjects":
            assert self.subjects is not None
            return 1 / int(self.subjects.max())
        return held_out_ratio(self.held_out, self.n_conditions)

    def rows(self, **labels: Any) -> list[dict[str, Any]]:
        """One row for each fold, for tables of many layers and targets.

        Parameters
        ----------
        **labels
            First columns, the same in all rows: ``layer="conv5", target="IT"``.

        Returns
        -------
        list of dict
            The labels; ``subject`` from 0, None if none was left out; ``repeat`` from
            0, ``fold``, the number of conditions held out, and of units (``size``); the
            scores; and the noise ceiling, None without subjects.
        """
        k = len(self.full)
        nothing = [None] * k

        def listed(values: np.ndarray | None) -> list[Any]:
            return nothing if values is None else values.tolist()

        columns = {
            "subject": listed(self.subjects),
            "repeat": self.repeats.tolist(),
            "fold": list(self.names),
            "n_held_out": [len(held_out) for held_out in self.held_out],
            "size": self.sizes.tolist(),
            **{name: getattr(self, name).tolist() for name in SCORES},
            "ceiling_lower": listed(self.ceiling_lower),
            "ceiling_upper": listed(self.ceiling_upper),
        }
        cells = zip(*columns.values(), strict=True)
        return [{**labels, **dict(zip(columns, row, strict=True))} for row in cells]


def save_rows(rows: Iterable[Mapping[str, Any]], path: str | Path) -> Path:
    """Write rows of one or several cross-validations as CSV.

    Parameters
    ----------
    rows : iterable of mapping
        All with the same columns; see :meth:`CrossValidation.rows`.
    path : str or Path

    Returns
    -------
    Path
        The file. None and NaN are empty cells.

    Raises
    ------
    ValueError
        No rows, or a row with other columns than the first.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     file = save_rows([{"layer": "V1", "pruned": 0.5}], f"{folder}/rows.csv")
    ...     print(file.read_text())
    layer,pruned
    V1,0.5
    """
    listed = list(rows)
    columns = list(listed[0]) if listed else []
    for place, row in enumerate(listed):
        if list(row) != columns:
            raise ValueError(
                f"rows[{place}] has columns {list(row)}; expected {columns}, those of "
                "rows[0]. Give the same labels to all."
            )
    if not listed:
        raise ValueError("rows is empty; expected at least one row to write.")
    file = expanded(path)
    file.write_text(as_csv(listed), encoding="utf-8", newline="\n")
    return file
