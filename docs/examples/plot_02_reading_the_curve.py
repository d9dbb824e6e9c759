"""
Reading the curve
=================

The curve says how well the most important units fit, from the first to all of them.
Three things are worth a look: where it is above the score of all units, how flat its
top is, and what units in random order do.
"""

import matplotlib.pyplot as plt
import numpy as np

import jaxprune as jp
from jaxprune.inference import random_orders

# 30 of 400 units follow where a condition lies on a line.
rng = np.random.default_rng(0)
position = np.linspace(-1, 1, 24)
features = rng.normal(size=(24, 400))
features[:, :30] += 1.5 * np.outer(position, rng.normal(size=30))
target = np.abs(position[:, None] - position)

result = jp.prune(features, target)
chance = random_orders(features, target, 50, seed=1)

# %%
# Units in random order climb to the score of all units and stay below it. By
# importance, the curve overshoots: units that help are in, units that hurt are not.

figure, axes = plt.subplots(figsize=(7, 4), layout="constrained")
sizes, curves = chance.sizes[1:], chance.curves[:, 1:]  # one unit has no score
low, high = np.nanquantile(curves, [0.025, 0.975], axis=0)
axes.fill_between(sizes, low, high, color="C5", alpha=0.4, lw=0)
axes.plot(sizes, np.nanmean(curves, 0), "C5", label="random order")
axes.plot(result.sizes, result.curve, "C0", lw=2, label="by importance")
axes.axhline(result.full_score, color="0.4", ls=":", label="all units")
axes.plot(result.best_size, result.best_score, "o", color="C1", ms=9)
axes.annotate(
    f"{result.best_size} units kept",
    (result.best_size, result.best_score),
    xytext=(-20, 10),
    textcoords="offset points",
    color="C1",
)
near = result.sizes[result.curve > result.best_score - 0.01]
axes.hlines(0.02, near.min(), near.max(), color="C1", lw=5, alpha=0.6)
axes.text(near.max() + 6, 0.02, "within .01 of the best", va="center", color="C1")
axes.set(xlabel="units put back", ylabel="score (r)", xlim=(0, 400), ylim=(-0.05, 1.05))
axes.legend(frameon=False, loc="lower right")

# %%
# The orange bar is the honest answer to *how many units?*: any number in it fits as
# well, within .01. Report the range, not the maximum alone.

print(f"best: {result.best_size}; within .01 of it: {near.min()} to {near.max()}")
print(f"of the 30 units that follow position, {np.sum(result.retained < 30)} are kept")
