"""A pruned layer, its network and the images to map: read, matched and checked."""

from __future__ import annotations

import argparse
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base.paths import expanded
from ._extracting import prepare
from ._request import Request

if TYPE_CHECKING:
    from ...heatmaps import HeatMap
    from ...results import Pruning

    Maps = Mapping[str, HeatMap]

RETAINED, ALL = "retained units", "all units"


@dataclass(frozen=True)
class Job:
    """What all images share.

    Attributes
    ----------
    request : Request
        Of one layer.
    result : Pruning
    matching : str
        How its conditions and those of the images were matched.
    target, full : ndarray (n, n)
        Dissimilarities of target and layer, in the order of the images' conditions.
    subsets : dict
        Sets of units by name.
    which : str
        The target, in words.
    relu : bool
    options : dict
        Of :func:`jaxprune.heatmaps.occlusion_maps`.
    """

    request: Request
    result: Pruning
    matching: str
    target: np.ndarray
    full: np.ndarray
    subsets: dict[str, np.ndarray | None]
    which: str
    relu: bool
    options: dict[str, Any]

    @property
    def layer(self) -> str:
        """Name of the layer."""
        return self.request.layers[0]

    def pixels(self, number: int) -> np.ndarray:
        """Image as the network sees it, before normalisation."""
        return self.request.steps.pixels(self.request.images.read(number))

    @cached_property
    def respond(self) -> Any:
        """Function from images to the units of the layer."""
        import jaxprune_ports as jpp

        return jpp.responder(self.request.net, self.layer, self.relu)

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Everything that a map depends on, for the parts."""
        from jaxprune_ports.weights.fingerprint import weights_hash

        images, known = self.request.images, self.request.conditions
        stamps = [images.stamp(i) for i in range(len(images))]
        units = self.subsets[RETAINED]
        options = {k: v for k, v in self.options.items() if k != "batch_size"}
        return options | {
            "network": self.request.net.name,
            "weights": weights_hash(self.request.net),
            "layer": self.layer,
            "relu": self.relu,
            "preprocessing": asdict(self.request.steps),
            "images": _hash(repr(stamps).encode()),
            "conditions": _hash(repr((known.labels, known.index.tolist())).encode()),
            "target": _hash(self.target.tobytes()),
            "units": _hash(np.asarray(units).tobytes()),
        }

    def maps(
        self, number: int, features: np.ndarray, progress: bool, title: str
    ) -> Maps:
        """Map one image; its own responses stand for those of its condition."""
        from ...heatmaps import occlusion_maps

        condition = self.request.conditions.index[number]
        return occlusion_maps(
            self.respond,
            self.request.steps.normalise(self.pixels(number)),
            np.delete(features, condition, 0),
            np.delete(self.target[condition], condition),
            self.subsets,
            **self.options,
            progress=progress,
            title=title,
        )

    def described(self, number: int) -> tuple[str, str]:
        """Name of an image, and of its condition."""
        known = self.request.conditions
        return self.request.images.names[number], known.labels[known.index[number]]


def job_of(args: argparse.Namespace) -> tuple[Job, list[int]]:
    """Read and check everything, before anything is computed; numbers of images."""
    import jax

    from ...base.arrays import squareform
    from ...heatmaps import SIZES, STRIDE, check_names, check_sizes
    from ...io import Labelled, align, how_matched
    from ...results import Pruning

    result = Pruning.load(args.pruned)
    settings = result.settings
    check_names(settings.metric, settings.compare)
    which, target, units = _target(result, args.target_index)
    _complete(args)
    if ":" in args.network:
        raise ValueError(
            f"network: {args.network} is a network of PyTorch; heat maps are made of "
            "those that `jaxprune networks` lists"
        )
    request = prepare(args, args.network)
    if len(request.layers) != 1:
        raise ValueError(
            f"layers: {', '.join(request.layers)} given; expected the one that "
            f"{args.pruned} is of"
        )
    labels, source = request.conditions.labels, request.images.source
    squares = squareform(np.stack([target, result.full_rdm]))
    blank, pruned = align(
        Labelled(np.empty((len(labels), 0)), labels, source),
        Labelled(squares, result.conditions, str(args.pruned)),
    )
    job = Job(
        request=request,
        result=result,
        matching=how_matched(blank, pruned),
        target=pruned.values[0],
        full=pruned.values[1],
        subsets={RETAINED: units, ALL: None},
        which=which,
        relu=args.relu,
        options={
            "sizes": args.sizes or SIZES,
            "stride": STRIDE if args.stride is None else args.stride,
            "metric": settings.metric,
            "compare": settings.compare,
            "objective": settings.objective,
            "undefined": settings.undefined,
            "batch_size": args.batch_size,
        },
    )
    numbers = _chosen(request, args.image)
    shape = job.pixels(numbers[0]).shape
    check_sizes(shape, job.options["sizes"], job.options["stride"])
    image = jax.ShapeDtypeStruct((1, *shape), np.float32)
    _, n_units = jax.eval_shape(job.respond, image).shape
    if n_units != result.n_units:
        raise ValueError(
            f"layers: {job.layer} of {args.network} has {n_units:,} units for images "
            f"of {shape[1]} x {shape[0]}, and {args.pruned} is of {result.n_units:,}; "
            "give the layer and preprocessing that it was made with"
        )
    return job, numbers


def _complete(args: argparse.Namespace) -> None:
    """Take the network and the layer from the summary of PRUNED, unless given."""
    summary = expanded(args.pruned) / "summary.json"
    inputs = json.loads(summary.read_text("utf-8")).get("inputs", {})
    for option, key in (("network", "network"), ("layers", "layer")):
        if getattr(args, option) is None:
            setattr(args, option, inputs.get(key))
    if args.network is None:
        raise ValueError(
            f"network: none given, and {args.pruned} was pruned from a file of "
            "features; expected --network NAME and --layers NAME that made them"
        )


def _target(result: Pruning, index: int | None) -> tuple[str, np.ndarray, np.ndarray]:
    """Choose a target: in words, its dissimilarities, and the units it retains."""
    stack = np.atleast_2d(result.target_rdm)
    k = len(stack)
    if index is not None and not 0 <= index < k:
        raise ValueError(
            f"--target-index {index}: there are {k} targets; expected 0 to {k - 1}"
        )
    if isinstance(result.retained, list):
        index = index or 0
        return f"target {index} of {k}", stack[index], result.retained[index]
    if index is not None or k == 1:
        said = "the only one" if k == 1 else f"target {index} of {k}"
        return said, stack[index or 0], result.retained
    present = ~np.isnan(stack)
    count = present.sum(0)
    mean = np.where(present, stack, 0).sum(0) / np.maximum(count, 1)
    return f"mean of {k} targets", np.where(count, mean, np.nan), result.retained


def _chosen(request: Request, given: str) -> list[int]:
    """Numbers of the images that names, or conditions, stand for."""
    from ...io.labelled import composed, some

    images, known = request.images, request.conditions
    if given == "all":
        return list(range(len(images)))
    labels = [composed(known.labels[c]) for c in known.index]
    names = [composed(name) for name in images.names]
    found: list[int] = []
    for word in (composed(part.strip()) for part in given.split(",")):
        same = [i for i, name in enumerate(names) if name == word]
        same = same or [i for i, label in enumerate(labels) if label == word]
        if not same:
            raise ValueError(
                f"image: {word!r} is neither an image nor a condition of "
                f"{images.source}; expected all, or some of {some(images.names)}"
            )
        found += same
    return list(dict.fromkeys(found))


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
