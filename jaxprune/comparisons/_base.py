"""The interface of a comparison."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax import Array

from ..base.types import Dissimilarities, Prepared
from .controls import EXPLAINED, basis_of, given_controls, residual

# A variance below this share of the sum of squares is taken for round-off: it is known
# to about sqrt(P) eps of it, 2e-13 for the 500,000 pairs of 1,000 conditions.
VANISHING = 1e-12
# Values closer than this many eps are taken for equal. A dissimilarity is a few
# operations on sums over units, whose own errors average to a few eps; measured on
# real layers, equal ones differ by up to 20 eps.
TIE = 64


def vanishes(
    variance: Array, squares: Array, n_pairs: Array | int, scale: float
) -> Any:
    """Whether an RDM is constant up to round-off.

    Parameters
    ----------
    variance, squares : Array
        Sums of its squares, around what it is compared around and around 0.
    n_pairs : int
    scale : float
        `Metric.scale`.
    """
    smallest = TIE * jnp.finfo(variance.dtype).eps * scale
    floor = jnp.asarray(n_pairs * smallest**2, variance.dtype)
    return variance <= jnp.maximum(VANISHING * squares, floor)


def is_constant(targets: np.ndarray) -> Any:
    """Whether targets ``(..., P)`` are constant up to round-off."""
    low, high = targets.min(-1, initial=np.inf), targets.max(-1, initial=-np.inf)
    return high - low <= 1e-12 * np.maximum(np.abs(low), np.abs(high))


def around_mean(target: np.ndarray) -> np.ndarray:
    """Minus its mean; exactly zero for a constant target."""
    return np.zeros_like(target) if is_constant(target) else target - target.mean()


def near_one(values: np.ndarray) -> np.ndarray:
    """Times a power of two, which is exact: squares stay in the range of floats."""
    largest = np.abs(values).max()
    if not 0 < largest < np.inf:
        return values
    return np.ldexp(values, -np.frexp(largest)[1])


def unit_length(vector: np.ndarray) -> np.ndarray:
    """Divide by the Euclidean norm; NaN for a vector of zeros.

    Summed by NumPy: BLAS would wake its threads for a vector, which costs
    milliseconds when the cores are busy.
    """
    vector = near_one(vector)
    with np.errstate(invalid="ignore"):
        return vector / np.sqrt(np.sum(vector * vector))


@dataclass(frozen=True)
class Comparison:
    """A similarity of two RDMs.

    Parameters
    ----------
    scale : float
        `Metric.scale` of the RDMs: round-off is measured against it where all
        dissimilarities are smaller.
    n_controls : int
        RDMs whose share of an RDM is taken out before it is compared: the last rows of
        what is prepared.

    Attributes
    ----------
    closed_form : bool
        A product with the target over the root of a second moment: what the closed
        forms can express.
    centred : bool
        Whether that moment is taken around the mean.
    ranks : bool
        Depends on the order of the dissimilarities only. XLA sorts slowly on CPUs, so
        there `score_rows` does it in NumPy.
    controllable : bool
        A product of two vectors over their lengths, from which the share of controls
        can be taken out.
    whitened : bool
        Asks which pair an entry belongs to: entries that share a condition covary.
    """

    scale: float = 0.0
    n_controls: int = 0
    closed_form: ClassVar[bool] = False
    centred: ClassVar[bool] = False
    ranks: ClassVar[bool] = False
    controllable: ClassVar[bool] = False
    whitened: ClassVar[bool] = False

    def prepare(self, target: np.ndarray) -> np.ndarray:
        """What `score` needs of a target ``(P,)``: centred, normalised, ranked."""
        raise NotImplementedError(f"{type(self).__name__} has prepare_all instead")

    def score(self, prepared: Array, rdm: Dissimilarities) -> Array:
        """Compare one RDM ``(P,)`` with a prepared target; NaN where undefined."""
        raise NotImplementedError(f"{type(self).__name__} has score_all instead")

    def prepare_all(
        self,
        targets: np.ndarray,
        pairs: tuple[np.ndarray, np.ndarray],
        controls: np.ndarray | None = None,
    ) -> Prepared:
        """What `score_all` needs of targets ``(k, P)`` of the same pairs.

        A comparison that asks which pair an entry belongs to defines this and
        `score_all` rather than `prepare` and `score`. With controls ``(K, P)`` it is
        what these leave of the targets, of unit length, and then a basis of the
        controls, `n_controls` rows of it.
        """
        del pairs
        prepared = np.stack([self.prepare(target) for target in targets])
        if controls is None:
            return prepared
        basis = basis_of(np.stack([self.prepare(control) for control in controls]))
        rests = residual(prepared, basis)
        squares = np.sum(rests * rests, 1)
        rests[squares <= EXPLAINED * np.sum(prepared * prepared, 1)] = np.nan
        rests = np.stack([unit_length(rest) for rest in rests])
        return np.concatenate([rests, basis[: self.n_controls]])

    def score_all(self, prepared: Prepared, rdms: Array) -> Array:
        """Compare a batch of RDMs ``(B, P)`` with `k` targets: ``(k, B)``."""
        batch = jax.vmap(self.score, (None, 0))
        scores = jax.vmap(batch, (0, None))(prepared, rdms)
        return given_controls(scores, self.n_controls)

    def terms(
        self, target: np.ndarray, rdm: np.ndarray, pairs: Any, controls: Any = None
    ) -> np.ndarray:
        """Terms ``(p,)`` of the score of an RDM, one an entry: it is their sum.

        Parameters
        ----------
        target, rdm : ndarray (p,)
            In float64, without missing entries.
        pairs : tuple of ndarray of int (p,)
            Conditions that the entries belong to.
        controls : ndarray (K, p), optional
            As in `prepare_all`; their share of the RDM is taken out, too, unless
            `n_controls` is 0.
        """
        own = controls if self.n_controls else None
        t = self.prepare_all(target[None], pairs, controls)[0]
        d = self.prepare_all(rdm[None], pairs, own)[0]
        with np.errstate(invalid="ignore"):
            return t * d / np.sqrt(np.sum(t * t) * np.sum(d * d))

    def score_rows(self, prepared: np.ndarray, rdms: np.ndarray) -> np.ndarray:
        """`score_all` on the host; only comparisons of ranks have it."""
        raise NotImplementedError(f"{type(self).__name__} is scored on the device")
