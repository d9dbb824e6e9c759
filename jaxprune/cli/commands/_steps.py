"""Preprocessing on the command line: from options, and in words."""

from __future__ import annotations

import argparse
import warnings
from dataclasses import replace
from typing import Any

from ..network_options import STEPS


def steps_of(args: argparse.Namespace, spec: Any) -> Any:
    """Return the network's preprocessing, changed as the options say.

    Raises
    ------
    ValueError
        If one of them says again what ``--normalise`` says.

    Warns
    -----
    UserWarning
        If the centre is larger than the image: torchvision pads it with zeros.
    """
    from jaxprune_ports import CAFFE
    from jaxprune_ports.images.steps import AS_THEY_ARE, IMAGENET

    given = {name: getattr(args, name, None) for name in STEPS}
    changes = {
        name: None if value == "none" else value
        for name, value in given.items()
        if value is not None
    }
    if args.normalise:
        for name in ("scale", "mean", "std", "caffe"):
            if getattr(args, name) not in (None, False):
                raise ValueError(
                    f"--{name} was given with --normalise {args.normalise}, which "
                    "says all of scale, mean and std; leave one of them out"
                )
        changes |= AS_THEY_ARE if args.normalise == "none" else IMAGENET
    steps = replace(CAFFE if args.caffe else spec.preprocessing, **changes)
    if steps.size and steps.crop and steps.crop > steps.size:
        warnings.warn(
            f"--size {steps.size} with a centre of {steps.crop} pixels adds black "
            f"borders to every image; --crop {steps.size} or --crop none does not",
            stacklevel=2,
        )
    return steps


def described(steps: Any) -> str:
    """Put a preprocessing in words.

    >>> from jaxprune_ports import CAFFE, Preprocessing
    >>> described(Preprocessing())
    'shorter side 256, centre 224 x 224, 0..1, mean and std of ImageNet'
    >>> described(CAFFE)
    'resized to 224 x 224, 0..255, less 123.68 116.779 103.939'
    """
    parts = [_range(steps.scale), *_normalised(steps)]
    if steps.crop is not None:
        parts.insert(0, f"centre {steps.crop} x {steps.crop}")
    if steps.size is not None:
        whole = f"resized to {steps.size} x {steps.size}"
        said = whole if steps.crop is None else f"shorter side {steps.size}"
        how = "" if steps.interpolation == "bilinear" else f" ({steps.interpolation})"
        parts.insert(0, said + how)
    return ", ".join(parts)


def _range(scale: float) -> str:
    top = 255 * scale
    return f"0..{top:.0f}" if abs(top - round(top)) < 1e-9 else f"0..{top:g}"


def _normalised(steps: Any) -> list[str]:
    from jaxprune_ports.images.steps import IMAGENET_MEAN, IMAGENET_STD

    if (steps.mean, steps.std) == (IMAGENET_MEAN, IMAGENET_STD):
        return ["mean and std of ImageNet"]
    parts = []
    if any(steps.mean):
        parts.append("less " + " ".join(f"{value:g}" for value in steps.mean))
    if set(steps.std) != {1.0}:
        parts.append("divided by " + " ".join(f"{value:g}" for value in steps.std))
    return parts or ["not normalised"]
