"""The rival method on a real layer: ``python -m benchmarks.reweighting``.

92 objects x 25,088 units of VGG-16 against the human IT RDM: pair features of 4,186
pairs. Weights are compared with scikit-learn's, where it can hold the pair features: a
fifth of the units, all pairs. Then nested cross-validation of the whole layer, five
folds in five, ridge (20 penalties), fractional and non-negative (13).
"""

from __future__ import annotations

import argparse
from typing import Any

import numpy as np
from sklearn.linear_model import Ridge

from jaxprune.reweighting import nested_scores, reweight

from .cases import load
from .core import timed
from .machine import describe, short

FOLDS, SEED = 5, 0
METHODS: dict[str, dict[str, Any]] = {
    "ridge": {},
    "fractional": {"penalties": "fractions"},
    "non-negative": {"nonnegative": True},
}


def agreement(x: np.ndarray, target: np.ndarray, share: float) -> tuple[float, ...]:
    """Largest difference of weights, relative, and seconds: ours, scikit-learn's."""
    z = x.astype(float)
    z = (z - z.mean(1, keepdims=True)) / z.std(1, keepdims=True)
    i, j = np.triu_indices(len(x), 1)
    phi = -z[i] * z[j]
    penalty = share * float(((phi - phi.mean(0)) ** 2).sum())
    ours = timed(reweight, x, target, penalties=penalty)
    theirs = timed(Ridge(alpha=penalty).fit, phi, target[i, j])
    weights = theirs.values.coef_
    gap = np.abs(ours.values.weights - weights).max() / np.abs(weights).max()
    return float(gap), ours.work, theirs.work


def main() -> None:
    """Print agreement, scores and times."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--methods", default=",".join(METHODS), help="some of them")
    parser.add_argument("--form", default="dot", choices=["dot", "sqeuclidean"])
    options = parser.parse_args()
    case = load("92x25088")
    print(f"{short(describe())}; {case.title}, {case.source}")
    for share in (1e-2, 1e-4, 1e-6):
        gap, ours, theirs = agreement(case.x[:, ::5], case.target, share)
        print(
            f"5,018 units, penalty {share:g} of the variance: weights of scikit-learn "
            f"to {gap:.0e}; {ours:.1f} s, scikit-learn {theirs:.1f} s"
        )
    shuffled = np.random.default_rng(SEED).permutation(case.n)
    folds = [np.sort(part) for part in np.array_split(shuffled, FOLDS)]
    for name in options.methods.split(","):
        given = (case.x, case.target, folds, options.form)
        done = timed(nested_scores, *given, **METHODS[name])
        found = done.values
        print(
            f"{name:<13} held out {found.held_out.mean():.3f} (folds "
            f"{' '.join(f'{r:.3f}' for r in found.held_out)}), in sample "
            f"{found.train.mean():.3f}; {done.work:.0f} s with compilation"
        )


if __name__ == "__main__":
    main()
