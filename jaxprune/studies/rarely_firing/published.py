"""What the paper's figures show, digitised: R squared to ±.005."""

from __future__ import annotations

from dataclasses import dataclass

REFERENCE = (
    "Truong & Hasson (2022), Using deep neural networks for modeling representational "
    "spaces, ICCM; read off the pixels of its figures, ±.005"
)

# Figure 1: LeNet-5 on CIFAR-10, 100, 90, ..., 10 % of units kept; mean of 50 networks.
R2 = ("1", ".997", ".990", ".974", ".953", ".926", ".887", ".837", ".725", ".491")
# Largest percentage of zeros among the units kept.
MAX_POZ = ("99", "77", "61", "49", "41", "33.5", "25.6", "19.7", "13.1", "7.7")
SD_AT_10 = ".23"

# Figure 2: VGG-16 and human similarities of 120 images; per cent of units kept.
LEVELS = (50, 24, 12, 6, 3)


@dataclass(frozen=True)
class Category:
    """One category of images.

    Attributes
    ----------
    full : str
        R squared of all units.
    at : tuple of str
        At each of `LEVELS`.
    best : str or None
        The largest value below 100 %; None where there is none.
    best_level : str
        Where, in per cent.
    below_80, below_90 : str or None
        Figure 3: per cent of units whose percentage of zeros is at most 80 or 90.
    """

    full: str
    at: tuple[str, ...]
    best: str | None = None
    best_level: str = ""
    below_80: str | None = None
    below_90: str | None = None


CATEGORIES = {
    "animals": Category(".442", (".411", ".420", ".430", ".429", ".417")),
    "automobiles": Category(
        ".597", (".592", ".586", ".572", ".545", ".470"), below_80="42"
    ),
    "fruits": Category(
        ".300",
        (".300", ".287", ".266", ".248", ".216"),
        *(".300", "50"),
        below_80="31",
        below_90="51",
    ),
    "furniture": Category(
        ".310", (".328", ".348", ".346", ".337", ".323"), ".350", "21 to 24"
    ),
    "various": Category(
        ".334", (".300", ".280", ".272", ".265", ".222"), below_90="89"
    ),
    "vegetables": Category(
        ".341", (".343", ".338", ".316", ".300", ".264"), ".344", "41"
    ),
}
