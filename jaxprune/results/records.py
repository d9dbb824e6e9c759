"""What the public functions return: arrays, and how they came to be.

Frozen dataclasses, which know how they print. Nothing here computes, and nothing here
knows how a record is saved, tabulated or published: see `pruning` for that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from ..base.facts import count, described, percent, spread
from ..plots.inline import draw_curve, draw_ranked
from ..plots.record import Record

if TYPE_CHECKING:
    from matplotlib.axes import Axes

# Of a maximum over sizes.
BIASED = "biased upwards: chosen on these data"


@dataclass(frozen=True)
class Settings:
    """What was asked for: the options that change the numbers.

    Of the precision of the noise it is kept whether there was one, ``"diagonal"`` or
    ``"full"``; of sizes, groups and controls how many there were, unless ``"all"`` and
    units; of the read-out its name. With controls, `semi` says that their share of the
    target alone is taken out.
    """

    metric: str = "correlation"
    compare: str = "pearson"
    objective: str = "r"
    undefined: str = "nan"
    target_kind: str = "dissimilarity"
    pool: str = "each"
    noise: str | None = None
    search: str = "ranked"
    importance: str = "leave_one_out"
    sizes: str = "all"
    groups: int | None = None
    controls: int | None = None
    semi: bool = False
    readout: str | None = None

    @property
    def score_text(self) -> str:
        """How a score is made, in words."""
        squared = ", squared" if self.objective == "r2" else ""
        return f"{self.metric} RDMs, {self.compare}{squared}"

    @property
    def facts(self) -> list[tuple[str, str]]:
        """How a score is made, and what was taken out of it."""
        facts = [("score", self.score_text)]
        if self.controls is not None:
            where = "the target" if self.semi else "target and layer"
            text = f"{count(self.controls, 'RDM')}, taken out of {where}"
            facts.append(("controls", text))
        if self.readout is not None:
            facts.append(("read-out", self.readout))
        return facts


@dataclass(frozen=True, repr=False)
class Importance(Record):
    """Leave-one-unit-out importance of every unit, or of every group of units.

    Attributes
    ----------
    full_score : float or ndarray (k,)
        Score of all units; one per target where a stack of k targets was given.
    scores : ndarray (N,) or (k, N)
        Score of the layer without unit k; NaN where it is undefined.
    importance : ndarray (N,) or (k, N)
        ``full_score - scores``, computed without that subtraction where the path
        allows (an importance is of order 1/N of a score).
    path : str
        ``"closed_form"``, ``"downdate"`` or ``"masked"``.
    dtype, device : str
        Where and in which precision it was computed.
    settings : Settings
        The options that change the numbers.
    groups : ndarray (G,) or None
        Names of the groups, if units were left out in groups: everything is one a
        group then, ``(G,)`` or ``(k, G)``.
    """

    full_score: Any
    scores: np.ndarray
    importance: np.ndarray
    path: str
    dtype: str
    device: str
    settings: Settings
    groups: np.ndarray | None = None

    def _headline(self) -> str:
        ranked = _ranked(self.groups, self.importance)
        return f"what the fit loses without each of {ranked}"

    def _facts(self) -> Sequence[tuple[str, str]]:
        return [
            ("all units", f"score {spread(self.full_score)}"),
            ("importance", described(self.importance)),
            *self.settings.facts,
            ("path", f"{self.path}, {self.dtype} on {self.device}"),
            ("next", "jaxprune.reintroduce(features, target, order), or .prune(...)"),
        ]

    def _draw(self, axes: Axes) -> None:
        draw_ranked(axes, self.importance, "importance", _thing(self.groups))


@dataclass(frozen=True, repr=False)
class Shapley(Record):
    """Shapley values of the units of a layer, estimated from random orders.

    Attributes
    ----------
    values : ndarray (N,) or (k, N)
        Mean gain of the score when a unit joins those before it in a random order.
        They add up to `full_score`, exactly but for round-off.
    standard_errors : ndarray (N,) or (k, N)
        Of the values, over pairs of orders.
    n_orders : int
        Orders, two a pair.
    converged : bool
        Whether the errors came below the tolerance.
    full_score : float or ndarray (k,)
        Score of all units.
    seed : int
        Where the orders come from.
    dtype, device : str
        Where and in which precision it was computed.
    settings : Settings
        The options that change the numbers.
    groups : ndarray (G,) or None
        Names of the groups of units that joined together; values are theirs.
    """

    values: np.ndarray
    standard_errors: np.ndarray
    n_orders: int
    converged: bool
    full_score: Any
    seed: int
    dtype: str
    device: str
    settings: Settings
    groups: np.ndarray | None = None

    def _headline(self) -> str:
        ranked = _ranked(self.groups, self.values)
        return f"what each of {ranked} adds to those before it, on average"

    def _facts(self) -> Sequence[tuple[str, str]]:
        reached = "" if self.converged else ", above the tolerance: give more orders"
        return [
            ("all units", f"score {spread(self.full_score)}, the sum of the values"),
            ("values", described(self.values)),
            ("errors", f"at most {np.max(self.standard_errors):.2g}{reached}"),
            ("orders", f"{self.n_orders:,}, seed {self.seed}"),
            *self.settings.facts,
            ("path", f"{self.dtype} on {self.device}"),
            ("next", "jaxprune.prune(features, target, importance='shapley')"),
        ]

    def _draw(self, axes: Axes) -> None:
        draw_ranked(axes, self.values, "Shapley value", _thing(self.groups))


@dataclass(frozen=True, repr=False)
class Reintroduction(Record):
    """Scores of the first units of an order, at some sizes or at all.

    Attributes
    ----------
    curve : ndarray (S,) or (k, S)
        ``curve[j]`` is the score of the first ``sizes[j]`` units; NaN where undefined.
    sizes : ndarray of int (S,)
        Numbers of units; ``1, 2, ..., N`` unless others were asked for.
    order : ndarray of int (N,) or (k, N)
        The units, first to last.
    best_size : int or ndarray (k,)
        Number of units (not an index) of the best-scoring prefix, the smallest
        where several tie.
    best_score : float or ndarray (k,)
        Its score.
    path, dtype, device : str
        As in :class:`Importance`; the path is ``"prefix"``.
    settings : Settings
        The options that change the numbers.
    groups : ndarray (G,) or None
        Names of the groups that units were put back in: `order` holds indices into it,
        and `sizes` and `best_size` count groups.
    """

    curve: np.ndarray
    sizes: np.ndarray
    order: np.ndarray
    best_size: Any
    best_score: Any
    path: str
    dtype: str
    device: str
    settings: Settings
    groups: np.ndarray | None = None

    def _headline(self) -> str:
        ranked = _ranked(self.groups, self.order)
        return f"scores of the first of {ranked}, in a given order"

    def _facts(self) -> Sequence[tuple[str, str]]:
        thing = _thing(self.groups)
        last = np.atleast_2d(self.curve)[:, -1]
        return [
            ("best score", f"{spread(self.best_score)}, {BIASED}"),
            ("best size", _sizes(self.best_size, self.order.shape[-1], thing)),
            ("largest size", f"{count(self.sizes[-1], thing)}, score {spread(last)}"),
            ("sizes", f"{len(self.sizes):,} scored"),
            *self.settings.facts,
            ("path", f"{self.path}, {self.dtype} on {self.device}"),
            ("next", ".order[:.best_size], the units of the best size"),
        ]

    def _draw(self, axes: Axes) -> None:
        thing = _thing(self.groups)
        draw_curve(axes, self.sizes, self.curve, self.best_size, thing)


@dataclass(frozen=True, repr=False)
class PruningFields(Record):
    """Fields of a `Pruning`, and what follows from them."""

    full_score: Any
    importance: np.ndarray
    order: np.ndarray
    curve: np.ndarray
    sizes: np.ndarray
    best_size: Any
    best_score: Any
    retained: Any
    target_rdm: np.ndarray
    full_rdm: np.ndarray
    pruned_rdm: np.ndarray
    paths: dict[str, str]
    dtype: str
    device: str
    settings: Settings
    conditions: tuple[str, ...] | None = None
    units: Mapping[str, Any] | None = None
    groups: np.ndarray | None = None
    group_of: np.ndarray | None = None
    plain_full_score: Any = None
    plain_best_score: Any = None

    def _headline(self) -> str:
        kept = _sizes(self.best_size, self.n_ranked, self.ranked)
        return f"{kept} kept"

    def _facts(self) -> Sequence[tuple[str, str]]:
        of = count(self.n_units, "unit")
        if self.groups is not None:
            of += f" in {count(self.n_ranked, 'group')}"
        k = len(np.atleast_2d(self.target_rdm))
        undefined = f"{count(self.n_undefined, self.ranked)}, ranked first: no score "
        return [
            ("all units", f"score {spread(self.full_score)}"),
            ("kept", f"score {spread(self.best_score)}, {BIASED}"),
            ("layer", f"{self.n_conditions} conditions x {of}"),
            ("target", "one RDM" if k == 1 else f"{k} RDMs, pool={self.settings.pool}"),
            *([("undefined", undefined + "without")] if self.n_undefined else []),
            *self.settings.facts,
            *self._uncontrolled(),
            ("path", f"{self.paths['importance']}, {self.dtype} on {self.device}"),
            ("next", ".plot(), .save(folder), jaxprune.inference.cross_validate(...)"),
        ]

    def _uncontrolled(self) -> list[tuple[str, str]]:
        """Scores of the same units without taking the controls out."""
        if self.plain_full_score is None:
            return []
        plain = spread(self.plain_full_score), spread(self.plain_best_score)
        return [("without that", f"all units {plain[0]}, kept {plain[1]}")]

    def _draw(self, axes: Axes) -> None:
        draw_curve(axes, self.sizes, self.curve, self.best_size, self.ranked)

    @property
    def n_conditions(self) -> int:
        """Number of conditions."""
        # P = n (n - 1) / 2, solved for n.
        return int((1 + np.sqrt(1 + 8 * self.full_rdm.shape[-1])) / 2)

    @property
    def n_units(self) -> int:
        """Number of units of the layer."""
        return self.n_ranked if self.group_of is None else len(self.group_of)

    @property
    def n_ranked(self) -> int:
        """Number of what was ranked: groups, or units."""
        return self.importance.shape[-1]

    @property
    def ranked(self) -> str:
        """What was ranked, in a word: ``"unit"`` or ``"group"``."""
        return "unit" if self.groups is None else "group"

    @property
    def retained_groups(self) -> Any:
        """Sorted indices into `groups`, or a list of k of them; None without groups."""
        if self.groups is None:
            return None
        rows = zip(
            np.atleast_2d(self.order), np.atleast_1d(self.best_size), strict=True
        )
        found = [np.sort(order[:size]) for order, size in rows]
        return found if isinstance(self.retained, list) else found[0]

    @property
    def n_undefined(self) -> int:
        """Number of units (or groups) whose removal leaves the score undefined."""
        return int(np.isnan(self.importance).reshape(-1, self.n_ranked).any(0).sum())

    @property
    def mask(self) -> np.ndarray:
        """Retained units as a boolean mask, ``(N,)`` or ``(k, N)``."""
        several = isinstance(self.retained, list)
        rows = self.retained if several else [self.retained]
        mask = np.zeros((len(rows), self.n_units), bool)
        for row, units in zip(mask, rows, strict=True):
            row[units] = True
        return mask if several else mask[0]


def _thing(groups: np.ndarray | None) -> str:
    """What was ranked, in a word."""
    return "unit" if groups is None else "group"


def _ranked(groups: np.ndarray | None, values: np.ndarray) -> str:
    """How many units or groups a layer has."""
    return count(values.shape[-1], _thing(groups))


def _sizes(best: Any, n: int, thing: str) -> str:
    """How many of n units are in the best prefix; of several targets, the range."""
    sizes = np.atleast_1d(best)
    low, high = int(sizes.min()), int(sizes.max())
    if len(sizes) == 1:
        return f"{low:,} of {count(n, thing)} ({percent(low, n)})"
    return f"{low:,} to {high:,} of {count(n, thing)}, for each of {len(sizes)} targets"
