"""
Many targets at once
====================

A stack of RDMs, of subjects or areas or time points, is pruned in one call. What does
not depend on the target is computed once. Here: 40 time points of a simulated
recording, in which one set of units gives way to another.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.spatial.distance import pdist, squareform

import jaxprune as jp

rng = np.random.default_rng(0)
early, late = rng.normal(size=(2, 30, 3))
features = rng.normal(size=(30, 240))
features[:, :40] += early @ rng.normal(size=(3, 40))
features[:, 40:80] += late @ rng.normal(size=(3, 40))

times = np.linspace(0, 1, 40)
share = 1 / (1 + np.exp(-12 * (times - 0.5)))
rdms = np.stack(
    [
        squareform(
            (1 - w) * pdist(early) + w * pdist(late) + rng.normal(size=435) * 0.4
        )
        for w in share
    ]
)

# %%
# One call, 40 prunings.

result = jp.prune(features, rdms)
kept = np.array([np.isin(np.arange(240), units) for units in result.retained])
print(result.importance.shape, result.curve.shape)

# %%
# Which units are kept, time point by time point: the early ones (0 to 39) give way to
# the late ones (40 to 79).

figure, (top, below) = plt.subplots(
    2, 1, figsize=(8, 5.4), layout="constrained", sharex=True, height_ratios=(1, 2)
)
top.plot(times, result.full_score, "C5", label="all units")
top.plot(times, result.best_score, "C0", label="units kept")
top.set(ylabel="score (r)", ylim=(0, 1))
top.legend(frameon=False, ncol=2, loc="lower left")
below.imshow(
    kept.T[:120],
    cmap="Blues",
    vmin=-0.2,
    vmax=1.3,
    aspect="auto",
    extent=(times[0], times[-1], 120, 0),
    interpolation="nearest",
)
for edge in (40, 80):
    below.axhline(edge, color="C1", lw=1)
below.set(xlabel="time", ylabel="unit", yticks=[20, 60, 100])
below.set_yticklabels(["early", "late", "neither"])
