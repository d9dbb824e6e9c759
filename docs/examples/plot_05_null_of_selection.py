"""
What selection makes of noise
=============================

The best prefix is a maximum over hundreds of sets of units, taken on the data that it
is scored on. So the score to beat is not 0: it is what the *whole* pruning reaches for
targets whose conditions are shuffled.
"""

import matplotlib.pyplot as plt
import numpy as np

from jaxprune.inference import permutation_test

rng = np.random.default_rng(3)
position = np.linspace(-1, 1, 20)
target = np.abs(position[:, None] - position)
noise = rng.normal(size=(20, 300))
signal = noise.copy()
signal[:, :40] += np.outer(position, rng.normal(size=40))

# %%
# Two layers: one that is pure noise, and one where 40 of 300 units follow the target.

tests = {
    "noise alone": permutation_test(noise, target, 499, seed=0),
    "40 of 300 units follow": permutation_test(signal, target, 499, seed=0),
}

# %%
# Grey: all units, shuffled targets. Blue: pruned, shuffled targets. Lines: observed.

figure, axes = plt.subplots(1, 2, figsize=(9, 3.4), layout="constrained", sharey=True)
bins = np.linspace(-0.5, 1, 61)
for ax, (title, test) in zip(axes, tests.items(), strict=True):
    ax.hist(test.null_full, bins, color="0.75", label="all units, shuffled")
    ax.hist(test.null, bins, color="C5", label="pruned, shuffled")
    ax.axvline(test.full_score, color="0.35", ls="--", label="all units, observed")
    ax.axvline(test.best_score, color="C1", lw=2.5, label="pruned, observed")
    ax.set_title(f"{title}: p = {test.p_value:.3f}", fontsize=11)
    ax.set_xlabel("score (r)")
axes[0].set_ylabel("permutations")
handles = axes[0].get_legend_handles_labels()
figure.legend(*handles, loc="outside lower center", ncol=4, frameon=False, fontsize=9)

# %%
# The pruned score of pure noise looks like a finding, and lies in the middle of its
# null. Shuffling with the selected units held fixed would call it significant.

for title, test in tests.items():
    print(f"{title}: {test.full_score:.2f} -> {test.best_score:.2f}, p {test.p_value}")
