"""
From rsatoolbox, and back
=========================

RDMs of rsatoolbox are targets as they are; their pattern descriptors are labels. The
units kept go back as RDMs and a fixed model, for rsatoolbox's own inference.
"""

import matplotlib.pyplot as plt
import numpy as np
import rsatoolbox
from rsatoolbox.data import Dataset

import jaxprune as jp

# Simulated voxels of five people, and a layer that shares 40 of 200 dimensions.
rng = np.random.default_rng(0)
names = [f"image{k:02}" for k in range(20)]
space = rng.normal(size=(20, 4))
people = [
    Dataset(
        space @ rng.normal(size=(4, 60)) + 2 * rng.normal(size=(20, 60)),
        obs_descriptors={"conds": names},
    )
    for _ in range(5)
]
rdms = rsatoolbox.rdm.calc_rdm(people, method="correlation", descriptor="conds")
features = rng.normal(size=(20, 200))
features[:, :40] += space @ rng.normal(size=(4, 40))

# %%
# ``pool="mean"`` makes one pruning for the mean score over people.

result = jp.prune(features, rdms, pool="mean")
print(f"all 200 units: {result.full_score:.2f}")
print(f"the {result.best_size} kept: {result.best_score:.2f}")

# %%
# And back: RDMs of all units and of the units kept, and a model of the latter.

ours, model = result.to_rsatoolbox()
print(ours.n_rdm, type(model).__name__)
with_all, with_kept = (
    rsatoolbox.model.ModelFixed(name, ours.dissimilarities[k])
    for k, name in enumerate(["all units", "units kept"])
)
evaluated = rsatoolbox.inference.eval_fixed([with_all, with_kept], rdms, method="corr")

# %%
# rsatoolbox says how well they fit each person, and where the noise ceiling is. The
# units were chosen on these people: their bar is biased upwards.

scores = evaluated.evaluations[0]
figure, axes = plt.subplots(figsize=(5, 3.8), layout="constrained")
low, high = evaluated.noise_ceiling
axes.axhspan(low, high, color="0.85", label="noise ceiling")
axes.bar([0, 1], scores.mean(-1), 0.6, color=["C5", "C0"])
axes.plot([0, 1], scores, "o-", color="0.4", ms=3, lw=0.8)
axes.set_xticks([0, 1], ["all units", "units kept"])
axes.set(ylabel="Pearson correlation of RDMs", ylim=(0, 1.1))
axes.legend(frameon=False, loc="upper left")
