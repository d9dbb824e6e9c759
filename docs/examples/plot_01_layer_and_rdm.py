"""
A layer and an RDM, end to end
==============================

Dot arrays are shown to a network that was never trained, and the units of its last
area are pruned against an RDM of number. Do some of them carry number nonetheless?
"""

# sphinx_gallery_thumbnail_number = 2
import matplotlib.pyplot as plt
import numpy as np

import jaxprune as jp
import jaxprune_ports as ports
from jaxprune.stimuli import contact_sheet, karami32

# %%
# **Stimuli.** 32 conditions: four numbers, four sizes and two spacings of the dots.
# Five images of each, 112 x 112 pixels.

stimuli = karami32(n_instances=5, seed=0, size=112)
figure, axes = plt.subplots(figsize=(8, 4), layout="constrained")
axes.imshow(contact_sheet(stimuli), cmap="gray")
axes.axis("off")

# %%
# **Responses.** Images go through CORnet-Z with random weights; responses are averaged
# over the images of a condition. They are scaled to 0..1, and not resized.

net = ports.create("cornet_z", seed=0)
as_they_are = ports.Preprocessing(None, None, mean=(0, 0, 0), std=(1, 1, 1))
means = ports.condition_means(
    net, stimuli.images, stimuli.condition, ["IT"], preprocessing=as_they_are
)
features = means["IT"]
print(features.shape)

# %%
# **Target.** Conditions are as far apart as the logarithms of their numbers.

number = np.log(stimuli.factors["numerosity"])
target = np.abs(number[:, None] - number)

# %%
# **Pruning** is one call. The figure shows the curve, the importances and the RDMs of
# target, all units and units kept.

result = jp.prune(features, target)
figure = result.plot()

# %%
# Few of the units are kept, and their RDM has the blocks of the target. But
# units were chosen on the data that they are scored on: see
# :ref:`sphx_glr_gallery_plot_05_null_of_selection.py`.

print(f"all {features.shape[1]:,} units: r = {result.full_score:.2f}")
print(f"{result.best_size} units kept: r = {result.best_score:.2f}")
