"""Options about networks, what they are shown, and how images are prepared."""

from __future__ import annotations

import argparse
from typing import Any

# Fields of a Preprocessing that are options of the command line.
STEPS = ("size", "crop", "scale", "mean", "std", "interpolation")
# What is done with images, and what `add_torch` adds.
PREPROCESSING = ("caffe", "normalise", *STEPS)
TORCH = ("texts", "token", "torch_device", "torch_dtype")
# What `add_network` adds.
NETWORK = (
    "weights",
    "partial",
    "untrained",
    "seed",
    "images",
    "images_key",
    "layers",
    "conditions",
    "relu",
    "on_error",
    *PREPROCESSING,
)
# Of these, what thumbnails on a page need.
IMAGES = ("images", "images_key", "conditions")
WEIGHTS_FILES = ".pth, .pt or .safetensors"


def add_images(group: Any, of: str = "") -> None:
    """Add images and their conditions; `of` begins the help of each."""
    group.add_argument(
        "--images",
        metavar="PATH",
        help=f"{of}folder of images (folders in it are conditions), or .npz .npy .h5 "
        "of uint8 (n, height, width[, 3])",
    )
    group.add_argument(
        "--images-key", metavar="KEY", help="array of images, if the file holds several"
    )
    group.add_argument(
        "--conditions",
        metavar="WHAT",
        help=f"{of}CSV with columns image and condition; .npy of one value an image; "
        "or `image`: every image is one (default: labels in the file, or folder names)",
    )


def add_network(group: Any) -> None:
    """Add the options that choose weights, images and layers."""
    group.add_argument(
        "--weights",
        metavar="PATH",
        help=f"folder that `jaxprune convert` wrote, or a file: {WEIGHTS_FILES}",
    )
    group.add_argument(
        "--partial",
        action="store_true",
        help="allow a file that holds a part of the network only",
    )
    group.add_argument(
        "--untrained", action="store_true", help="random weights in place of --weights"
    )
    group.add_argument(
        "--seed", type=int, metavar="N", help="of the random weights (default 0)"
    )
    add_images(group)
    group.add_argument(
        "--layers",
        metavar="NAMES",
        help="V4,IT for example, a pattern ('blocks.*'), or all; `jaxprune networks "
        "NAME` lists them",
    )
    group.add_argument(
        "--relu",
        action="store_true",
        help="apply the ReLU that follows a layer, as the research code's in-place "
        "ReLU does",
    )
    group.add_argument(
        "--on-error",
        choices=["stop", "skip"],
        metavar="WHAT",
        help="an image that cannot be read: stop, or skip and report it (default stop)",
    )


def add_torch(add: Any) -> None:
    """Add the options of networks of PyTorch."""
    group = add.add_argument_group("networks of PyTorch")
    group.add_argument(
        "--texts",
        metavar="FILE",
        help="of a language model, in place of --images: a text a line, each a "
        "condition",
    )
    group.add_argument(
        "--token",
        choices=["cls", "mean", "last", "all"],
        metavar="WHICH",
        help="of the tokens of a text or image: cls (the first), mean, last, or all",
    )
    group.add_argument(
        "--torch-device",
        metavar="NAME",
        help="where PyTorch computes: cpu, cuda, cuda:1, ... (default: cuda where "
        "there is one)",
    )
    group.add_argument(
        "--torch-dtype",
        choices=["float32", "float16", "bfloat16"],
        metavar="TYPE",
        help="precision of the network: float32, float16, bfloat16 (default: that of "
        "the weights)",
    )


def add_known_network(add: Any, folder: str) -> None:
    """Add the network that made a result, its images and preprocessing."""
    group = add.add_argument_group("network and images")
    group.add_argument(
        "--network",
        metavar="NAME",
        help=f"default, as for --layers: the one that {folder} names",
    )
    add_network(group)
    add_steps(add)


def add_steps(add: Any) -> None:
    """Add the options of preprocessing."""
    group = add.add_argument_group("preprocessing (default: the network's own)")
    group.add_argument(
        "--size", type=pixels, metavar="N", help="shorter side, or none to leave it"
    )
    group.add_argument(
        "--crop",
        type=pixels,
        metavar="N",
        help="side of the square cut from the centre, or none: resize to SIZE x SIZE",
    )
    group.add_argument(
        "--scale",
        type=factor,
        metavar="X",
        help="factor of the 8-bit values, 1/255 or 1 for example",
    )
    group.add_argument(
        "--normalise",
        choices=["none", "imagenet"],
        metavar="HOW",
        help="mean and deviation in one word: none (pixels stay 0..1), or imagenet",
    )
    group.add_argument(
        "--interpolation",
        choices=["bilinear", "bicubic", "lanczos", "box", "hamming", "nearest"],
        metavar="HOW",
        help="of resizing: bilinear, bicubic, lanczos, box, hamming, nearest",
    )
    for name in ("mean", "std"):
        group.add_argument(
            f"--{name}",
            type=float,
            nargs=3,
            metavar=("R", "G", "B"),
            help="subtracted after scaling" if name == "mean" else "divided by",
        )
    group.add_argument(
        "--caffe",
        action="store_true",
        help="as VGG was published: 224 x 224, 0..255 less the mean colour",
    )


def pixels(text: str) -> int | str:
    """Read a number of pixels; `none` stays a word, because None means not given.

    >>> pixels("64"), pixels("none")
    (64, 'none')
    """
    if text == "none":
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of pixels; expected a whole number, or none"
        ) from None


def factor(text: str) -> float:
    """Read a number, or a fraction.

    >>> factor("1/255") == 1 / 255, factor("1")
    (True, 1.0)
    """
    from fractions import Fraction

    try:
        return float(Fraction(text))
    except (ValueError, ZeroDivisionError):
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number; expected 0.5 or 1/255, for example"
        ) from None


def seed_of(args: argparse.Namespace) -> int | None:
    """Seed of random weights; None if there are weights, of which there must be one."""
    if (args.weights is None) != args.untrained:
        found = "neither" if args.weights is None else "both"
        raise ValueError(
            f"weights: {found} of --weights and --untrained given; expected --weights "
            "PATH, or --untrained for random ones"
        )
    if args.untrained:
        return args.seed or 0
    if args.seed is not None:
        raise ValueError(
            "--seed was given with --weights; it is of random weights: leave it out, "
            "or give --untrained"
        )
    return None
