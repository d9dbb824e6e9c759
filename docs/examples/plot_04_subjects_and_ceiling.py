"""
Subjects, and the noise ceiling
===============================

Twelve simulated people judge the same conditions, each with noise. Units are chosen on
eleven of them and scored on the twelfth. How close does that come to what the people's
agreement allows?
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.spatial.distance import pdist, squareform

from jaxprune.inference import cross_validate, noise_ceiling

rng = np.random.default_rng(0)
n, m = 24, 12
space = rng.normal(size=(n, 3))
truth = pdist(space)
people = np.stack([squareform(truth + rng.normal(size=truth.size)) for _ in range(m)])

# 60 of 300 units carry the space that the people share.
features = rng.normal(size=(n, 300)) * 1.5
features[:, :60] += space @ rng.normal(size=(3, 60))

# %%
# ``over="subjects"`` leaves out a person, prunes for the mean of the others, and scores
# the units for the one left out.

held_out = cross_validate(features, people, over="subjects")
ceiling = noise_ceiling(people)

# %%
# Every line is a person. The band is the ceiling: below it, the fit can still improve;
# above it, it would fit noise.

figure, axes = plt.subplots(figsize=(5, 4.4), layout="constrained")
axes.axhspan(ceiling.lower, ceiling.upper, color="0.85", label="noise ceiling")
for full, pruned in zip(held_out.full, held_out.pruned, strict=True):
    axes.plot([0, 1], [full, pruned], "o-", color="C0", alpha=0.35, ms=4)
means = held_out.full.mean(), held_out.pruned.mean()
axes.plot([0, 1], means, "o-", color="C0", lw=2.5, ms=9, label="person left out")
axes.plot(1, held_out.train_pruned.mean(), "s", color="C1", label="people chosen on")
axes.set_xticks([0, 1], ["all units", "units kept"])
axes.set(ylabel="score (r)", xlim=(-0.3, 1.5), ylim=(0.3, 0.75))
axes.legend(frameon=False, loc="lower right")

# %%
# The test knows that the training sets overlap.

gain = held_out.estimate("gain")
print(
    f"gain {gain.mean:+.3f} ({gain.low:+.3f} to {gain.high:+.3f}), p {gain.p_value:.4f}"
)
print(f"ceiling {ceiling.lower:.2f} to {ceiling.upper:.2f}")
