"""All numbers of one network, from one set of stimuli, and those of the model."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from ...numerosity import summation_model
from .networks import Case, moments, responses
from .options import Options
from .origin import area_varying, origin
from .tasks import comparison, congruency, groups_of, matching
from .units import classify, held_out, widths


def measure(
    case: Case, options: Options, progress: bool, say: Callable[[str], None]
) -> dict[str, Any]:
    """Show images to a network and run all analyses; these say what they give.

    The units are chosen by a first set of images. Their tuning is shown for both it,
    as the papers do, and a second one, and all tasks are done with the second.
    """
    subject, n_images = case.subject, getattr(options, case.subject.images)
    net = case.make()
    first = case.stimuli(n_images)
    say(f"showing {len(first.images):,} images")
    cells = moments(net, subject.layer, first, progress=progress)
    units, measured = classify(cells, case.seed)

    second = case.stimuli(n_images, held_out=True)
    say(
        f"showing {len(second.images):,} other images to its {len(units.selective):,} "
        "selective units, for tuning and tasks"
    )
    kept: dict[str, Any] = {subject.layer: units.kept}
    x = responses(net, second.images, kept, progress=progress)[subject.layer]
    selective, non_selective, others = units.split(x)
    if len(units.selective):
        factors = {name: second.levels(name) for name in second.factors}
        measured |= held_out(units, selective, factors)
    groups = groups_of(selective, non_selective, second.images)
    number = second.levels("numerosity")
    measured |= comparison(groups, second, options, case.seed)
    measured |= matching(selective, others, number, options, case.seed)

    if subject.below:
        varied = area_varying(options.area_images, case.seed, subject.size)
        say(f"showing {len(varied.images):,} images of several total areas")
        kept[subject.below] = slice(None)
        seen = responses(net, varied.images, kept, progress=progress)
        selective, non_selective, _ = units.split(seen[subject.layer])
        groups = groups_of(selective, non_selective, varied.images)
        measured |= congruency(groups, varied, options, case.seed)
        measured |= origin(net, subject, seen[subject.below], varied, units)
    return measured


def summation(n_runs: int, seed: int) -> dict[str, np.ndarray]:
    """Run the summation model.

    Returns
    -------
    dict of ndarray
        ``levels``, ``share``, ``decreasing`` and ``increasing`` as in
        :class:`~jaxprune.numerosity.Summation`; ``curves``, means over runs, and
        ``tuning_sigma`` and ``tuning_r2`` of these.
    """
    model = summation_model(n_runs=n_runs, seed=seed)
    runs = model.curves[~np.isnan(model.curves).any((1, 2))]
    curves = runs.mean(0) if len(runs) else np.full(model.curves.shape[1:], np.nan)
    return {
        "levels": model.levels,
        "share": model.share,
        "decreasing": model.decreasing,
        "increasing": model.increasing,
        "curves": curves,
        **widths(model.levels, curves, "tuning"),
    }
