"""What the report says beside the numbers."""

from __future__ import annotations

METHOD = (
    "The percentage of zeros of a unit is the share of images to which its output, "
    "after the ReLU, is exactly zero. Units with the highest percentage are dropped, "
    "step by step; no target takes part in their order.",
    "Experiment 1: LeNet-5 sees test images of ten classes. The similarity of two "
    "classes is r², the squared correlation of their mean responses in the 84 units of "
    "layer fc2. Fit is R², the squared correlation of the 45 similarities of the units "
    "kept with those of all units.",
    "Experiment 2: the similarity of two images is r² over the units of a layer (in "
    "the paper the 4,096 units of VGG-16 below its classes), its fit R² to what people "
    "say. Random orders of the units, at the same sizes, say what dropping any units "
    "does.",
)
DOTS = (
    "No CIFAR-10 images were given: LeNet-5 learned to tell one to ten dots apart in "
    "their place. The published values are of CIFAR-10, so differences say nothing of "
    "either. Give the images (--images) to compare like with like."
)
COMPARING = (
    "Ours are means over networks trained from different initialisations. The paper "
    "has 50 networks, 50,000 training and 10,000 test images; of its recipe of "
    "training only the size of batches is known, 50."
)
RANDOM = (
    "Random order: the same number of units, drawn at random; mean of 200 draws for "
    "each network. Where it is above our curve, the units that fire often carry less "
    "of the representation than units drawn at random."
)
VARYING = (
    "One thing is varied at a time, in the same networks. A row is the mean over them. "
    "The rows before the last epoch are of the same networks at an earlier time."
)
# Of recipes that the study does not offer.
TRIALS = (
    "Trials of other recipes, on 5,085 training images of CIFAR-10, 4 networks each: "
    "Adam at a rate of .001 gave R² .936 at 60 % after 5 epochs and .890 after 10 (43 "
    "and 47 % of test images right), and at 10 % of units 5.7 and 10.4 % zeros at most "
    "(published: 7.7; SGD after 12 epochs: 28). Half or a quarter of the training "
    "images in as many steps changed R² at 60 % by less than .03. So how long and by "
    "which recipe a network was trained moves the curve; the number of test images "
    "behind the class means does not."
)
SIGN = (
    "Squares hide signs twice: r² counts opposed responses as similar, and R² is the "
    "same for similarities and dissimilarities, and for a fit of the wrong sign. "
    "Matrices of either kind can be given for that reason."
)
SIGNIFICANCE = (
    "p: chance that a random order of the units reaches, at any of the sizes, the "
    "largest R² of the curve. p, in SD: the same for the largest distance from random "
    "orders, in their standard deviations at a size; sizes at which all orders fit "
    "well do not decide it alone. Both hold for the whole curve. The best size is the "
    "maximum over sizes on these images, biased upwards. The paper's p are not known."
)
NO_SETS = (
    "Experiment 2 was left out: it needs responses of a layer to images, and a matrix "
    "of human similarities of these images (--sets NAME=FEATURES,TARGET)."
)
JACCARD = (
    "Kept: the tenth of the units with the fewest zeros (410 of 4,096 in the paper); "
    "dropped: all others. Chance: expected Jaccard index of kept sets drawn at random."
)
FIGURES = {
    "networks": (
        "Experiment 1. Left: fit to all units, over the share of units kept. Middle: "
        "the highest percentage of zeros among them. Right: fit after some epochs of "
        "training, with the share of test images told right.",
        "Three panels over the percentage of units kept, from 100 to 10: R squared, "
        "the highest percentage of zeros, and R squared in the course of training; "
        "ours, the published curve, and random orders.",
    ),
    "sets": (
        "Experiment 2. Fit of the units with the fewest zeros to human matrices, over "
        "the share of units kept; ×: the best part of the units. Grey: 95 % of random "
        "orders at each size by itself, and their mean.",
        "A panel for each set of images: R squared over the percentage of units kept, "
        "with the fit of all units and a band of random orders.",
    ),
    "zeros": (
        "Experiment 2. Left: cumulative share of units over their percentage of zeros; "
        "diamonds: published. Right, with several sets: Jaccard indices of the units "
        "kept and dropped.",
        "Cumulative curves of the percentage of zeros, one for each set, and matrices "
        "of Jaccard indices.",
    ),
}
