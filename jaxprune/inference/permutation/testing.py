"""Whether pruned units fit a target better than units pruned for a shuffled one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base import checks
from ...base.facts import LISTED, described, p_text, spread
from ...base.paths import expanded
from ...engine.unit_groups import groups_or_units
from ...io.checkpoints import Checkpoints, digest
from ...io.objects import count_units
from ...plots.inline import draw_null
from ...plots.record import Record
from ...pruning import prune
from ...results import Settings
from ..grid import grid
from ..null import reached, round_off
from .permuting import Repeated, permuted_prunings

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True, eq=False, repr=False)
class PermutationTest(Record):
    """A pruning, and the prunings for targets with permuted condition labels.

    With several targets (and ``pool="each"``) everything observed is ``(k,)``, so are
    the p-values, and what was found for the m permutations is ``(k, m)``.

    Attributes
    ----------
    full_score, best_score, gain : float
        Observed: score of all units, of the best prefix, and their difference.
    best_size : int
        Number of units in the best prefix.
    p_value : float
        Share of targets, permuted ones and the observed one, whose *pruned* score is
        at least the observed pruned score: corrected for the selection of units.
    p_gain : float
        The same for the gain over the full layer: strict where that fits, see Notes.
    p_full : float
        The same for the full layer, where nothing is selected: the plain test of RSA.
    n_permutations, seed : int
        m, and where the permutations come from.
    null, null_full, null_gain : ndarray (m,)
        Pruned score, full score and gain for every permuted target; NaN where no
        prefix has a score, which counts as at least the observed.
    null_sizes : ndarray of int (m,)
        Units in the best prefix; 0 where there is none.
    settings : Settings
        The options that change the numbers.
    """

    full_score: Any
    best_score: Any
    gain: Any
    best_size: Any
    p_value: Any
    p_gain: Any
    p_full: Any
    n_permutations: int
    seed: int
    null: np.ndarray
    null_full: np.ndarray
    null_gain: np.ndarray
    null_sizes: np.ndarray
    settings: Settings

    def _headline(self) -> str:
        return (
            f"the pruning, and {self.n_permutations:,} for targets with conditions "
            "permuted"
        )

    def _facts(self) -> Sequence[tuple[str, str]]:
        def tested(score: Any, p: Any, null: np.ndarray) -> str:
            values = ", ".join(f"p {p_text(one)}" for one in np.atleast_1d(p)[:LISTED])
            middle = spread(np.median(null, -1))
            return f"{spread(score)}, {values}; permuted: median {middle}"

        return [
            ("pruned", tested(self.best_score, self.p_value, self.null)),
            ("all units", tested(self.full_score, self.p_full, self.null_full)),
            ("gain", tested(self.gain, self.p_gain, self.null_gain)),
            ("units kept", described(self.best_size)),
            *self.settings.facts,
            ("seed", f"{self.seed}"),
            ("next", "jaxprune.inference.cross_validate(...), for other conditions"),
        ]

    def _draw(self, axes: Axes) -> None:
        observed = float(np.atleast_1d(self.best_score)[0])
        null = np.atleast_2d(self.null)[0]
        draw_null(axes, null, observed, "score of the units kept", "permutations")


def permutation_test(
    features: Any,
    target: Any,
    n_permutations: int = 1000,
    *,
    seed: int = 0,
    checkpoint: str | Path | None = None,
    progress: bool = False,
    **prune_options: Any,
) -> PermutationTest:
    r"""Test a pruned score against prunings for targets with permuted conditions.

    The best of N prefixes of a ranking made for a target fits it well even if the two
    have nothing to do with each other. So the *whole* pruning (importances, ranking,
    curve, best prefix) is done again for every permutation of the target's condition
    labels, rows and columns together, and

    .. math:: p = \frac{b + 1}{m + 1}

    where b of m permuted targets reach the observed statistic [1]_, [2]_. To permute
    the labels and keep the selected units would test another hypothesis, and reject
    it for almost any target.

    Parameters
    ----------
    features : array_like (n, N)
        Activations, one row per condition.
    target : array_like or RDMs
        See :func:`jaxprune.prune`, also for `features`. The conditions of a stack of k
        targets are permuted together.
    n_permutations : int
        m; no p is smaller than ``1 / (m + 1)``.
    seed : int
        Permutation i depends on the seed and on i only: a test of 2,000 begins with
        the permutations of a test of 1,000.
    checkpoint : path, optional
        A folder (made if need be) where permutations are kept as they are done. The
        same call, interrupted or with a larger `n_permutations`, goes on from there;
        tests of other data, options or seeds may share it.
    progress : bool
        Show a progress bar on stderr.
    **prune_options
        ``metric``, ``compare``, ``objective``, ... as in :func:`jaxprune.prune`; but
        ``sizes`` are by default 512 on a grid where there are 2,000 units or more, or
        groups of them (`settings` says so), which is as valid: see Notes.

    Returns
    -------
    PermutationTest
        ``p_value`` (pruned score), ``p_gain``, ``p_full`` and the null distributions.

    Raises
    ------
    ValueError
        Bad input, for this function or for `prune`.

    Notes
    -----
    Missing pairs move with the labels. A condition without any pair, in all targets,
    is not compared and keeps its place. Scores that are equal up to round-off are
    equal, and a permutation that leaves the target as it is counts: a target with few
    levels has many of those.

    Both pruned score and gain are tested against targets that have nothing to do with
    the layer, for which the full layer scores about 0 and leaves pruning more to gain
    than where it fits already. So ``p_gain`` is strict: small, it says that pruning
    gains more than selection gains from nothing; large, even 1 beside a ``p_value`` of
    .001, it does not say that the gain is selection. Whether the retained units serve
    other conditions, too, is the fairer question:
    ``cross_validate(...).estimate("gain")``.

    The best score over a grid of sizes is another statistic than that over all, and a
    test is valid with either, since observed and permuted targets have the same grid.

    The permutations of a chunk share what their importances have in common, and every
    core prunes another chunk.

    References
    ----------
    .. [1] Nili, Wingfield, Walther, Su, Marslen-Wilson, Kriegeskorte (2014). A toolbox
       for representational similarity analysis. PLoS Computational Biology 10,
       e1003553.
    .. [2] Phipson, Smyth (2010). Permutation p-values should never be zero. Statistical
       Applications in Genetics and Molecular Biology 9, 39.

    Examples
    --------
    >>> import numpy as np
    >>> from jaxprune.inference import permutation_test
    >>> rng = np.random.default_rng(0)
    >>> features, points = rng.random((12, 30)), rng.random(12)
    >>> target = np.abs(points[:, None] - points)
    >>> noise = permutation_test(features, target, 99, metric="euclidean")
    >>> round(noise.full_score, 2), round(noise.best_score, 2), round(noise.p_value, 2)
    (0.21, 0.43, 0.59)
    >>> features[:, :2] += 2 * points[:, None]
    >>> signal = permutation_test(features, target, 99, metric="euclidean")
    >>> round(signal.full_score, 2), round(signal.best_score, 2), signal.p_value
    (0.72, 0.85, 0.01)
    """
    m = checks.whole("n_permutations", n_permutations, 1)
    seed = checks.whole("seed", seed, 0)
    folder = None if checkpoint is None else expanded(checkpoint)
    if folder is not None and folder.exists() and not folder.is_dir():
        raise ValueError(
            f"checkpoint={str(folder)!r} is a file; expected a folder, which is made "
            "if need be."
        )
    for name, only in (("search", "ranked"), ("importance", "leave_one_out")):
        if prune_options.get(name, only) != only:
            raise ValueError(
                f"{name}={prune_options[name]!r}: permutations repeat a pruning by "
                f"ranked leave-one-out importances, {name}={only!r}; to repeat this "
                "would take hours. Leave it out, or see cross_validate, which takes it."
            )
    ranked = groups_or_units(prune_options, count_units(features))
    prune_options["sizes"] = grid(prune_options.get("sizes"), ranked)
    observed = prune(features, target, **prune_options)
    repeated = Repeated.of(observed, features, target, prune_options)
    found = {
        "full": np.atleast_1d(observed.full_score),
        "best": np.atleast_1d(observed.best_score),
        "size": np.atleast_1d(observed.best_size),
    }
    checkpoints = Checkpoints.of(
        folder,
        lambda: {
            "seed": seed,
            "path": repeated.path,
            **repeated.problem.identity(),
            "sizes": digest(repeated.sizes),
        },
    )
    null = permuted_prunings(repeated, found, m, seed, checkpoints, progress)
    for scores in (found, null):
        scores["gain"] = scores["best"] - scores["full"]
    tolerance = round_off(observed.dtype)
    p = {
        name: (reached(found[name], null[name], tolerance) + 1) / (m + 1)
        for name in ("best", "gain", "full")
    }
    if np.ndim(observed.best_score) == 0:
        p, found = ({k: v.item() for k, v in d.items()} for d in (p, found))
        null = {name: values[0] for name, values in null.items()}
    return PermutationTest(
        full_score=found["full"],
        best_score=found["best"],
        gain=found["gain"],
        best_size=found["size"],
        p_value=p["best"],
        p_gain=p["gain"],
        p_full=p["full"],
        n_permutations=m,
        seed=seed,
        null=null["best"],
        null_full=null["full"],
        null_gain=null["gain"],
        null_sizes=null["size"],
        settings=observed.settings,
    )
