"""What `heatmap` does: extraction, then one image after the other."""

from __future__ import annotations

import argparse
import time
import warnings
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...report import screen
from .. import options
from ._heatmap_files import FILES, file_names, save, score_of, table
from ._heatmap_job import Job, job_of
from ._second_maps import overlaps, second_maps
from ._summary import matched

if TYPE_CHECKING:
    from ...io.checkpoints import Checkpoints
    from ._heatmap_job import Maps

# The RDMs of two layers that are the same but for rounding correlate more than this:
# responses in float32 agree to four digits between programs.
SAME = 0.999


def map_images(args: argparse.Namespace) -> int:
    """Map the images asked for, write what was found, and say what it is."""
    from ...io.checkpoints import Checkpoints
    from ...io.folders import results_folder

    begin = time.monotonic()
    job, numbers = job_of(args)
    second = {} if args.beside is None else second_maps(args.beside, job, numbers)
    files = file_names([job.described(number)[0] for number in numbers])
    names = (*FILES, *files)
    with results_folder(args.out, names) as (folder, replaces):
        extraction = job.request.extract(args, batch_size=args.batch_size)
        features = extraction.features[job.layer]
        agreement = _agreement(job, features)
        checkpoints = Checkpoints(folder / "parts", job.settings)
        found = {}
        for k, (number, file) in enumerate(zip(numbers, files, strict=True), 1):
            title = f"{job.described(number)[0]} ({k} of {len(numbers)})"
            image = number, file, features, title
            found[number] = _mapped(job, checkpoints, *image, args)
        settings = asdict(job.result.settings)
        kept = {*settings, "batch_size"}
        about = {
            "target": job.which,
            "conditions_matched": job.matching,
            "rdm_correlation": agreement,
            "settings": settings,
            "by": job.by,
            **{k: v for k, v in job.options.items() if k not in kept},
            "inputs": {
                "pruned": str(args.pruned),
                **job.request.inputs(extraction),
                "layer": job.layer,
                **({} if job.read_at is None else {"readout": job.read_at}),
                **({} if args.beside is None else {"beside": args.beside}),
                "command": ["jaxprune", *args.line],
                "seconds": round(time.monotonic() - begin, 3),
            },
        }
        common = {k: overlaps(found[k], one) for k, one in second.items()}
        save(job, folder, found, files, about, common)
    if not args.quiet:
        facts = job.request.facts(extraction)
        conditions = job.request.conditions_said(extraction.count)
        lines = [
            *facts,
            screen.fact("pruned", screen.shortened(str(args.pruned))),
            screen.fact("target", job.which),
            screen.wrapped("conditions", f"{conditions}; {matched(job.matching)}"),
            screen.fact("score", f"{score_of(job)}, of the row of an image"),
            "",
            table(job, found, common),
            "",
        ]
        print("\n".join(lines))
        print(screen.files_line(folder, [*files, *FILES, "parts/"], replaces))
    return 0


def _agreement(job: Job, features: np.ndarray) -> float:
    """Correlation of the layer's RDM with that of PRUNED; a warning if they differ."""
    from ... import rdm
    from ...base.arrays import condensed

    settings = job.result.settings
    own = rdm(job.read(features), settings.metric, settings.undefined)
    known = condensed(job.full)
    both = np.isfinite(own) & np.isfinite(known)
    r = float(np.corrcoef(own[both], known[both])[0, 1])
    if not r > SAME:
        warnings.warn(
            f"the RDM of {job.layer} correlates only r = {r:.4f} with that of the "
            "pruned layer, so its units may be others: give the network, weights, "
            "images and preprocessing (and --relu) that its features were made with",
            stacklevel=2,
        )
    return r


def _mapped(
    job: Job,
    checkpoints: Checkpoints,
    number: int,
    file: str,
    features: np.ndarray,
    title: str,
    args: argparse.Namespace,
) -> Maps:
    """Map an image, unless an earlier run has."""

    def compute() -> dict[str, Any]:
        progress = options.progress(args)
        return job.way.compute(job, number, features, progress, title)

    image = job.described(number)[0]
    return job.way.maps_of(job, checkpoints.get(Path(file).stem, compute, image=image))
