"""All numbers of one network, from one set of stimuli."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from .area_varying import area_varying
from .networks import Case
from .options import Options
from .origin import origin
from .responses import moments, responses
from .tasks import comparison, congruency, groups_of, matching
from .units import classify, held_out


@dataclass(frozen=True, eq=False)
class Found:
    """What was found in one network; see the modules of the analyses for the names.

    Attributes
    ----------
    case : Case
    record : dict
        Single numbers.
    arrays : dict of ndarray
    """

    case: Case
    record: dict[str, Any]
    arrays: dict[str, np.ndarray]


def measure(
    case: Case,
    options: Options,
    *,
    progress: bool = False,
    report: Callable[[str], None] = lambda text: None,
) -> Found:
    """Show images to a network and run all analyses.

    The units are chosen by a first set of images. Their tuning is shown for both it,
    as the papers do, and a second one, and all tasks are done with the second.
    """
    subject, n_images = case.subject, getattr(options, case.subject.images)
    net = case.make()
    first = case.stimuli(n_images)
    report(f"showing {len(first.images):,} images to {case}")
    cells = moments(net, subject.layer, first, progress=progress)
    units, record, arrays = classify(cells, case.seed)

    second = case.stimuli(n_images, held_out=True)
    report(
        f"showing {len(second.images):,} other images to its {len(units.selective):,} "
        "selective units, for tuning and tasks"
    )
    kept: dict[str, Any] = {subject.layer: units.kept}
    x = responses(net, second.images, kept, progress=progress)[subject.layer]
    selective, non_selective, others = units.split(x)
    if len(units.selective):
        factors = {name: second.levels(name) for name in second.factors}
        further = held_out(units, selective, factors)
        record, arrays = record | further[0], arrays | further[1]
    groups = groups_of(selective, non_selective, second.images)
    number = second.levels("numerosity")
    arrays |= comparison(groups, second, options, case.seed)
    arrays |= matching(selective, others, number, options, case.seed)

    if subject.below:
        varied = area_varying(options.area_images, case.seed, subject.size)
        report(f"showing {len(varied.images):,} images of several total areas")
        kept[subject.below] = slice(None)
        seen = responses(net, varied.images, kept, progress=progress)
        selective, non_selective, _ = units.split(seen[subject.layer])
        groups = groups_of(selective, non_selective, varied.images)
        arrays |= congruency(groups, varied, options, case.seed)
        further = origin(net, subject, seen[subject.below], varied, units)
        record, arrays = record | further[0], arrays | further[1]
    return Found(case, record, arrays)
