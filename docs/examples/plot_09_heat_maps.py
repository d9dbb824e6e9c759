"""
Heat maps
=========

Which regions of an image carry the fit? Squares hide the image place by place, and the
image's row of the RDM is scored again.
"""

import matplotlib.pyplot as plt
import numpy as np
from scipy.spatial.distance import pdist, squareform
from sklearn.datasets import load_sample_images

import jaxprune_ports as ports
from jaxprune.heatmaps import occlusion_map
from jaxprune.stimuli import karami32

# %%
# Scikit-learn ships two photographs. We cut squares from them, and add dot arrays.

temple, flower = load_sample_images().images
cuts = [
    photo[y : y + 400, x : x + 400][::4, ::4]
    for photo in (temple, flower)
    for y in (0, 27)
    for x in (0, 120, 240)
]
dots = karami32(n_instances=1, seed=0, size=100).images[::8]
dots = np.repeat(dots[..., None], 3, axis=-1)
images = np.concatenate([cuts, dots]).astype(np.uint8)
kind = np.repeat([0, 1, 2], [6, 6, len(dots)])

# %%
# The target says that images of a kind are alike, and the layer is the first area of an
# untrained CORnet-Z.

net = ports.create("cornet_z", seed=0)
ready = ports.preprocess(images, size=None, crop=None)
features = ports.activations(net, ready, ["V1"])["V1"]
target = squareform((pdist(kind[:, None]) > 0) * 1.0)
respond = ports.responder(net, "V1")

# %%
# Maps of a photograph of each kind. Hot: where the row of the RDM loses its fit.

figure, axes = plt.subplots(2, 2, figsize=(6.4, 6.2), layout="constrained")
for row, i in zip(axes, (1, 8), strict=True):
    others = np.arange(len(images)) != i
    found = occlusion_map(
        respond, ready[i], features[others], target[i, others], sizes=[16, 24], stride=5
    )
    row[0].imshow(images[i])
    most = np.nanmax(np.abs(found.heat))
    row[1].imshow(images[i].mean(-1), cmap="gray", alpha=0.5)
    drawn = row[1].imshow(
        found.heat,
        cmap="RdBu_r",
        vmin=-most,
        vmax=most,
        alpha=0.65,
        extent=(0, 100, 100, 0),
        interpolation="bilinear",
    )
    figure.colorbar(drawn, ax=row[1], shrink=0.8, label="loss of r²")
    for ax in row:
        ax.axis("off")

# %%
# Blue regions stand in the way of the fit: without them, the row fits better.
