"""Numbers published by Truong, Noei & Karami (2024), and in the code beside it."""

from __future__ import annotations

REFERENCE = "Truong, Noei & Karami (2024), OpenReview n5cV83qUrs"

Scores = tuple[str, str, str | None]
Key = tuple[str, str]

# Score of all units, of the retained ones, and of the ANOVA units of V1, V2, V4 and IT,
# with the digits printed; None where the ANOVA found no units, or one.
SCORES: dict[Key, tuple[Scores, Scores, Scores, Scores]] = {
    ("cornet_z", "pretrained"): (
        (".38", ".58", ".48"),
        (".43", ".61", ".58"),
        (".46", ".64", ".26"),
        (".32", ".66", ".27"),
    ),
    ("cornet_z", "numerosity"): (
        (".38", ".57", ".48"),
        (".43", ".60", ".50"),
        (".45", ".62", ".28"),
        (".56", ".68", ".24"),
    ),
    ("cornet_z", "untrained"): (
        (".28", ".50", ".19"),
        (".33", ".52", None),
        (".32", ".53", ".11"),
        (".31", ".50", ".01"),
    ),
    ("cornet_s", "pretrained"): (
        (".24", ".71", ".56"),
        (".24", ".78", ".74"),
        (".37", ".82", ".79"),
        (".29", ".84", ".72"),
    ),
    ("cornet_s", "numerosity"): (
        (".42", ".59", ".71"),
        (".35", ".51", ".63"),
        (".26", ".45", ".44"),
        (".36", ".68", None),
    ),
    ("cornet_s", "untrained"): (
        (".21", ".63", ".01"),
        (".11", ".68", ".41"),
        (".03", ".73", ".45"),
        (".03", ".75", ".70"),
    ),
}

# Overlap coefficient of retained and ANOVA units; None where there were no ANOVA units.
OVERLAP: dict[Key, tuple[str | None, str | None, str | None, str | None]] = {
    ("cornet_z", "pretrained"): (".40", ".59", "1", ".09"),
    ("cornet_z", "numerosity"): (".57", ".71", ".85", "0"),
    ("cornet_z", "untrained"): ("0", "1", "1", "0"),
    ("cornet_s", "pretrained"): (".31", ".01", "0", "0"),
    ("cornet_s", "numerosity"): (".27", ".21", "0", None),
    ("cornet_s", "untrained"): (".65", ".01", "0", "0"),
}

AREAS = ("V1", "V2", "V4", "IT")
FULL, PRUNED, ANOVA = range(3)


def score(network: str, version: str, layer: str, which: int) -> str | None:
    """Published score of a layer; None where there is none.

    >>> score("cornet_z", "untrained", "IT", FULL)
    '.31'
    """
    known = SCORES.get((network, version))
    return known[AREAS.index(layer)][which] if known else None


def overlap(network: str, version: str, layer: str) -> str | None:
    """Published overlap of a layer; None where there is none."""
    known = OVERLAP.get((network, version))
    return known[AREAS.index(layer)] if known else None
