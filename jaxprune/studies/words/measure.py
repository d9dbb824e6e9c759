"""What judged pairs call for in vectors of words."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from ...base.arrays import pair_index, squareform
from ...inference import compare_targets, corrected_t, permutation_test
from ...inference.cross_validation.folds import among
from .data import Words
from .options import Options


def measure(
    words: Words,
    name: str,
    options: Options,
    checkpoint: Path | None = None,
    progress: bool = False,
) -> dict[str, Any]:
    """Prune vectors for each set of judgements, and test what was found.

    Folds are of words, so that no word of a held-out pair took part in the choice, in
    any set: scores of units that were chosen for one set with another one are of
    other words, too.

    Returns
    -------
    dict
        ``sets``, of each: numbers of words, pairs and units ``retained``; scores
        ``full`` and ``pruned`` in-sample, and p of the latter over shuffled words;
        ``variance``, the share of the first principal component of the retained units
        in their variance over the judged words, and that of ``all`` units.
        ``transfer``, of each pair of sets: mean scores held out of units ``chosen_for``
        one with the other, and the ``gain`` over all units. ``overlaps``, of each two
        sets. Arrays: ``retained`` ``(k, N)``, and ``components`` ``(k, n)``, NaN where
        a word is not judged.
    """
    x, targets = words.vectors[name], words.targets
    shared = {**options.scoring, "seed": options.seed, "progress": progress}
    found = compare_targets(
        x,
        *targets.values(),
        names=list(targets),
        n_folds=options.n_folds,
        repeats=options.repeats,
        n_permutations=0,
        **shared,
    )
    retained = np.zeros((len(targets), x.shape[1]), bool)
    components = np.full((len(targets), len(x)), np.nan)
    sets = []
    for k, (set_name, target) in enumerate(targets.items()):
        retained[k, found.retained[k]] = True
        judged = ~np.isnan(target)
        rows = np.unique(np.concatenate([i[judged] for i in pair_index(len(x))]))
        square = among(squareform(target), rows)
        components[k, rows], variance = first_component(x[rows][:, retained[k]])
        test = permutation_test(
            x[rows], square, options.n_permutations, checkpoint=checkpoint, **shared
        )
        sets.append(
            {
                "set": set_name,
                "words": len(rows),
                "pairs": int(judged.sum()),
                "units": x.shape[1],
                "retained": len(found.retained[k]),
                "full": float(found.full[k]),
                "pruned": float(found.pruned[k]),
                "p": test.p_value,
                "shuffled": float(np.nanmean(test.null)),
                "variance": variance,
                "variance_all": first_component(x[rows])[1],
            }
        )
    return {
        "sets": sets,
        "transfer": _transfer(found),
        "overlaps": [
            {
                "first": found.names[i],
                "second": found.names[j],
                **asdict(found.overlap(i, j)),
            }
            for i, j in found.pairs
        ],
        "retained": retained,
        "components": components,
    }


def _transfer(found: Any) -> list[dict[str, Any]]:
    """Scores held out, and gains over all units, of units chosen for each set."""
    k, rows = len(found.names), []
    for i, j in np.ndindex(k, k):
        score, everything = found.estimate(i, j), found.estimate(k, j)
        gain = corrected_t(
            found.transfer[:, i, j] - found.transfer[:, k, j], found.ratio
        )
        rows.append(
            {
                "chosen_for": found.names[i],
                "scored_on": found.names[j],
                "all_units": everything.mean,
                "held_out": score.mean,
                "low": score.low,
                "high": score.high,
                "gain": gain.mean,
                "gain_low": gain.low,
                "gain_high": gain.high,
                "gain_p": gain.p_value,
                "undefined_folds": score.n_undefined,
            }
        )
    return rows


def first_component(x: np.ndarray) -> tuple[np.ndarray, float]:
    """Scores ``(n,)`` on the first principal component, and its share of the variance.

    The unit that weighs most weighs positively.

    Examples
    --------
    >>> scores, share = first_component(np.array([[1.0, 3.0], [2.0, 1.0], [3.0, -1.0]]))
    >>> scores.round(2), round(share, 2)
    (array([ 2.24,  0.  , -2.24]), 1.0)
    """
    centred = np.asarray(x, float) - np.mean(x, 0, dtype=float)
    _, sizes, axes = np.linalg.svd(centred, full_matrices=False)
    axis = axes[0] * np.sign(axes[0][np.argmax(np.abs(axes[0]))])
    return centred @ axis, float(sizes[0] ** 2 / np.sum(sizes**2))
