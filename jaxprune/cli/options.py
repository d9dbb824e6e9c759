"""What the commands share: the parser, and options that several of them take."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

Command = Callable[[argparse.Namespace], int]

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
ARRAYS = ".npy .npz .mat .h5 .zarr"
FILES = ".npy .npz .mat .h5 .hdf5 .csv .tsv .zarr"
VECTORS = ".txt .vec of word vectors"
JUDGEMENTS = ".csv .tsv .json .jsonl of judged pairs"
WEIGHTS_FILES = ".pth, .pt or .safetensors"


class Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage before it."""

    # Adds what stands on heavy imports, once this parser is the one that is asked.
    later: Callable[[Parser], None] | None = None

    def parse_known_args(  # type: ignore[override]
        self, args: Any = None, namespace: Any = None
    ) -> Any:
        """Add what was left for later, and parse."""
        if self.later is not None:
            add, self.later = self.later, None
            add(self)
        return super().parse_known_args(args, namespace)

    def error(self, message: str) -> NoReturn:
        """End the program with status 2."""
        self.exit(2, f"jaxprune: error: {message} (see {self.prog} --help)\n")


def command(
    commands: Any, name: str, run: Command, text: str, about: str, end: str
) -> Any:
    """Add a command: `text` in the list of commands, `about` and `end` in its help."""
    add = commands.add_parser(
        name,
        help=text,
        description=about,
        epilog=end,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add.set_defaults(run=run)
    return add


def add_out(add: Any, what: str = "folder for results") -> None:
    """Add the folder or file that is written."""
    metavar = "FILE" if what.startswith("file") else "DIR"
    add.add_argument("--out", metavar=metavar, required=True, help=what)


def add_keys(add: Any, name: str, key: str = "") -> None:
    """Add which arrays of a file are meant."""
    what = name.upper()
    add.add_argument(
        f"--{name}-key",
        metavar="KEY",
        help=key or f"array in {what}, if it holds several",
    )
    add.add_argument(
        f"--{name}-labels",
        metavar="KEY",
        help=f"array in {what} (column of a table) with the labels of the conditions, "
        "or none (default: one called labels or conditions)",
    )


def add_conditions(add: Any) -> None:
    """Add which conditions are compared, where both sides have labels."""
    group = add.add_argument_group("conditions, where both sides have labels")
    group.add_argument(
        "--words",
        metavar="FILE",
        help="text with one label a line: take only these conditions of FEATURES",
    )
    group.add_argument(
        "--ignore-case", action="store_true", help="labels match whatever their case"
    )
    text = "conditions of TARGET (or --words) that FEATURES lacks"
    add_choice(group, "--missing", ["error", "drop"], text)


def add_engine(add: Any, *, pool: bool = True) -> None:
    """Add the options of `jaxprune.prune`, with its defaults; `pool` if it applies."""
    group = add.add_argument_group("what is computed")
    add_path(group)
    add_choice(group, "--objective", ["r", "r2"], "the score r, or its square")
    text = "similarity of a constant condition"
    add_choice(group, "--undefined", ["nan", "zero"], text)
    text = "what TARGET holds"
    add_choice(group, "--target-kind", ["dissimilarity", "similarity"], text)
    if pool:
        text = "several targets: one by one, or mean score"
        add_choice(group, "--pool", ["each", "mean"], text)
    group.add_argument(
        "--noise",
        metavar="FILE",
        help="precision of the noise of the units, (units,) or (units, units): for "
        f"mahalanobis, and crossnobis if wanted; {FILES}",
    )
    group.add_argument(
        "--noise-key", metavar="KEY", help="array in FILE, if it holds several"
    )
    group.add_argument(
        "--batch-size",
        type=int,
        metavar="N",
        help="units computed together (default: what fits the memory)",
    )


def add_controls(add: Any) -> None:
    """Add RDMs whose share is taken out."""
    group = add.add_argument_group("controls")
    group.add_argument(
        "--control",
        dest="controls",
        metavar="FILE",
        action="append",
        help="RDM of what else the conditions differ in, whose share is taken out of "
        "target and features (partial correlation; can be given several times): FILE, "
        f"or FILE:KEY of an array in it; {FILES}",
    )
    group.add_argument(
        "--semi", action="store_true", help="take it out of the target only"
    )


def add_path(group: Any) -> None:
    """Add the options that decide how importance is computed."""
    from ..comparisons import ALIASES, COMPARISONS
    from ..engine.select import PATHS
    from ..metrics import METRICS

    compares, precisions = [*COMPARISONS, *ALIASES], ["auto", "float64", "float32"]
    add_choice(group, "--metric", list(METRICS), "distance between conditions")
    add_choice(group, "--compare", compares, "how RDMs are compared")
    add_choice(group, "--method", ["auto", *PATHS], "how importance is computed")
    add_choice(group, "--precision", precisions, "auto is float64 where fast")


def add_choice(group: Any, name: str, choices: list[str], text: str) -> None:
    """Add an option with a few values, the first of which is the default."""
    group.add_argument(
        name,
        choices=choices,
        default=choices[0],
        metavar=name[2:].upper().replace("-", "_"),
        help=f"{text}: {', '.join(choices)} (default {choices[0]})",
    )


def add_sizes(group: Any, default: str) -> None:
    """Add which numbers of units are scored."""
    group.add_argument(
        "--sizes",
        type=sizes,
        metavar="N",
        help="numbers of units that are scored: so many, on a grid of equal steps of "
        f"the logarithm, or all (default {default})",
    )


def sizes(text: str) -> int | str:
    """Read how many sizes, or all.

    >>> sizes("512"), sizes("all")
    (512, 'all')
    """
    if text == "all":
        return text
    try:
        return int(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no number of sizes; expected a whole number, or all"
        ) from None


def add_groups(group: Any) -> None:
    """Add which units are ranked and retained together."""
    group.add_argument(
        "--groups",
        metavar="WHAT",
        help="rank and retain units together: those of a channel or of a position of "
        "an extracted layer, or those with the same label in a file: .txt (a label on "
        f"each line), .csv (a column called group), {ARRAYS}",
    )
    group.add_argument(
        "--groups-key", metavar="KEY", help="array in that file, if it holds several"
    )


def add_devices(add: Any) -> Any:
    """Add where it is computed; returns the group."""
    group = add.add_argument_group("where it is computed")
    group.add_argument(
        "--devices",
        choices=["one", "all"],
        default="one",
        metavar="WHICH",
        help="one, or all: units are shared among the devices (default one)",
    )
    group.add_argument(
        "--memory",
        metavar="SIZE",
        help="memory to use on each device: 4GiB, 500MB, or a fraction such as 0.5; "
        "features that do not fit are loaded piece by piece (default: 2GiB of a CPU, "
        "0.75 of a GPU)",
    )
    return group


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
    group.add_argument(
        "--images",
        metavar="PATH",
        help="folder of images (folders in it are conditions), or .npz .npy .h5 of "
        "uint8 (n, height, width[, 3])",
    )
    group.add_argument(
        "--images-key", metavar="KEY", help="array of images, if the file holds several"
    )
    group.add_argument(
        "--layers",
        metavar="NAMES",
        help="V4,IT for example, a pattern ('blocks.*'), or all; `jaxprune networks "
        "NAME` lists them",
    )
    group.add_argument(
        "--conditions",
        metavar="WHAT",
        help="CSV with columns image and condition; .npy of one value an image; or "
        "`image`: every image is one (default: labels in the file, or folder names)",
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


def add_quiet(add: Any) -> None:
    """Add what decides on how much is shown."""
    add.add_argument(
        "--no-progress",
        action="store_true",
        help="no progress bars (none are shown unless stderr is a terminal)",
    )
    add.add_argument(
        "--quiet", "-q", action="store_true", help="errors and warnings only"
    )


def devices_given(args: argparse.Namespace) -> dict[str, Any]:
    """Return what `add_devices` added as the Python functions take it."""
    return {
        "devices": None if args.devices == "one" else args.devices,
        "memory": args.memory,
    }


def given(args: argparse.Namespace, names: Sequence[str]) -> list[str]:
    """Which of some options the user gave, as they are spelled."""
    return [
        f"--{name.replace('_', '-')}"
        for name in names
        if getattr(args, name, None) not in (None, False)
    ]


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


def progress(args: argparse.Namespace) -> bool:
    """Whether to show progress bars."""
    return sys.stderr.isatty() and not (args.quiet or args.no_progress)
