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
from . import _by_maps, _by_occlusion
from ._extracting import prepare
from ._request import Request

if TYPE_CHECKING:
    from ...heatmaps import HeatMap, WeightedMaps
    from ...results import Pruning

    Maps = Mapping[str, HeatMap] | Mapping[str, WeightedMaps]

WAYS = {"occlusion": _by_occlusion, "maps": _by_maps}


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
    by : str
        How, one of `WAYS`.
    units : ndarray
        Those retained.
    read_at : str or None
        Layer that the RDM is read from, if that is another one.
    which : str
        The target, in words.
    relu : bool
    options : dict
        Of the function that maps an image.
    """

    request: Request
    result: Pruning
    matching: str
    target: np.ndarray
    full: np.ndarray
    by: str
    units: np.ndarray
    read_at: str | None
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

    @property
    def way(self) -> Any:
        """What is particular to this way of mapping images."""
        return WAYS[self.by]

    @cached_property
    def subsets(self) -> dict[str, np.ndarray | None]:
        """What the maps are made of, by name."""
        return self.way.subsets(self, self.units)

    @cached_property
    def shape(self) -> tuple[int, ...]:
        """Shape of the layer for images as they are shown."""
        net, size = self.request.net, self.pixels(0).shape[:2]
        layer = net.aliases.get(self.layer, self.layer)
        return net.shapes(*size)[layer]

    @cached_property
    def readout(self) -> Any:
        """Function from the layer to what the RDM is read from, or None."""
        import jaxprune_ports as jpp

        if self.read_at is None:
            return None
        net, layer = self.request.net, self.layer
        return jpp.from_layer(net, layer, self.read_at, shape=self.shape)

    def read(self, features: np.ndarray) -> np.ndarray:
        """What the RDM is read from."""
        if self.readout is None:
            return features
        return np.asarray(self.readout(np.asarray(features, np.float32)))

    @cached_property
    def settings(self) -> dict[str, Any]:
        """Everything that a map depends on, for the parts."""
        from jaxprune_ports.weights.fingerprint import weights_hash

        images, known = self.request.images, self.request.conditions
        stamps = [images.stamp(i) for i in range(len(images))]
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
            "units": _hash(np.asarray(self.units).tobytes()),
            "by": self.by,
            "readout": self.read_at,
        }

    def described(self, number: int) -> tuple[str, str]:
        """Name of an image, and of its condition."""
        known = self.request.conditions
        return self.request.images.names[number], known.labels[known.index[number]]


def job_of(args: argparse.Namespace) -> tuple[Job, list[int]]:
    """Read and check everything, before anything is computed; numbers of images."""
    import jax

    from ...base.arrays import squareform
    from ...heatmaps import check_names
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
        by=args.by,
        units=units,
        read_at=args.readout,
        which=which,
        relu=args.relu,
        options={
            "metric": settings.metric,
            "compare": settings.compare,
            "objective": settings.objective,
            "undefined": settings.undefined,
            "batch_size": args.batch_size,
        },
    )
    numbers = _chosen(request, args.image)
    shape = job.pixels(numbers[0]).shape
    job.options.update(job.way.options_of(args, shape))
    image = jax.ShapeDtypeStruct((1, *shape), np.float32)
    _, n_units = jax.eval_shape(job.respond, image).shape
    if n_units != result.n_units:
        raise ValueError(
            f"layers: {job.layer} of {args.network} has {n_units:,} units for images "
            f"of {shape[1]} x {shape[0]}, and {args.pruned} is of {result.n_units:,}; "
            "give the layer and preprocessing that it was made with"
        )
    # Before anything is computed: both may be refused.
    _ = job.subsets, job.readout
    return job, numbers


def _complete(args: argparse.Namespace) -> None:
    """Take the network and the layer from the summary of PRUNED, unless given."""
    summary = expanded(args.pruned) / "summary.json"
    inputs = json.loads(summary.read_text("utf-8")).get("inputs", {})
    known = {"network": "network", "layers": "layer", "readout": "readout"}
    for option, key in known.items():
        if getattr(args, option) is None:
            setattr(args, option, inputs.get(key))
    if args.readout is not None and args.by != "maps":
        raise ValueError(
            f"readout: the RDM is read at {args.readout}, and squares are scored by "
            "units of the layer itself; expected --by maps with it"
        )
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
