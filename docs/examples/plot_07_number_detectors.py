"""
Number detectors
================

Units of an untrained network that respond to number, and to nothing else that varies,
found by an analysis of variance of all units at once; and whether pruning retains them.
"""

import matplotlib.pyplot as plt
import numpy as np

import jaxprune as jp
import jaxprune_ports as ports
from jaxprune.inference import overlap
from jaxprune.numerosity import cell_moments, distance_rdm, factorial, tuning_curves
from jaxprune.stimuli import karami32

stimuli = karami32(n_instances=8, seed=0, size=112)
net = ports.create("cornet_z", seed=0)
as_they_are = ports.Preprocessing(None, None, mean=(0, 0, 0), std=(1, 1, 1))
responses = ports.activations(net, stimuli.images, ["IT"], preprocessing=as_they_are)[
    "IT"
]

# %%
# **Detectors.** Number, area and spacing of the dots vary. A detector shows an effect
# of number, and no other effect.

of_image = {name: level[stimuli.condition] for name, level in stimuli.factors.items()}
cells = cell_moments(responses, of_image)
found = factorial(cells, "numerosity")
print(f"{len(found.units)} of {responses.shape[1]:,} units are number detectors")

# %%
# **Tuning** of the detectors: mean response of those that prefer each number.

curves = tuning_curves(cells, found.units)
figure, axes = plt.subplots(figsize=(6, 3.6), layout="constrained")
for level, curve, n_units in zip(
    curves.levels, curves.curves, curves.n_units, strict=True
):
    if n_units:
        label = f"prefer {level:g} ({n_units})"
        axes.plot(curves.levels, curve, "o-", label=label)
axes.set(xscale="log", xlabel="number of dots", ylabel="response, 0 to 1")
axes.set_xticks(curves.levels, [f"{level:g}" for level in curves.levels])
axes.minorticks_off()
axes.legend(frameon=False, fontsize=9)

# %%
# **Pruning** looks at means of conditions, and keeps the best prefix of one ranking. It
# is no search over all sets of units: here the detectors, chosen without a look at the
# RDM, fit better than the units that pruning keeps.

means = np.stack([responses[stimuli.condition == c].mean(0) for c in range(32)])
target = distance_rdm(stimuli.factors["numerosity"])
result = jp.prune(means, target)
shared = overlap(result.retained, found.units, n_units=responses.shape[1])
detected = jp.score(means[:, found.units], target)
print(f"units kept: {result.best_size}, r = {result.best_score:.2f}")
print(f"number detectors: {len(found.units)}, r = {detected:.2f}")
print(f"shared: {shared.coefficient:.2f} of fewer units; chance {shared.chance:.2f}")
