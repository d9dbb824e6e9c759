"""Reweighting: fit, and the penalty chosen by cross-validation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np

from ..base.arrays import double_precision, pair_index
from ..base.facts import count, described, number
from ..execution.run import bar
from ..plots.inline import draw_ranked
from ..plots.record import Record
from .choosing import choose_and_fit, correlations
from .forms import FORMS
from .pairs import make_pairs, prepare, weighted
from .penalties import make_grid

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class Reweighting(Record):
    """Weights of units, and the RDM that they predict.

    Attributes
    ----------
    weights : ndarray (N,)
        One weight a unit; of features z-scored within conditions for ``form="dot"``.
    intercept : float
        Added to every dissimilarity.
    penalty : float
        The one chosen.
    penalties : ndarray (L,)
        All that were tried: λ, or fractions.
    scores : ndarray (L,) or None
        Mean Pearson correlation on held-out conditions, for each penalty; NaN where
        all weights are 0 in some fold. None where a single penalty was given.
    score : float
        Pearson correlation of prediction and target on the conditions of the fit:
        biased upwards. NaN where all weights are 0.
    form : str
        ``"dot"`` or ``"sqeuclidean"``.
    """

    weights: np.ndarray
    intercept: float
    penalty: float
    penalties: np.ndarray
    scores: np.ndarray | None
    score: float
    form: str

    def _headline(self) -> str:
        return f"weights of {count(len(self.weights), 'unit')}, form {self.form!r}"

    def _facts(self) -> Sequence[tuple[str, str]]:
        zeros = int((self.weights == 0).sum())
        facts = [
            ("fitted", f"r {number(self.score)}, biased upwards: on the same pairs"),
            ("weights", f"{described(self.weights)}; {zeros:,} are 0"),
            ("penalty", f"{self.penalty:.3g}, of {len(self.penalties)} tried"),
        ]
        if self.scores is not None:
            best = float(np.nanmax(self.scores))
            facts.append(("held out", f"r {number(best)}, that chose the penalty"))
        return [*facts, ("next", ".predict(features), reweighting.nested_scores(...)")]

    def _draw(self, axes: Axes) -> None:
        draw_ranked(axes, self.weights, "weight")

    def predict(self, features: Any) -> np.ndarray:
        """Dissimilarities of other conditions, condensed.

        Parameters
        ----------
        features : array_like (m, N)
            Of the same units.

        Returns
        -------
        ndarray (m (m - 1) / 2,)

        Raises
        ------
        ValueError
            Another number of units, or bad features.
        """
        with double_precision():
            x = prepare(features, self.form)
            if x.shape[1] != len(self.weights):
                raise ValueError(
                    f"features has {x.shape[1]} units; the weights are of "
                    f"{len(self.weights)}. Pass the same units in the same order."
                )
            i, j = pair_index(len(x))
            form = FORMS[self.form]
            return self.intercept + np.asarray(
                weighted(form, x, jnp.asarray(self.weights[None]), i, j)[0]
            )


def reweight(
    features: Any,
    target: Any,
    form: str = "dot",
    *,
    penalties: Any = None,
    nonnegative: bool = False,
    n_folds: int = 5,
    seed: int = 0,
    target_kind: str = "dissimilarity",
    progress: bool = False,
) -> Reweighting:
    r"""Fit one weight for each unit, so that a weighted RDM predicts the target.

    .. math:: d_{ij} = b - \sum_k w_k f_{ik} f_{jk} \quad\text{or}\quad
              d_{ij} = b + \sum_k w_k (f_{ik} - f_{jk})^2

    by ridge regression over the pairs of conditions, with a penalty :math:`λ |w|^2`
    that spares the intercept b.

    Parameters
    ----------
    features : array_like (n, N)
        Activations, one row per condition. A jax array stays on its device.
    target : array_like or RDMs
        One target RDM; see :func:`jaxprune.prune`. NaN marks missing pairs, which are
        left out.
    form : {"dot", "sqeuclidean"}
        Products of features that are z-scored within each condition (over units), so
        that equal weights give the correlation distance; or squared differences.
    penalties : array_like (L,), float or "fractions", optional
        λ to choose from. By default 20 from the total variance of the pair features
        down to 1e-7 of it, or 13 down to 1e-4 of it for non-negative weights. With
        ``"fractions"``, λ such that the norm of the weights is 0.1 to 1 times that
        without a penalty (fractional ridge regression [3]_).
    nonnegative : bool
        Weights of at least 0: no unit may count against its own similarity.
    n_folds : int
        The penalty is chosen by the mean Pearson correlation with the pairs among
        held-out conditions, for weights from the pairs among the others. Conditions
        are split, not pairs, or a held-out pair's conditions would be known.
    seed : int
        Of the random folds.
    target_kind : {"dissimilarity", "similarity"}
        Similarities s are used as dissimilarities 1 - s.
    progress : bool
        Show progress bars on stderr.

    Returns
    -------
    Reweighting

    Raises
    ------
    ValueError
        Bad input; a constant condition with ``form="dot"``; fewer than 3 conditions
        in a fold; pair features without variance; more pairs than memory holds.
    RuntimeError
        Non-negative weights that did not converge.

    Notes
    -----
    With N units and P pairs, memory is ``16 P²`` bytes or, where there are more pairs
    than units, about ``16 P N``. All computations are in float64.

    ``weights`` predict; which units matter is another question. Correlated units
    share weight, and a penalty spreads it.

    References
    ----------
    .. [1] Peterson, Abbott, Griffiths (2018). Evaluating (and improving) the
       correspondence between deep neural networks and human representations.
       Cognitive Science 42, 2648-2669.
    .. [2] Kaniuth, Hebart (2022). Feature-reweighted representational similarity
       analysis. NeuroImage 257, 119294.
    .. [3] Rokem, Kay (2020). Fractional ridge regression. GigaScience 9, giaa133.

    Examples
    --------
    >>> import numpy as np
    >>> from jaxprune.reweighting import reweight
    >>> rng = np.random.default_rng(0)
    >>> features = rng.random((12, 20))
    >>> target = (features[:, None, 3] - features[:, 3]) ** 2
    >>> found = reweight(features, target, "sqeuclidean", n_folds=3)
    >>> int(found.weights.argmax()), round(found.score, 2)
    (3, 1.0)
    >>> found.predict(features[:4]).shape
    (6,)
    """
    grid = make_grid(penalties, nonnegative)
    with double_precision():
        pairs = make_pairs(features, target, form, target_kind).with_gram(progress)
        conditions, total = np.arange(pairs.n), grid.n_fits(n_folds)
        with bar("reweighting", total, "folds", progress) as advance:
            fit = choose_and_fit(pairs, conditions, grid, n_folds, seed, advance)
        index = pairs.among(conditions)
        score = correlations(pairs.weighted(index, fit.weights), pairs.d[index])[0]
    return Reweighting(
        weights=np.asarray(fit.weights[0]),
        intercept=fit.intercept,
        penalty=fit.penalty,
        penalties=fit.penalties,
        scores=fit.scores,
        score=float(score),
        form=form,
    )
