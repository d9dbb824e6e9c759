"""What the commands share: the parser, and options that several of them take."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

Command = Callable[[argparse.Namespace], int]

ARRAYS = ".npy .npz .mat .h5 .zarr"
FILES = ".npy .npz .mat .h5 .hdf5 .csv .tsv .zarr"
VECTORS = ".txt .vec of word vectors"
JUDGEMENTS = ".csv .tsv .json .jsonl of judged pairs"


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


def progress(args: argparse.Namespace) -> bool:
    """Whether to show progress bars."""
    return sys.stderr.isatty() and not (args.quiet or args.no_progress)
