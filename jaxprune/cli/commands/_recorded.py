"""What a result was made from, as its summary says: used again if it is there."""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Callable, Iterator
from contextlib import chdir, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...base.paths import expanded
from .. import messages, network_options
from ._pages import identity

if TYPE_CHECKING:
    from ...results import Pruning

# Responses in float32 agree to four digits between programs; the RDMs of two layers
# that are the same but for that correlate more than this.
SAME = 0.999
PATHS = ("weights", "images", "conditions")


@dataclass
class Recorded:
    """A folder that `prune` wrote, the options it was called with, and what is absent.

    Attributes
    ----------
    summary : dict
    args : Namespace or None
        Of `jaxprune prune`; None where they cannot be read.
    absent : dict of str to str
        Why something could not be had, by its name.
    """

    summary: dict[str, Any]
    args: argparse.Namespace | None
    absent: dict[str, str] = field(default_factory=dict)

    @property
    def inputs(self) -> dict[str, Any]:
        """What the summary says of where the data came from."""
        return self.summary.get("inputs", {})

    @staticmethod
    def of(folder: str | Path) -> Recorded:
        """Read ``summary.json``, and the options in it."""
        text = (expanded(folder) / "summary.json").read_text("utf-8")
        summary = json.loads(text)
        line = summary.get("inputs", {}).get("command") or []
        try:
            from ..main import make_parser

            args = make_parser().parse_args(line[1:])
        except SystemExit:
            return Recorded(summary, None)
        if args.command != "prune":
            return Recorded(summary, None)
        args.target = args.target or args.target_option
        return Recorded(summary, args)

    @contextmanager
    def at_home(self) -> Iterator[None]:
        """Where relative names start: the folder that the command was given in."""
        home = self.inputs.get("directory")
        with chdir(home if home and Path(home).is_dir() else "."):
            yield

    def tried(self, name: str, get: Callable[[], Any]) -> Any:
        """What `get` returns; None, and why, if it is gone or has changed."""
        try:
            with self.at_home():
                return get()
        except (OSError, ValueError, ImportError) as error:
            self.absent[name] = messages.one_line(error)
            return None


def noise_recorded(recorded: Recorded) -> np.ndarray | None:
    """Precision of the noise of the units, if the result is of some."""
    from ._inputs import noise_of

    found = None if recorded.args is None else noise_of(recorded.args)
    return None if found is None else found.values


def features_of_file(recorded: Recorded, result: Pruning) -> tuple[Any, Any]:
    """Features of the file that was pruned, in the order of the result, and noise."""
    from ...io import among, load_triplets
    from ._inputs import features_of, load_features_and_target, sharing

    args = recorded.args
    if args is None or args.features is None:
        raise ValueError("its summary.json names no file of features")
    noise = noise_recorded(recorded)
    triplets = load_triplets(args.target, ignore_case=args.ignore_case)
    if triplets is None:
        features = load_features_and_target(args)[0]
    else:
        features = features_of(args)
        among(features, triplets, **sharing(args))
    known = recorded.inputs.get("features_sha256")
    if known is None:  # several processes had a part each
        check_same(result, features.values, noise, features.source)
    elif known != identity(features.values):
        raise ValueError(f"{features.source} has changed since it was pruned")
    return features.values, noise


def controls_recorded(recorded: Recorded, result: Pruning) -> np.ndarray:
    """Control RDMs in the order of the result."""
    from ...io import Labelled
    from ._inputs import controls_of, in_order_of

    controls = None if recorded.args is None else controls_of(recorded.args)
    if controls is None:
        raise ValueError("its summary.json names no control RDMs")
    blank = np.empty((result.n_conditions, 0))
    known = Labelled(blank, result.conditions, "the result")
    return in_order_of(known, controls)


def features_given(args: argparse.Namespace, result: Pruning) -> Any:
    """Features of another file, in the order of the result."""
    from ...io import Labelled, load_features
    from ...io.aligning import align
    from ...metrics import METRICS

    metric = METRICS.get(result.settings.metric)
    found = load_features(
        args.features,
        args.features_key,
        labels=args.features_labels,
        folded=metric is not None and metric.folded,
    )
    n, rows = result.n_conditions, found.values.shape[-2]
    blank = Labelled(np.arange(n * (n - 1) // 2), result.conditions, str(args.pruned))
    if found.labels is None or blank.labels is None or rows != n:
        align(found, blank)  # an error, if there are not as many
        return found.values
    align(found, blank)
    places = {label: k for k, label in enumerate(found.labels)}
    return found.values[..., [places[label] for label in blank.labels], :]


def with_options(args: argparse.Namespace, recorded: Recorded) -> argparse.Namespace:
    """Options of the network and its images: those given, else those recorded."""
    merged = copy.copy(args)
    home = recorded.inputs.get("directory") or "."
    for name in ("network", *network_options.NETWORK):
        before = getattr(recorded.args, name, None)
        if getattr(merged, name) in (None, False) and before is not None:
            # Relative names are of the folder that the command was given in.
            place = Path(home, before) if name in PATHS else None
            setattr(merged, name, str(place) if place and place.exists() else before)
    if args.layers is None and "layer" in recorded.inputs:
        merged.layers = recorded.inputs["layer"]
    return merged


def check_same(result: Pruning, features: Any, noise: Any, source: str) -> None:
    """Make sure that features are those of a result, by their RDM."""
    from ...explain import prefix_rdms

    shape = np.shape(features)
    if shape[-2:] != (result.n_conditions, result.n_units):
        raise ValueError(
            f"{source} has features of shape {shape}; expected those that were pruned, "
            f"({result.n_conditions}, {result.n_units})"
        )
    own = prefix_rdms(result, features, np.array([result.n_ranked]), noise=noise)[0]
    both = np.isfinite(own) & np.isfinite(result.full_rdm)
    r = float(np.corrcoef(own[both], result.full_rdm[both])[0, 1])
    if not r > SAME:
        raise ValueError(
            f"the RDM of {source} correlates only r = {r:.4f} with that of the layer "
            "that was pruned; expected the same features"
        )
