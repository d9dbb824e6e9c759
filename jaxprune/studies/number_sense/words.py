"""What the report says, apart from numbers."""

from __future__ import annotations

METHOD = (
    "Networks see dot arrays of 16 numbers (1, 2, 4, 6, ... 30) in three sets. In the "
    "standard set, dots have about one size; in control 1, the total area is constant; "
    "in control 2, items of four shapes lie in a pentagon. A unit is selective if, in "
    "a two-way analysis of variance of number and set, only number has an effect (p < "
    ".01, neither set nor interaction). The strict rule also asks for an effect of "
    "number in each set alone. Its preferred number is that of the highest mean "
    "response.",
    "Units are chosen with a first set of images. All tasks, and the tuning curves "
    "called held-out, are of a second set that took no part in the choice.",
)
COMPARING = (
    "Ours are means over seeds. The 8.51 % of Kim et al., and the 81 % and the number "
    "of images of Nasr et al., are from memory and not verified. The share of "
    "selective units falls with the number of images, so that only runs with 50 images "
    "of each condition can be held to it."
)
NASR_TRAINED = (
    "The published values of Nasr's network are of one trained on ImageNet; those "
    "called 2021 are of the same architecture, other weights, and the numbers 0 to 4. "
    "Before training it is another network: its weights are PyTorch's defaults, and "
    "nothing is known of how the authors drew theirs. A difference is expected; give "
    "trained weights to compare like with like."
)
EMULATED = (
    "Widths and fits of Kim et al. are not known in numbers. These come from our own "
    "emulation in PyTorch, with other dot arrays, and 200 images of each condition: "
    "with more images the curves are less noisy."
)
DOUBLE = (
    "The papers take preferred number and curve from the same images. Noise then makes "
    "every curve peak at the preferred number. The held-out curves are free of this; "
    "where the two differ, the peak was noise."
)
WEBER = (
    "By Weber's law, width grows with number on the linear axis and is constant on the "
    "logarithmic one."
)
COMPARISON = (
    "A linear support vector machine reads the responses of 256 units (or as many as "
    "there are) to two images, and says which shows more dots. It is trained and "
    "tested on different images. Accuracies of Kim et al. are not known to us. Within "
    "control 1, all images have the same total area, so area cannot help. In further "
    "images, number and total area are crossed: pairs are congruent where the larger "
    "number has the larger area (or dots), and incongruent where it has the smaller. A "
    "read-out of area would be right in the first and wrong in the second.",
    "Unlike the authors' code, responses are scaled to a standard deviation of 1 "
    "before they are read, so that the cost of errors means the same in every layer.",
)
MATCHING = (
    "A support vector machine (radial kernel) reads the difference of responses of all "
    "selective units to two images, and says whether both show the same number. Half "
    "of the pairs do. The read-out of Nasr et al. (2019) is not known; this is that of "
    "the authors' study of 2021. In the silencing test, as many selective as other "
    "units are read, and then one half is set to zero. Responses are read as they are: "
    "without the units that respond most, all images look alike to the read-out, and "
    "it is right in half of the pairs. That tells how strongly units respond, more "
    "than what they carry."
)
ORIGIN = (
    "Kim et al. explain tuning by units of the layer below whose response falls or "
    "rises with number. A unit counts as one if the logarithms of number and area "
    "explain more than 10 % of its response, and area next to nothing (less than a "
    "tenth of its range). In their model, random sums of such inputs prefer few or "
    "many more often than numbers between; sums that prefer few have larger weights "
    "from decreasing inputs.",
    "Weights are means over connections that exist. The authors' analysis also counts "
    "connections from the other of two groups of channels, which this network does not "
    "have; that dilutes the effect. They show raw weights. Here all are in standard "
    "deviations, because those of their model have one of .0065, and those of an "
    "untrained AlexNet one of .034.",
)
MISSING = (
    "Not repeated: tuning curves of correct and wrong trials, the other "
    "initialisations and permuted weights of Kim et al., and 100 networks."
)
DESCRIPTIONS = {
    "tuning": (
        "Preferred numbers, tuning curves by preferred number (dark: few, light: "
        "many), and the width of Gaussians fitted to the curves of the images that "
        "chose the units. Dots over the bars: single seeds.",
        "For each network a histogram of preferred numbers, two panels of tuning "
        "curves and the widths of the curves by preferred number.",
    ),
    "tasks": (
        "Left: accuracy of number comparison by difference, and for pairs that have "
        "equal area or are congruent (+) or incongruent (−) with area and dot size. "
        "Right: match-to-sample by selective units, and by as many selective as other "
        "units with one half silenced. Dashed: chance. Bars: SD over repetitions, or "
        "over seeds where there are several.",
        "For each network accuracies of number comparison, performance curves of "
        "match-to-sample, and three bars for the silencing test.",
    ),
    "origin": (
        "Monotonic units of the layer below; preferred numbers, weights and widths in "
        "the network (colour) and in the summation model (black). Shaded: range of the "
        "seeds.",
        "Curves that fall and rise with number, a U-shaped histogram with the model's "
        "curve over it, the difference of weights by preferred number, and widths.",
    ),
}
