"""What the report says about the published analysis, in plain words."""

from __future__ import annotations

METHOD = (
    "Dot arrays of 32 kinds are shown to each network: 6, 10, 17 or 29 dots, of 4 mean "
    "sizes, in 2 fields. The responses to all images of a kind are averaged. A layer's "
    "RDM holds 1 minus the correlation of every two of the 32 patterns. Its score is "
    "the correlation of that RDM with the distances of number, |log N − log N′|.",
    "Retained units are those that pruning keeps: units are ranked by how much the "
    "score falls without each of them, put back in that order, and the best-scoring "
    "set of the first ones is kept. ANOVA units are number detectors: they respond to "
    "number and to nothing else, judged by responses to single images. Random units "
    "are as many as were retained; their score is the mean of many draws.",
)

COMPARING = (
    "Stimuli and random weights are made anew here, so only the scores of all units "
    "are expected to be close to the published ones, within .08 in an untrained "
    "CORnet-Z. The sets of retained and of ANOVA units vary with weights and images, "
    "and their scores and overlaps with them. Means are over the seeds in which a "
    "number is defined."
)

SAME_CONDITIONS = (
    "The published score of retained units is the best of as many sets as the layer "
    "has units, measured on the conditions that the sets were made with. It is biased "
    "upwards: pruning raises the score of noise too. Here the ranking and the number "
    "of units are also chosen on some conditions and scored on the others, fold by "
    "fold, and chosen on one field size and scored on the other. Held-out scores use "
    "fewer pairs, so they vary more. Compare each with the score of all units on the "
    "same pairs. The overlaps and the ANOVA units were found on all conditions."
)

PUBLISHED_RULE = (
    "The paper says three-way ANOVA. Its code makes seven separate one-way tests: of "
    "number, of item area, of field area, and of the cells that two or three of these "
    "form. A unit counts if number is significant (p < .01) and the other six are not. "
    "But the cells of number and area differ wherever number alone makes a difference. "
    "So the tests that should find no interaction contain the effect of number itself, "
    "and a unit with a strong effect of number fails them.",
    "The table shows simulated units that respond to the logarithm of number and to "
    "nothing else, 100 images in each of the 32 conditions. A factorial ANOVA finds "
    "nearly all of them. The published rule finds some of the weakest, and none of "
    "those of which number explains 5 % of the variance (eta² .05). The units it does "
    "find are weak, or there by chance. So the ANOVA units of the paper are not the "
    "number detectors that it describes.",
)

REVERSED_RANKING = (
    "The first published code reads the ranking back from a file in which it has one "
    "row and many columns, and reverses the rows instead of the columns. The units it "
    "then compares with the ANOVA units are the least important ones, as many as "
    "should be retained. The scores are not affected, the overlaps are. This was "
    "corrected in the code one day after the paper was accepted. From which of the two "
    "the published table comes is not known, so it stands beside both here."
)

OVERLAP = (
    "The overlap coefficient divides by the smaller set. With one ANOVA unit it is "
    "either 0 or 1. The published overlap of 1 in V2 of the untrained CORnet-Z seems "
    "to be such a case: the score of its ANOVA units is undefined, as it is for one. "
    "And half of a layer, retained, has half of any other set in it by chance. Chance "
    "is the size of the larger set over that of the layer; it is drawn as a black line."
)

SMALLER = (
    "Smaller points. The paper's text counts 7 overlaps of zero, its table has 8. In "
    "CORnet-S trained on numerosity, ANOVA units score higher than retained ones in V1 "
    "and V2 (.71 and .63 against .59 and .51). The published code takes one or two "
    "units fewer than the best set has, since its first score is that of two units; "
    "here it is the best set itself. The distances of number have 7 distinct values, "
    "and 112 of the 496 pairs have distance 0."
)

UNKNOWN = (
    "Not published: the spread of dot sizes, the gaps between dots, the size of the "
    "images in pixels, and the seeds. Ours are a spread of .2 of the mean diameter, "
    "gaps of 2 pixels, and 8.6 degrees across an image, which reproduce the published "
    "scores of all units of an untrained CORnet-Z. The number of retained units is "
    "poorly determined where the curve is flat, so it differs between seeds."
)

SCRATCH = (
    "The version numerosity_scratch learned number from random weights. The paper's "
    "began with those of ImageNet, so no published number stands beside it."
)

DESCRIPTIONS = {
    "scores": (
        "Scores of all units, random, retained and ANOVA units. Small points are "
        "seeds, large ones their means, black lines the published values.",
        "For every layer, scores of five kinds of units with published values.",
    ),
    "curves": (
        "Score of the first units of the ranking, a line for each layer and seed.",
        "Curves of score against number of units, most important first.",
    ),
    "overlap": (
        "Overlap of retained and ANOVA units, under both rules and both rankings. "
        "Points are seeds, bars their means, black lines what chance gives, stars the "
        "published values.",
        "For every layer, bars of four overlap coefficients beside chance.",
    ),
    "heldout": (
        "From the score of all units (squares) to that of the retained ones (circles), "
        "on the conditions that they were chosen on, and on others.",
        "For every layer, the gain by pruning in sample and on held-out conditions.",
    ),
}
