"""Features, target and noise as the options of the command line name them."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING, Any

from .. import messages

if TYPE_CHECKING:
    import numpy as np

    from ...io import Labelled


def load_features_and_target(
    args: argparse.Namespace, *, lazy: bool = False
) -> tuple[Labelled, Labelled, str]:
    """Load both, in the same order, and say how their conditions were matched.

    Features that are `lazy` are read later, a few units at a time, if the file allows.
    """
    from ...io import align, how_matched, shared

    features, target = features_of(args, lazy=lazy), target_of(args)
    features, target = align(*shared(features, target, **sharing(args)))
    return features, target, how_matched(features, target)


def features_of(args: argparse.Namespace, *, lazy: bool = False) -> Labelled:
    """Load the features, or some of their conditions."""
    from ...io import load_features, read_lines
    from ...metrics import METRICS

    return load_features(
        args.features,
        args.features_key,
        labels=args.features_labels,
        folded=METRICS[args.metric].folded,
        lazy=lazy,
        words=None if args.words is None else read_lines(args.words, "words"),
        **sharing(args),
    )


def target_of(args: argparse.Namespace) -> Labelled:
    """Load the target."""
    from ...io import load_target

    return load_target(
        args.target,
        args.target_key,
        labels=args.target_labels,
        ignore_case=args.ignore_case,
    )


def sharing(args: argparse.Namespace) -> dict[str, Any]:
    """Options of :func:`jaxprune.io.shared`."""
    return {"missing": args.missing, "ignore_case": args.ignore_case}


def noise_of(args: argparse.Namespace) -> Labelled | None:
    """Load the noise, if the metric takes any: before features are computed."""
    from ...base.checks import noise_wanted
    from ...io import load_noise
    from ...metrics import METRICS

    noise_wanted(args.metric, METRICS[args.metric].noise, args.noise is not None)
    if args.noise is not None:
        return load_noise(args.noise, args.noise_key)
    if args.noise_key is not None:
        raise ValueError("--noise-key was given without --noise; leave it out")
    return None


def prune_options(args: argparse.Namespace, noise: Labelled | None) -> dict[str, Any]:
    """Options of :func:`jaxprune.prune`, but for what is said of several targets."""
    names = [name for name in messages.OPTIONS if name not in ("pool", "target_kind")]
    chosen = {name: getattr(args, name) for name in [*names, "sizes"]}
    return chosen if noise is None else {**chosen, "noise": noise.values}


def controls_of(args: argparse.Namespace) -> list[Labelled] | None:
    """Load the controls: before features are computed."""
    from ...io import load_target

    if args.controls is None:
        if args.semi:
            raise ValueError(
                "--semi was given without --control, whose share it is about; leave it "
                "out"
            )
        return None
    found = []
    for given in args.controls:
        # A file may have a colon in its name, or follow the letter of a drive.
        path, _, key = given.rpartition(":")
        whole = not path or os.path.exists(given) or not os.path.exists(path)
        file, key = (given, None) if whole else (path, key)
        found.append(load_target(file, key, ignore_case=args.ignore_case))
    return found


def in_order_of(features: Labelled, controls: list[Labelled]) -> np.ndarray:
    """Controls ``(K, P)`` in the order of the features."""
    import numpy as np

    from ...engine.targets import as_targets
    from ...io import align

    ordered = [align(features, control)[1].values for control in controls]
    n = features.values.shape[-2]
    return np.concatenate([as_targets(one, n, "dissimilarity")[0] for one in ordered])


def groups_of_units(args: argparse.Namespace) -> Labelled | None:
    """Load the labels of the units, if the file of some is given."""
    from ...io import load_groups
    from ...io.grouping import GROUPINGS

    if args.groups is not None and args.groups not in GROUPINGS:
        return load_groups(args.groups, args.groups_key)
    if args.groups_key is not None:
        raise ValueError("--groups-key was given, and no file of groups; leave it out")
    return None


def groups_for(features: Labelled, args: argparse.Namespace) -> np.ndarray | None:
    """Labels of the units, from that file or from the shape of the layer."""
    from ...io import groups_of

    if args.labels_of_groups is not None:
        return args.labels_of_groups.values
    if args.groups is None:
        return None
    if features.shape is None:
        raise ValueError(
            f"--groups {args.groups}: the shape of the layer is not known from "
            f"{features.source}; expected features that `jaxprune extract` wrote. Or "
            "give a file with a label for each unit: in Python, jaxprune.groups_of("
            f"(channels, height, width), by={args.groups!r}) makes one."
        )
    return groups_of(features.shape, by=args.groups)
