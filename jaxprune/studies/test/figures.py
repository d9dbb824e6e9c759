"""One figure: methods, chance, stability, and subjects where there are any."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from ...base.facts import p_text
from ...inference.methods import PRUNED
from ...plots import COLOURS, HEADING
from .measure import Subjects, Tested
from .tables import TITLES, method_rows, subject_rows

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLUE, ORANGE, GREEN, *_ = COLOURS
DARK, LIGHT = "0.3", "0.72"
# Below an axis and its label: over the data there is no place that is always free.
BELOW: dict[str, Any] = {
    "loc": "upper center",
    "bbox_to_anchor": (0.45, -0.14),
    "ncols": 2,
    "frameon": False,
    "fontsize": 9,
}
# Before the marker of their mean, which would hide those that are close.
DOTS: dict[str, Any] = {"marker": ".", "ms": 5, "ls": "", "alpha": 0.6, "zorder": 3}
BINS = 40


def figure(tested: Tested) -> Figure:
    """Methods, chance, stability, and subjects where there are any."""
    drawn = Figure(figsize=(12, 8.6), dpi=150, layout="constrained")
    drawn.get_layout_engine().set(w_pad=0.1, h_pad=0.1, hspace=0.04)  # type: ignore[union-attr]
    panels: Any = drawn.subplots(2, 2)
    draw_methods(panels[0, 0], tested)
    draw_null(panels[0, 1], tested)
    draw_stability(panels[1, 0], tested)
    if tested.subjects is None:
        draw_sizes(panels[1, 1], tested)
    else:
        draw_subjects(panels[1, 1], tested, tested.subjects)
    for letter, axes in zip("abcd", panels.flat, strict=True):
        axes.set_title(f"{letter}  {axes.get_title(loc='left')}", **HEADING)
        axes.spines[["top", "right"]].set_visible(False)
    return drawn


def score_name(tested: Tested) -> str:
    """What a score is, for an axis."""
    squared = "²" if tested.options.objective == "r2" else ""
    return f"score ({tested.options.compare}{squared})"


def draw_methods(axes: Axes, tested: Tested) -> None:
    """In-sample and held-out score of every method, with intervals."""
    rows = method_rows(tested)
    held_out = "held-out conditions, every fold a dot"
    kinds = (("in_sample", "conditions fitted on", ORANGE, -0.14, "o"),) + (
        ("held_out", held_out, BLUE, 0.14, "s"),
    )
    for column, label, colour, offset, marker in kinds:
        for place, row in enumerate(rows):
            y = place + offset
            low, high = row[f"{column}_low"], row[f"{column}_high"]
            if low is not None:
                axes.plot([low, high], [y, y], "-", color=colour, lw=1.6)
            if column == "held_out":
                seen = tested.methods.held_out[row["method"]]
                axes.plot(seen, np.full(len(seen), y), **DOTS, color=colour)
            name = label if place == 0 else None
            style: dict[str, Any] = {"ms": 7, "mec": "white", "color": colour}
            axes.plot(row[column], y, marker, label=name, **style)
    axes.set_yticks(range(len(rows)), [TITLES[row["method"]] for row in rows])
    axes.set_ylim(len(rows) - 0.4, -0.6)
    axes.axvline(0, color="0.6", lw=0.8, zorder=0)
    axes.set_xlabel(score_name(tested))
    axes.set_title("methods, with 95 % intervals", **HEADING)
    axes.legend(**BELOW)


def draw_null(axes: Axes, tested: Tested) -> None:
    """What pruning reaches for shuffled conditions, beside what it reached."""
    found = tested.permutation
    everything = np.concatenate([found.null, found.null_full])
    everything = everything[~np.isnan(everything)]
    ends = [*everything, found.best_score, found.full_score]
    bins = np.linspace(min(ends), max(ends), BINS + 1).tolist()
    kinds = (
        ("all units", found.null_full, found.full_score, found.p_full, LIGHT, DARK),
        ("pruned", found.null, found.best_score, found.p_value, "#F3C6A0", ORANGE),
    )
    for name, null, observed, p, fill, line in kinds:
        seen, text = null[~np.isnan(null)], f"{name}, shuffled"
        axes.hist(seen, bins, color=fill, alpha=0.8, label=text)
        label = f"{name}, observed: {observed:.3f}, p {p_text(p)}"
        axes.axvline(observed, color=line, lw=2, label=label)
    axes.set_xlabel(score_name(tested))
    axes.set_ylabel("permutations")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    text = f"{found.n_permutations:,} targets with shuffled conditions"
    axes.set_title(text, **HEADING)
    axes.legend(**BELOW)


def draw_stability(axes: Axes, tested: Tested) -> None:
    """In how many folds a unit is retained, beside independent random sets."""
    folds = tested.methods.folds
    k = len(folds.retained)
    times = np.rint(folds.stability.frequency * k).astype(int)
    count = np.bincount(times, minlength=k + 1)
    chance = times_by_chance(folds.sizes / folds.n_units) * folds.n_units
    axes.bar(range(k + 1), count, color=BLUE, width=0.7, label="units")
    axes.plot(range(k + 1), chance, "D", color=DARK, ms=6, label="random sets")
    axes.set_yscale("symlog", linthresh=1)
    axes.set_ylim(0, None)
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.yaxis.set_major_formatter("{x:,.0f}")
    axes.set_xlabel(f"folds, of {k}, in which a unit is retained")
    axes.set_ylabel("number of units")
    found = folds.stability
    text = f"stability: overlap {found.coefficient:.2f}, by chance {found.chance:.2f}"
    axes.set_title(text, **HEADING)
    axes.legend(**BELOW)


def times_by_chance(shares: np.ndarray) -> np.ndarray:
    """Chance of being in 0, 1, ..., k independent random sets of these shares.

    >>> times_by_chance(np.array([0.5, 0.5]))
    array([0.25, 0.5 , 0.25])
    """
    chance = np.ones(1)
    for share in shares:
        chance = np.convolve(chance, [1 - share, share])
    return chance


def draw_sizes(axes: Axes, tested: Tested) -> None:
    """How many units are retained, in folds and for shuffled conditions."""
    found, n = tested.permutation, tested.n_ranked
    ranked = "groups" if tested.grouped else "units"
    bins = np.linspace(0, 100, BINS + 1).tolist()
    label = "shuffled conditions"
    axes.hist(100 * found.null_sizes / n, bins, color="#F3C6A0", label=label)
    top = axes.get_ylim()[1]
    sizes = 100 * tested.fold_sizes / n
    height = np.full(len(sizes), 0.06 * top)
    axes.plot(sizes, height, "s", color=BLUE, ms=6, mec="white", label="folds")
    label = f"all conditions: {found.best_size:,} {ranked}"
    axes.axvline(100 * found.best_size / n, color=ORANGE, lw=2, label=label)
    axes.set_xlabel(f"{ranked} retained, %")
    axes.set_ylabel("permutations")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_title(f"number of {ranked}", **HEADING)
    axes.legend(**BELOW)


def draw_subjects(axes: Axes, tested: Tested, subjects: Subjects) -> None:
    """Scores of methods with single subjects, beside the noise ceiling."""
    rows, found = subject_rows(tested), subjects.bootstrap
    ceiling = subjects.ceiling
    label = "noise ceiling"
    axes.axvspan(ceiling.lower, ceiling.upper, color="0.88", lw=0, label=label)
    for place, (row, seen) in enumerate(zip(rows, found.subject_scores, strict=True)):
        axes.plot(seen, np.full(len(seen), place), **DOTS, color=GREEN)
        axes.plot([row["low"], row["high"]], [place] * 2, "-", color=GREEN, lw=1.6)
        axes.plot(row["score"], place, "o", color=GREEN, ms=7, mec="white")
    names = [TITLES[row["method"]] for row in rows]
    shift = len(rows)
    for place, (name, column) in enumerate((("all", "full"), ("pruned", PRUNED))):
        seen, y = getattr(subjects.folds, column), shift + place
        axes.plot(seen, np.full(len(seen), y), **DOTS, color=BLUE)
        mean = subjects.folds.estimate(column).mean
        axes.plot(mean, y, "s", color=BLUE, ms=7, mec="white")
        names.append(f"{name}, subject left out")
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(len(names) - 0.4, -0.6)
    axes.axvline(0, color="0.6", lw=0.8, zorder=0)
    axes.set_xlabel(score_name(tested))
    axes.set_title(f"{found.n_subjects} subjects, every subject a dot", **HEADING)
    axes.legend(**BELOW)
