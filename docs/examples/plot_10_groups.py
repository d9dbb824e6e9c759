"""
Feature maps as groups
======================

The units of a channel are one feature map. They are left out, put back and retained
together: 256 numbers are chosen from instead of 12,544, and less of the result is
selection.
"""

import matplotlib.pyplot as plt
import numpy as np

import jaxprune as jp
import jaxprune_ports as ports
from jaxprune.inference import cross_validate
from jaxprune.numerosity import distance_rdm
from jaxprune.stimuli import karami32

stimuli = karami32(n_instances=6, seed=0, size=112)
net = ports.create("cornet_z", seed=0)
as_they_are = ports.Preprocessing(None, None, mean=(0, 0, 0), std=(1, 1, 1))
features = ports.condition_means(
    net, stimuli.images, stimuli.condition, ["V4"], preprocessing=as_they_are
)["V4"]
target = distance_rdm(stimuli.factors["numerosity"])

# %%
# V4 has 256 channels of 7 x 7 positions. ``groups_of`` labels its units.

shape = 256, 7, 7
channels, positions = (jp.groups_of(shape, by=by) for by in ("channel", "position"))
by_channel = jp.prune(features, target, groups=channels)
by_position = jp.prune(features, target, groups=positions)
print(f"{len(by_channel.retained_groups)} of 256 channels are kept")

# %%
# Which channels, and which places in the image?

figure, axes = plt.subplots(1, 3, figsize=(10.5, 3.2), layout="constrained")
axes[0].plot(by_channel.sizes, by_channel.curve, "C0")
axes[0].plot(by_channel.best_size, by_channel.best_score, "o", color="C1")
axes[0].set(xlabel="channels put back", ylabel="score (r)")
kept = np.isin(np.arange(256), by_channel.retained_groups)
colours = np.where(kept, "C0", "0.75")
axes[1].bar(np.arange(256), by_channel.importance, color=colours)
axes[1].set(xlabel="channel (blue: kept)", ylabel="importance")
places = by_position.importance.reshape(7, 7)
most = np.abs(places).max()
drawn = axes[2].imshow(places, cmap="RdBu_r", vmin=-most, vmax=most)
axes[2].set(title="positions", xticks=[], yticks=[])
figure.colorbar(drawn, ax=axes[2], label="importance", shrink=0.8)

# %%
# On held-out conditions, and beside single units on a grid of sizes:

for name, groups in (("channels", channels), ("units", None)):
    folds = cross_validate(
        features, target, 4, groups=groups, sizes=64, undefined="zero", seed=0
    )
    train, test = folds.train_pruned.mean(), folds.pruned.mean()
    print(f"{name:9} {train:.2f} where chosen, {test:.2f} held out")
