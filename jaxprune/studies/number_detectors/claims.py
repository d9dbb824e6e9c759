"""What the report claims, in words with computed numbers."""

from __future__ import annotations

import numpy as np

from ...base.means import mean_of_defined
from ...report.numbers import number
from ..framework import Found
from .equal_numbers import SAME, SPLITS
from .networks import NORMALISE, PLAIN, PRETRAINED, TRAINED, UNTRAINED, title
from .tables import networks, scores, values

# A full score that noise changes by more than this is worth a warning: published scores
# have two digits, and the seeds of a layer differ by some .03.
WORTH_SAYING = 0.02


def better(found: Found, rule: str) -> str:
    """Layers in which retained units score higher than ANOVA units with a score."""
    pruned, anova = (values(found, column, rule=rule) for column in ("pruned", "anova"))
    defined = ~np.isnan(anova)
    return f"{int((pruned > anova)[defined].sum())} of {int(defined.sum())} layers"


def gain(found: Found) -> str:
    """Change of the score by pruning, on held-out conditions."""
    pruned, full = (values(found, f"heldout_{name}") for name in ("pruned", "full"))
    return number(float(mean_of_defined(pruned - full)), sign=True)


def noise_effect(found: Found) -> np.ndarray:
    """What noise adds to the score of all units, of every layer and seed."""
    return values(found, "full") - values(found, "full_corrected")


def noise_said(found: Found) -> str:
    """Say what noise of the means adds to scores of all units."""
    effect = noise_effect(found)
    if np.isnan(effect).all():
        return "the noise of some means is as large as their pattern"
    least, most = (number(float(f(effect)), sign=True) for f in (np.nanmin, np.nanmax))
    return f"noise of the means changes scores of all units by {least} to {most}"


def few_images(found: Found) -> bool:
    """Whether this is worth a warning: in some layer it is, or cannot be told."""
    return not (np.abs(noise_effect(found)) <= WORTH_SAYING).all()


def noise_warning(found: Found) -> str:
    """What to do about it."""
    if few_images(found):
        return (
            "That is too much to compare plain scores with those of the paper, which "
            "has 100 images of each condition: show more images, or read the "
            "corrected scores."
        )
    return "That is no more than seeds of a layer differ by."


def detector_gains(found: Found, split: str) -> np.ndarray:
    """Score of detectors less that of as many retained units, by layer and seed."""
    gains = [
        [
            r["detectors"] - r["retained"]
            for r in one["equal_numbers"]
            if r["split"] == split
        ]
        for one in found
    ]
    return np.array([mean_of_defined(folds) for folds in gains])


def detectors_better(found: Found) -> str:
    """Say where as many detectors score higher than retained units, and how much."""
    said = []
    for split in SPLITS:
        gains = detector_gains(found, split)
        defined = gains[~np.isnan(gains)]
        where = "on the same conditions" if split == SAME else f"on held-out {split}"
        middle = number(float(mean_of_defined(defined)), sign=True)
        said.append(
            f"{where} in {int((defined > 0).sum())} of {len(defined)} layers "
            f"(mean difference {middle})"
        )
    return f"{', '.join(said[:-1])}, and {said[-1]}"


def verdict(found: Found) -> str:
    """Whether retained units fit better than as many detectors, held out."""
    said = []
    for kind, versions in (
        ("untrained", {UNTRAINED}),
        ("trained", {PRETRAINED, *TRAINED}),
    ):
        them = [found.where(version=version) for version in sorted(versions)]
        gains = [detector_gains(one, split) for one in them for split in SPLITS[1:]]
        all_of_them = np.concatenate(gains)
        defined = all_of_them[~np.isnan(all_of_them)]
        if len(defined):
            better = int((defined > 0).sum())
            holds = "holds" if 2 * better < len(defined) else "does not hold"
            said.append(
                f"In {kind} networks the paper's conclusion {holds} here: held out, as "
                f"many detectors score higher in {better} of {len(defined)} cases."
            )
    return " ".join(said)


def ways(found: Found) -> str:
    """Compare both treatments of images in the networks that saw them in both."""
    said = []
    for (network, version), group in found.groups("network", "version").items():
        both = [group.where(normalise=way) for way in NORMALISE]
        if not all(one.measured for one in both) or not scores(both[0]):
            continue
        far = [_distance(one) for one in both]
        closer = "as they are" if far[0] < far[1] else "normalised"
        said.append(
            f"In {title(network, version, PLAIN)}, scores of all units are closer to "
            f"the published ones with images {closer}: the mean difference is "
            f"{number(far[0])} as they are, and {number(far[1])} normalised."
        )
    return " ".join(said)


def _distance(found: Found) -> float:
    """Mean distance of scores of all units from the published ones."""
    differences = [
        row.difference for row in scores(found) if row.name.endswith("all units")
    ]
    return float(np.mean(np.abs(np.array(differences, float))))


def scratch_source(found: Found) -> str:
    """Where the network that learned from random weights comes from."""
    (case,) = networks(found.where(version=TRAINED[1]))
    return f"{case.source}; sha256 of the weights {case.weights[:12]}"
