"""Numbers published on these networks, and what is known of how sure they are."""

from __future__ import annotations

NASR = "Nasr, Viswanathan & Nieder (2019), Science Advances 5:eaav7903"
KIM = "Kim, Jang, Baek, Song & Paik (2021), Science Advances 7:eabd6127"

# Per cent of units that are selective; accuracies in per cent too.
KIM_SELECTIVE = "8.51"
NASR_SELECTIVE = "9.6"
NASR_MATCHING = "81"
# Of another study with the same network, other weights, and the numbers 0 to 4.
NASR_2021_SELECTIVE, NASR_2021_MATCHING = "10.47", "79.8"
# The share falls with the number of images: ours is held to the published one only
# where it has the 50 images of a condition that the paper had.
KIM_IMAGES, TOLERANCE = 50, 1.0

# Of an untrained AlexNet with 200 images, emulated by us: mean r² of the fits, and
# growth of sigma per item, by axis.
EMULATED_R2 = {"linear": 0.873, "sqrt": 0.953, "cube_root": 0.966, "log2": 0.963}
EMULATED_SLOPE = {"linear": 0.214, "sqrt": 0.021, "cube_root": 0.010, "log2": 0.028}
# Per cent of units that are selective, with 50 images; mean of 8.42, 8.96 and 8.64.
EMULATED_SELECTIVE = 8.67

AXIS_NAMES = {
    "linear": "linear",
    "sqrt": "square root",
    "cube_root": "cube root",
    "log2": "logarithmic",
}
