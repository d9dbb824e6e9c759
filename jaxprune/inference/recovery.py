"""Does a fit find the layer that a target came from? Simulated targets, all layers."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.stats import binomtest

from ..base import checks
from ..base.arrays import squareform
from ..base.facts import LABEL
from ..base.means import mean_of_defined
from ..engine.layer import as_features
from ..execution.run import run
from ..io.checkpoints import Checkpoints, digest
from ..metrics import METRICS
from ..plots import matrix
from ..plots.record import Record
from ..scoring import rdm
from .cross_validation.folds import random_folds
from .cross_validation.validating import identity_of
from .methods import FULL, METHODS, PRUNED, REWEIGHTED, compare_methods

if TYPE_CHECKING:
    from matplotlib.axes import Axes

IN_SAMPLE, HELD_OUT = WHERE = ("in-sample", "held out")


@dataclass(frozen=True, repr=False)
class Rate(Record):
    """Share of simulations in which the right layer was found.

    Attributes
    ----------
    share : float
    low, high : float
        95 % interval (Wilson) of simulations as draws; layers are those given.
    n : int
        Simulations.
    """

    share: float
    low: float
    high: float
    n: int

    def _facts(self) -> Sequence[tuple[str, str]]:
        return [
            ("share", f"{self.share:.3f} (95 %: {self.low:.3f} to {self.high:.3f})"),
            ("simulations", f"{self.n:,}"),
        ]


@dataclass(frozen=True, eq=False, repr=False)
class ModelRecovery(Record):
    """Scores of every layer for targets that were simulated from each of them.

    Attributes
    ----------
    layers, methods : tuple of str
    reliability : float
    scores : ndarray (L, n, L, M, 2)
        Element ``[t, i, c, m, w]`` is the score of candidate layer c with method m,
        for simulation i of layer t; in-sample (w = 0), and the mean over folds of
        held-out conditions (w = 1). NaN where undefined.
    """

    layers: tuple[str, ...]
    methods: tuple[str, ...]
    reliability: float
    scores: np.ndarray

    def _headline(self) -> str:
        n = self.scores.shape[1]
        return f"{n:,} simulated targets of each of {', '.join(self.layers)}"

    def _facts(self) -> Sequence[tuple[str, str]]:
        def shares(method: str) -> str:
            rates = [(where, self.rate(method, where)) for where in WHERE]
            return ", ".join(f"{rate.share:.2f} {where}" for where, rate in rates)

        return [
            ("found by", "share of targets whose own layer scored highest"),
            *((method[: LABEL - 2], shares(method)) for method in self.methods),
            ("chance", f"{1 / len(self.layers):.2f}"),
            ("reliability", f"{self.reliability:g}"),
            ("next", ".confusion(method), .rate(method)"),
        ]

    def _draw(self, axes: Axes) -> None:
        method = self.methods[-1]
        matrix(axes, self.confusion(method), self.layers, self.layers)
        axes.set_ylabel("target of")
        axes.set_xlabel(f"taken for, {method}, held out")

    def confusion(self, method: str, where: str = HELD_OUT) -> np.ndarray:
        """How often each layer (column) scored highest for targets of each (row).

        Parameters
        ----------
        method : str
        where : {"held out", "in-sample"}

        Returns
        -------
        ndarray of int (L, L)
            Rows add up to the number of simulations, less those without any score.
            Ties go to the first layer.
        """
        checks.choice("method", method, self.methods)
        checks.choice("where", where, WHERE)
        scores = self.scores[..., self.methods.index(method), WHERE.index(where)]
        size, known = len(self.layers), np.asarray(~np.isnan(scores).all(-1))
        winner = np.argmax(np.where(np.isnan(scores), -np.inf, scores), -1)
        counts = [np.bincount(winner[t, known[t]], minlength=size) for t in range(size)]
        return np.stack(counts)

    def rate(self, method: str, where: str = HELD_OUT) -> Rate:
        """Share of all simulations in which the layer of the target scored highest."""
        right = int(np.trace(self.confusion(method, where)))
        n = self.scores.shape[0] * self.scores.shape[1]
        found = binomtest(right, n).proportion_ci(method="wilson")
        return Rate(right / n, float(found.low), float(found.high), n)


def model_recovery(
    layers: Mapping[str, Any],
    reliability: float,
    n: int = 200,
    n_folds: int | None = None,
    *,
    methods: Sequence[str] = (FULL, PRUNED, REWEIGHTED),
    seed: int = 0,
    checkpoint: str | Path | None = None,
    progress: bool = False,
    **options: Any,
) -> ModelRecovery:
    r"""Simulate targets from layers, and see which layer each method takes them for.

    A flexible fit may fit the target of one layer with the units of another one. For
    every layer, n targets are simulated from its RDM :math:`z` (pairs with mean 0 and
    variance 1) and noise :math:`e` of the same kind,

    .. math:: t = \sqrt{\rho}\, z + \sqrt{1 - \rho}\, e

    so that two of them correlate by the reliability :math:`\rho` on average. All
    layers are then fitted to each by every method; the one that scores highest is
    taken for its origin.

    Parameters
    ----------
    layers : mapping of str to array_like (n_conditions, N)
        Two or more, of the same conditions; numbers of units may differ.
    reliability : float
        Mean correlation of RDMs of two groups of subjects such as yours: between 0
        and 1, or 1 for no noise.
    n : int
        Simulations of each layer.
    n_folds, seed
        Folds of conditions, as in :func:`cross_validate`; the seed is that of the
        noise, too.
    methods : sequence of str
        Of :func:`compare_methods`.
    checkpoint : path, optional
        Folder where simulations are kept as they are done: the same call goes on from
        there.
    progress : bool
        Show a progress bar on stderr.
    **options
        As in :func:`jaxprune.prune`.

    Returns
    -------
    ModelRecovery

    Raises
    ------
    ValueError
        Bad input, fewer than two layers, or other conditions in one of them.

    References
    ----------
    .. [1] Avitan & Golan (2025), arXiv:2510.23321: flexible fits, and how often they
       recover the model that data came from.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> layers = {name: rng.normal(size=(12, 30)) for name in ("early", "late")}
    >>> found = model_recovery(layers, 0.8, n=3, methods=["full", "pruned"])
    >>> found.confusion("full").sum(1), found.rate("full").n
    (array([3, 3]), 6)
    """
    if len(layers) < 2:
        raise ValueError(
            f"layers holds {len(layers)}; expected at least two to choose from."
        )
    for name in methods:
        checks.choice("methods", name, METHODS)
    n = checks.whole("n", n, 1)
    if not 0 < reliability <= 1:
        raise ValueError(
            f"reliability={reliability!r}: expected a correlation above 0, at most 1."
        )
    folded = METRICS[options.get("metric", "correlation")].folded
    arrays = {k: as_features(v, folded=folded) for k, v in layers.items()}
    sizes = {name: x.shape[-2] for name, x in arrays.items()}
    if len(set(sizes.values())) > 1:
        raise ValueError(
            f"layers have {sizes} conditions; expected the same ones in all of them."
        )
    random_folds(next(iter(sizes.values())), n_folds, 1, seed)
    of_rdms = ("metric", "undefined", "noise")
    given = {name: options[name] for name in of_rdms if name in options}
    rdms = [rdm(x, **given) for x in arrays.values()]
    checkpoints = Checkpoints.of(
        checkpoint,
        lambda: {
            "layers": {name: digest(x) for name, x in arrays.items()},
            "reliability": reliability,
            "folds": [n_folds, seed],
            "methods": list(methods),
            "options": identity_of(options),
        },
    )
    names = tuple(arrays)
    scores = np.empty((len(names), n, len(names), len(methods), len(WHERE)))

    def fitted(true: int, index: int) -> dict[str, np.ndarray]:
        rng = np.random.default_rng([seed, true, index])
        target = squareform(simulated(rdms[true], reliability, rng))
        table = np.full(scores.shape[2:], np.nan)
        for row, x in zip(table, arrays.values(), strict=True):
            found = compare_methods(
                x, target, n_folds, seed=seed, methods=methods, **options
            )
            for cell, name in zip(row, methods, strict=True):
                if name in found.names:
                    held_out = mean_of_defined(found.held_out[name])
                    cell[:] = found.in_sample[name], held_out
        return {"scores": table}

    def task(place: tuple[int, int]) -> Iterator[int]:
        true, index = place
        about = {"layer": names[true], "simulation": index}
        found = checkpoints.get("simulation", lambda: fitted(true, index), **about)
        scores[true, index] = found["scores"]
        yield 1

    places = [(true, index) for index in range(n) for true in range(len(names))]
    run(
        task,
        places,
        progress=progress,
        title="model recovery",
        total=len(places),
        unit="targets",
    )
    return ModelRecovery(names, tuple(methods), float(reliability), scores)


def simulated(
    pairs: np.ndarray, reliability: float, rng: np.random.Generator
) -> np.ndarray:
    """Pairs ``(P,)`` of a target that follows an RDM as far as `reliability` says.

    >>> rng = np.random.default_rng(0)
    >>> pairs = rng.random(4950)
    >>> first, second = (simulated(pairs, 0.6, rng) for _ in range(2))
    >>> round(float(np.corrcoef(first, second)[0, 1]), 1)
    0.6
    """
    signal, noise = pairs - pairs.mean(), rng.normal(size=len(pairs))
    noise -= noise.mean()
    parts = signal / signal.std(), noise / noise.std()
    return np.sqrt(reliability) * parts[0] + np.sqrt(1 - reliability) * parts[1]
