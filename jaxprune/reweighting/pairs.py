"""Features and target as a regression over pairs of conditions."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array, lax

from ..base import checks
from ..base.arrays import pair_index
from ..base.machine import machine_memory
from ..engine.layer import as_features, extremes
from ..engine.targets import as_targets
from ..execution.devices import device_of
from ..io.objects import matched
from .forms import FORMS, Form
from .gram import BLOCK, pair_gram
from .nonnegative import nonnegative
from .ridge import dual, primal


@dataclass(frozen=True, eq=False)
class Pairs:
    """The pairs of conditions that a target has, and what weights are found from.

    Attributes
    ----------
    form : Form
    x : jax array (n, N)
        Prepared features.
    i, j : ndarray of int (P,)
        Conditions of each pair.
    d : ndarray (P,)
        Dissimilarities.
    gram : jax array (P, P) or None
        Of the pair features, for the dual form.
    """

    form: Form
    x: Array
    i: np.ndarray
    j: np.ndarray
    d: np.ndarray
    gram: Array | None = None

    @property
    def n(self) -> int:
        """Number of conditions."""
        return len(self.x)

    def with_gram(self, progress: bool) -> Pairs:
        """With the Gram matrix, if there are fewer pairs than units."""
        if len(self.d) > self.x.shape[1]:
            return self
        gram = pair_gram(self.form, self.x, self.i, self.j, progress)
        return replace(self, gram=gram)

    def among(self, conditions: np.ndarray) -> np.ndarray:
        """Indices of the pairs among some conditions; ValueError if they say nothing.

        What is compared or fitted needs three dissimilarities that are not all equal.
        """
        chosen = np.zeros(self.n, bool)
        chosen[conditions] = True
        index = np.flatnonzero(chosen[self.i] & chosen[self.j])
        values = self.d[index]
        equal = np.ptp(values) <= 1e-12 * np.abs(values).max() if len(values) else False
        try:
            checks.comparable("target", values, bool(equal))
        except ValueError as error:
            if len(conditions) == self.n:
                raise
            raise ValueError(
                f"{error} (the pairs among conditions {conditions.tolist()}, counted "
                "from 0, one side of a split)"
            ) from error
        return index

    def local(self, index: np.ndarray) -> tuple[Array, np.ndarray, np.ndarray]:
        """Features of the conditions of some pairs, and the pairs as rows of them."""
        i, j = self.i[index], self.j[index]
        rows, place = np.unique(np.concatenate([i, j]), return_inverse=True)
        return _rows(self.x, rows), place[: len(i)], place[len(i) :]

    def variance(self, index: np.ndarray) -> float:
        """Trace of the centred Gram matrix of some pairs; ValueError if it has none."""
        total = float(_variance(self.form, *self.local(index)))
        if not 0 < total < np.inf:
            raise ValueError(
                f"features give pair features of variance {total:g}; expected a "
                "positive number. Check that conditions differ, and that values are "
                "between 1e-70 and 1e70 in size."
            )
        return total

    def fit(
        self, index: np.ndarray, penalties: np.ndarray, kind: str
    ) -> tuple[Array, np.ndarray]:
        """Weights ``(L, N)`` and intercepts ``(L,)`` from some pairs.

        Parameters
        ----------
        index : ndarray of int (p,)
        penalties : ndarray (L,)
        kind : {"ridge", "fractional", "nonnegative"}
        """
        x, i, j = self.local(index)
        there = (self.form, x, i, j, self.d[index], penalties)
        if kind == "nonnegative":
            total = self.variance(index)
            weights = nonnegative(*there, self.gram, index, variance=total)
        elif self.gram is None:
            weights = primal(*there, fractional=kind == "fractional")
        else:
            fractional = kind == "fractional"
            weights = dual(*there, self.gram, index, fractional=fractional)
        fitted = np.asarray(weighted(self.form, x, weights, i, j))
        return weights, self.d[index].mean() - fitted.mean(1)

    def weighted(self, index: np.ndarray, weights: Array) -> np.ndarray:
        """Predictions ``(L, p)`` of some pairs, less the intercept."""
        x, i, j = self.local(index)
        return np.asarray(weighted(self.form, x, weights, i, j))


def make_pairs(features: Any, target: Any, form: str, target_kind: str) -> Pairs:
    """Check features and target."""
    checks.choice("target_kind", target_kind, ["dissimilarity", "similarity"])
    features, target = matched(features, target)
    prepared = prepare(features, form)
    n = len(prepared)
    targets, _ = as_targets(target, n, target_kind)
    if len(targets) > 1:
        raise ValueError(
            f"target holds {len(targets)} RDMs; expected one. Reweight for each, or "
            "give their mean."
        )
    kept = ~np.isnan(targets[0])
    _check_memory(n, int(kept.sum()), prepared)
    i, j = (index[kept] for index in pair_index(n))
    pairs = Pairs(FORMS[form], prepared, i, j, targets[0][kept])
    pairs.variance(pairs.among(np.arange(n)))
    return pairs


def _check_memory(n: int, n_pairs: int, x: Array) -> None:
    """Twice a matrix of pairs x pairs, or of pairs x units if these are fewer."""
    needed, available = 16.0 * n_pairs * min(n_pairs, x.shape[1]), memory(x)
    if needed > available:
        raise ValueError(
            f"features: {n} conditions have {n_pairs} pairs, whose regression needs "
            f"{needed / 2**30:.2f} GiB of memory; there are {available / 2**30:.2f} "
            "GiB. Reweight fewer conditions, or fewer units than pairs."
        )


def memory(x: Array) -> float:
    """Bytes of the device that x is on; infinite where that is not known."""
    stats = next(iter(x.devices())).memory_stats() or {}
    if "bytes_limit" in stats:
        return stats["bytes_limit"]
    return machine_memory() or np.inf


def prepare(features: Any, form: str) -> Array:
    """Checked features ``(n, N)`` in float64, as a form takes them."""
    checks.choice("form", form, list(FORMS))
    x = as_features(features)
    low, high = extremes(x)
    constant = np.flatnonzero(low == high)
    if FORMS[form].centred and len(constant):
        listed = ", ".join(str(row) for row in constant[:5])
        more = f" and {len(constant) - 5} more" if len(constant) > 5 else ""
        raise ValueError(
            f"features is constant over all units for condition(s) {listed}{more} "
            "(counted from 0), so it cannot be z-scored. Remove those conditions from "
            "features and target, or use form='sqeuclidean'."
        )
    x = device_of(x, "float64").put(x)
    return _prepare(FORMS[form], x.astype("float64"))


@jax.jit
def _rows(x: Array, rows: Array) -> Array:
    return x.at[rows].get(mode="promise_in_bounds")


@partial(jax.jit, static_argnums=0)
def _prepare(form: Form, x: Array) -> Array:
    return form.prepare(x)


@partial(jax.jit, static_argnums=0)
def weighted(form: Form, x: Array, weights: Array, i: Array, j: Array) -> Array:
    """``Σ_k w_k φ_k(i, j)``, ``(L, p)``, of weights ``(L, N)``."""
    return lax.map(lambda w: form.apply(x, w)[i, j], weights)


@partial(jax.jit, static_argnums=0)
def _variance(form: Form, x: Array, i: Array, j: Array) -> Array:
    def of_unit(column: Array) -> Array:
        return jnp.var(form.pair_features(column[:, None], i, j)) * len(i)

    return jnp.sum(lax.map(of_unit, x.T, batch_size=min(BLOCK, x.shape[1])))
