"""The report: our numbers beside the published ones, and what to make of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from ...io.summary import package_versions
from ...report import Report
from ...report.numbers import number
from . import words
from .cases import TRAINED, title
from .comparing import comparisons
from .published import REFERENCE
from .pure_units import ETA2, share_found
from .running import NumberDetectors
from .table import CORRECT, FACTORIAL, PUBLISHED_RULE, REVERSED, mean, values

if TYPE_CHECKING:
    from matplotlib.figure import Figure

RULE_NAMES = {PUBLISHED_RULE: "as published", FACTORIAL: "factorial"}

# Columns of scores of all units and of retained ones, by where they were scored.
EVALUATIONS = {
    "same": ("full", "pruned"),
    "other": ("heldout_full", "heldout_pruned"),
    "field": ("field_full", "field_pruned"),
}


def report(found: NumberDetectors, figures: Mapping[str, Figure]) -> Report:
    """Make the report.

    Parameters
    ----------
    found : NumberDetectors
    figures : mapping of str to Figure
        By the names of :func:`~.figures.figures`.

    Returns
    -------
    jaxprune.report.Report
    """
    page = Report("Number detectors and retained units", lead(found))
    page = page.heading("What was done")
    for text in words.METHOD:
        page = page.paragraph(text)
    page = _compared(page.heading("Beside the published numbers"), found)
    page = _drawn(_drawn(page, figures, "scores"), figures, "curves")
    page = page.heading("Two rules for number detectors")
    page = _rules(_each_rule(page, words.PUBLISHED_RULE), found)
    page = page.heading("Overlap").paragraph(words.OVERLAP)
    page = _drawn(page.paragraph(words.REVERSED_RANKING), figures, "overlap")
    page = page.heading("Held-out conditions").paragraph(words.SAME_CONDITIONS)
    page = _held_out(_drawn(page, figures, "heldout"), found)
    page = page.heading("What else to know").paragraph(words.SMALLER)
    page = page.paragraph(words.UNKNOWN).heading("Settings")
    return page.facts(_settings(found))


def lead(found: NumberDetectors) -> str:
    """How retained units compare with ANOVA units that have a score."""
    count = {}
    for rule in RULE_NAMES:
        pruned, anova = (
            values(found.rows, column, rule=rule) for column in ("pruned", "anova")
        )
        defined = ~np.isnan(anova)
        better = int((pruned > anova)[defined].sum())
        count[rule] = f"{better} of {int(defined.sum())} layers"
    gain = values(found.rows, "heldout_pruned") - values(found.rows, "heldout_full")
    seeds = ", every seed counted" if len(found.options.seeds) > 1 else ""
    return (
        "On the conditions that they were chosen on, retained units score higher than "
        f"ANOVA units in {count[PUBLISHED_RULE]} by the rule as published, and in "
        f"{count[FACTORIAL]} by a factorial one{seeds}. On held-out conditions, "
        "pruning changes the score of a layer by "
        f"{number(mean(gain), sign=True)} on average."
    )


def _drawn(page: Report, figures: Mapping[str, Figure], name: str) -> Report:
    caption, alt = words.DESCRIPTIONS[name]
    return page.figure(figures[name], caption, alt)


def _compared(page: Report, found: NumberDetectors) -> Report:
    seeds = len(found.options.seeds)
    over = "" if seeds == 1 else f", means of {seeds} seeds"
    everything = comparisons(found)
    note = f"Published: {REFERENCE}; – if its ANOVA found no unit, or one."
    page = page.paragraph(words.COMPARING)
    for network, version in found.versions:
        mine = [c for c in everything if (c.network, c.version) == (network, version)]
        for is_overlap, what in ((False, "scores"), (True, "overlaps")):
            rows = [c.compared for c in mine if c.is_overlap == is_overlap]
            if rows:
                caption = f"{title(network, version)}: {what}{over}"
                page = page.comparison(rows, caption, note)
    if any(version == TRAINED[1] for _, version in found.versions):
        page = page.paragraph(words.SCRATCH)
    return page


def _each_rule(page: Report, texts: tuple[str, ...]) -> Report:
    """The defect in words, and shown by simulated units."""
    for text in texts:
        page = page.paragraph(text)
    shares = [(eta2, share_found(eta2)) for eta2 in ETA2]
    return page.table(
        ("eta² of number", *(f"found, {name}" for name in RULE_NAMES.values())),
        [(eta2, *(found[rule] for rule in RULE_NAMES)) for eta2, found in shares],
        "Share of pure number units that are found, of 1,000 simulated ones",
    )


def _rules(page: Report, found: NumberDetectors) -> Report:
    columns = "layer", "ANOVA", "units", "score", "retained", "overlap", "chance"
    for network, version in found.versions:
        place = {"network": network, "version": version}
        page = page.table(
            (*columns, "reversed"),
            [
                (layer, name, *_detectors(found, rule=rule, layer=layer, **place))
                for layer in found.options.layers
                for rule, name in RULE_NAMES.items()
            ],
            f"{title(network, version)}: number detectors by both rules",
            "units: number of ANOVA units, the median of seeds. score, retained: of "
            "ANOVA and of retained units. overlap: of both; chance: of random sets; "
            "reversed: overlap under the reversed ranking. All of these are means over "
            "the seeds in which they are defined. n.d.: no score, with fewer than two "
            "units or a condition without a pattern, or no overlap, without units.",
        )
    return page


def _detectors(found: NumberDetectors, **wanted: Any) -> tuple[float, ...]:
    """Size of the set, its score, that of retained units, and overlaps of both."""
    of = _values(found, **wanted)
    reversed_overlap = _values(found, ranking=REVERSED, **wanted)("overlap")
    columns = "anova", "pruned", "overlap", "overlap_chance"
    scores = (mean(of(column)) for column in columns)
    return int(np.median(of("n_anova"))), *scores, mean(reversed_overlap)


def _held_out(page: Report, found: NumberDetectors) -> Report:
    names = [f"{head}, {what}" for head in EVALUATIONS for what in ("all", "kept")]
    columns = [column for pair in EVALUATIONS.values() for column in pair]
    for network, version in found.versions:
        rows = []
        for layer in found.options.layers:
            of = _values(found, network=network, version=version, layer=layer)
            rows.append((layer, *(mean(of(column)) for column in columns)))
        page = page.table(
            ("layer", *names),
            rows,
            f"{title(network, version)}: scores on the same and on other conditions",
            "same: scored on the conditions that units were chosen on. other: on "
            "held-out conditions. field: on the held-out field size. all: all units. "
            "kept: those retained.",
        )
    return page


def _values(found: NumberDetectors, **wanted: Any) -> Any:
    """Return a function of a column."""
    wanted = {"ranking": CORRECT} | wanted
    return lambda column: values(found.rows, column, **wanted)


def _settings(found: NumberDetectors) -> dict[str, Any]:
    options = found.options
    trained = [f"{case}: {case.folder}" for case in found.cases if case.folder]
    return {
        "networks": "; ".join(title(*version) for version in found.versions),
        **({"trained weights": "; ".join(trained)} if trained else {}),
        "seeds": ", ".join(map(str, options.seeds)),
        "stimuli": f"karami32, {options.n_instances} images of each of 32 conditions, "
        f"{options.size} pixels",
        "preprocessing": "0..1, not normalised; pretrained networks: mean and "
        "deviation of ImageNet",
        "RDMs": "1 minus correlation, compared by Pearson correlation",
        "folds": f"{options.n_folds} of held-out conditions; 2 of field sizes",
        "random sets": options.n_random,
        "ANOVA": "alpha .01, not corrected for the number of units",
        **package_versions(),
    }
