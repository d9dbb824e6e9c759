"""The study: its options, its parts, and what is made of them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from ...stimuli import StimulusSet, karami32
from .. import framework
from ..framework import Part, Run, Study, option, seeds, trained
from ..framework.networks import at_least_one
from ..framework.options import listed, named
from . import claims, figures, tables
from .equal_numbers import EQUAL_COLUMNS
from .measure import COLUMNS, FACTORIAL, PUBLISHED_RULE, analyse, responses
from .networks import NETWORKS, NORMALISE, PLAIN, TRAINED, Case, cases_of
from .on_screen import on_screen


@dataclass(frozen=True)
class Options(framework.Options):
    """Settings of the study.

    Attributes
    ----------
    networks : tuple of str
        Networks to look at before training; those of the paper are ``"cornet_z"``
        and ``"cornet_s"``.
    seeds : tuple of int
        Of stimuli and of random weights; trained networks see the stimuli of the
        first.
    weights : tuple of str
        Folders of trained networks, from ``jaxprune convert`` or ``jaxprune train``.
        What was learned is read there: ImageNet (the version ``pretrained``), or
        ``numerosity`` and ``numerosity_scratch``.
    normalise : tuple of {"none", "imagenet"}
        How untrained networks see images: 0..1, or less the mean and over
        the deviation of ImageNet; what the paper did is not documented.
    layers : tuple of str
        By default the stages of each network: areas, or pooling layers.
    n_instances : int
        Images of each of the 32 conditions.
    size : int
        Height and width of the images in pixels; the number of units goes with it.
    n_folds : int
        Folds of held-out conditions.
    n_random : int
        Random sets of units, whose scores are averaged.

    Raises
    ------
    ValueError
        An unknown treatment of images, or a number out of range.
    """

    networks: tuple[str, ...] = option(
        ("cornet_z",),
        f"untrained ones: {', '.join(NETWORKS)}, others of `jaxprune networks`, "
        "several (with commas), or none",
        metavar="NAMES",
        read=listed,
    )
    seeds: tuple[int, ...] = seeds(0)
    weights: tuple[str, ...] = trained()
    normalise: tuple[str, ...] = option(
        (PLAIN,),
        "how untrained networks see images: none (0..1), imagenet (less its mean, over "
        "its deviation), or both (with a comma)",
        filled=True,
        choices=NORMALISE,
        metavar="HOW",
        read=named,
    )
    layers: tuple[str, ...] = option(
        (),
        "of every network (default: V1,V2,V4,IT of CORnets, pooling layers of others)",
        metavar="NAMES",
        read=named,
    )
    # An analysis of variance needs two images of a condition.
    n_instances: int = option(
        50,
        "images of each condition; few lower the scores of all units",
        least=2,
        flag="--instances",
    )
    size: int = option(224, "pixels of the images", least=1)
    n_folds: int = option(4)
    n_random: int = option(100, least=1)

    def __post_init__(self) -> None:
        super().__post_init__()
        at_least_one(self.networks, self.weights, NETWORKS)
        if len(set(self.networks)) < len(self.networks):
            raise ValueError(f"networks={self.networks!r}: expected each once.")


def parts(options: Options, run: Run) -> Iterator[Part]:
    """Every layer of each network and seed."""

    @lru_cache(maxsize=1)
    def stimuli(seed: int) -> StimulusSet:
        run.say(f"drawing 32 x {options.n_instances} dot arrays, seed {seed}")
        return karami32(options.n_instances, seed, options.size)

    def layers(case: Case) -> list[Part]:
        shown = {
            "weights": case.weights,
            "normalise": case.normalise,
            "n_instances": options.n_instances,
            "size": options.size,
        }
        chosen = {"n_folds": options.n_folds, "n_random": options.n_random}
        keys = "network", "version", "normalise", "seed"
        place = {key: getattr(case, key) for key in keys}
        # Taken out layer by layer, because V1 alone holds 100 MB.
        moments: dict[str, Any] = {}

        def compute(layer: str) -> dict[str, Any]:
            if layer not in moments:
                missing = [one.about["layer"] for one in made if not run.has(one)]
                images = stimuli(case.seed)
                run.say(f"showing {len(images.images):,} images to {case}")
                name = f"{case.prefix}-responses"
                waiting = run.waiting(name, ".h5", **shown, layers=missing)
                moments.update(responses(case, missing, images, waiting, run.progress))
            cells = moments.pop(layer)
            return analyse(cells, layer=layer, **place, **chosen, progress=run.progress)

        made = [
            Part(
                f"{case.prefix}-{layer}",
                {**shown, **chosen, "columns": (*COLUMNS, *EQUAL_COLUMNS)},
                lambda layer=layer: compute(layer),
                {**place, "layer": layer, "case": case},
                f"{case}, {layer}",
            )
            for layer in case.layers
        ]
        return made

    for case in cases_of(
        options.networks,
        options.seeds,
        options.weights,
        options.normalise,
        options.layers,
    ):
        yield from layers(case)


STUDY = Study(
    module=__name__,
    about="""\
Truong, Noei & Karami (2024): which units of CORnet-Z and CORnet-S carry number?
Dot arrays of 32 kinds are shown to the networks. In V1, V2, V4 and IT, the
units that pruning retains are compared with number detectors (by ANOVA, as
published and as it should be), with random units, and on held-out conditions.

The small version takes an untrained CORnet-Z, one seed and 50 images a kind.
--full takes CORnet-Z and CORnet-S, images normalised and not, 5 seeds and 100
images: hours on two cores. Trained networks are added by --weights, any that
`jaxprune networks` lists.""",
    example="""\
jaxprune study number-detectors --out detectors
  jaxprune study number-detectors --full --weights imagenet_z \\
                                  --weights trained/epoch_100 --out full""",
    small=Options(),
    full=Options(
        networks=NETWORKS, seeds=(0, 1, 2, 3, 4), normalise=NORMALISE, n_instances=100
    ),
    parts=parts,
    rows={"table": tables.rows, "equal_numbers": tables.equal_rows},
    figures={
        "scores": figures.scores,
        "curves": figures.curves,
        "overlap": figures.overlap,
        "heldout": figures.heldout,
    },
    shown={
        "scores": tables.scores,
        "overlaps": tables.overlaps,
        "pure_units": tables.pure_units,
        "rules": tables.rules,
        "held_out": tables.held_out,
        "noise": tables.noise,
        "equal_numbers": tables.equal,
    },
    words={
        "title": tables.heading,
        "reference": tables.reference,
        "better_as_published": lambda found: claims.better(found, PUBLISHED_RULE),
        "better_factorial": lambda found: claims.better(found, FACTORIAL),
        "every_seed": lambda found: (
            ", every seed counted" if len(found.options.seeds) > 1 else ""
        ),
        "gain": claims.gain,
        "detectors_better": claims.detectors_better,
        "noise_said": claims.noise_said,
        "noise_warning": claims.noise_warning,
        "n_instances": lambda found: found.options.n_instances,
        "verdict": claims.verdict,
        "both_ways": claims.ways,
        "ways": claims.ways,
        "scratch_source": claims.scratch_source,
        "over_seeds": lambda found: (
            f", means of {n} seeds" if (n := len(found.options.seeds)) > 1 else ""
        ),
        "scratch": lambda found: found.where(version=TRAINED[1]).measured,
    },
    summary=tables.summary,
    screen=on_screen,
    settings=tables.settings,
)
