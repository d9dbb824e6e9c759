"""What the report says around its numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...inference.methods import NONNEGATIVE, RANDOM, REWEIGHTED, ZEROS

if TYPE_CHECKING:
    from .running import Evidence

SELECTION = (
    "Pruning chooses the best of many sets of units, on the data that it is scored "
    "on. Its in-sample score is biased upwards whatever the units are worth. Two "
    "tests know of this. Condition labels of the target are shuffled and the whole "
    "pruning is done again: p is the share of shuffled targets that are fitted as "
    "well. And units are chosen on some conditions and scored on the others."
)
METHODS = (
    "All methods see the same folds, and choose what they choose (units, how many of "
    "them, a penalty) on the training conditions alone."
)
RIVALS = {
    ZEROS: "Rarely firing units are left out by their percentage of zeros; how many "
    "is chosen by the target.",
    RANDOM: "Random sets are as large as the pruned one.",
    REWEIGHTED: "Reweighting gives every unit a weight by ridge regression on the "
    "products of pairs of conditions.",
    NONNEGATIVE: "With weights of at least 0, no unit counts against its own "
    "similarities.",
}
INTERVALS = (
    "In-sample intervals are of fixed RDMs with conditions resampled: they do not "
    "know that units were selected on the same data. Held-out intervals are Student's "
    "t over folds, with a variance corrected for training sets that overlap (Nadeau & "
    "Bengio 2003). Both are symmetric, so that those of squared scores may reach below "
    "0."
)
GAIN = (
    "The p of the gain is a strict one. All units score near 0 for shuffled conditions "
    "and leave selection much to gain, more than where they fit already. A small p "
    "says that pruning gains more here than selection gains from nothing; a large p "
    "does not say that the gain is selection. Whether the retained units serve other "
    "conditions, too, is what the gain on held-out conditions tells."
)
STABILITY = (
    "Folds share most of their conditions, so that some agreement is to be expected. "
    "Where different folds retain different units, the retained set describes this "
    "sample of conditions rather than the layer."
)
SUBJECTS = (
    "The noise ceiling is what the subjects' agreement allows: the upper end is the "
    "mean score of the RDM pooled over all subjects, the lower end that of the RDM "
    "pooled over the others. In-sample intervals resample conditions and subjects, "
    "with the two-factor correction of Schütt et al. (2023). For 'subject left out', "
    "units are chosen on the other subjects."
)
CAPTION = (
    "a: scores of every method on the conditions it was fitted on and on held-out "
    "ones. b: scores for targets with shuffled conditions, the whole pruning redone. "
    "c: how many folds retain a unit, beside independent random sets of the same "
    "sizes. ",
    "d: mean score with single subjects, in-sample, and with the subject left out.",
    "d: number of units retained.",
)
ALT = (
    "Four panels: dots with intervals for each method, two histograms of scores of "
    "shuffled targets with the observed scores as lines, a bar chart of the number of "
    "folds in which units are retained, and a panel of subjects or of sizes."
)


def without_score(evidence: Evidence, count: int) -> str:
    """What it means that a method has no score in so many folds."""
    k = len(evidence.methods.folds.full)
    return (
        f"{count} of {k} folds have no score, since a held-out condition has no "
        "pattern over the units in use. They are left out, which may flatter the "
        "method; --undefined zero gives every fold a score."
    )
