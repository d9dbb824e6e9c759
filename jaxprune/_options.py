"""Commands and options of the command line, and their help."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from typing import Any, NoReturn

Command = Callable[[argparse.Namespace], int]

PRUNE = """\
Keep the units whose representational dissimilarity matrix (RDM) fits TARGET
best. Units are ranked by leave-one-out importance and put back, most important
first; the number of them that scores best is retained.

Conditions are matched by label where both files have labels, and assumed to be
in the same order otherwise; the summary says which."""

PRUNE_END = """\
files in DIR:
  units.csv       importance, rank (1 = most important), retained (0 or 1)
  curve.csv       score of the 1, 2, ... most important units
  conditions.csv  conditions in the order used
  result.npz      every array; jaxprune.Pruning.load(DIR) reads it
  summary.json    scores, settings, versions, inputs
  figure.png      curve, importances and RDMs
An earlier result in DIR is replaced; any other file there is left alone. A file
of one of these names that jaxprune did not write is an error, before anything
is computed.

example:
  jaxprune prune vgg16_pool5.npz human_it.npy --out pruned --compare spearman"""

DEMO = """\
Show dot arrays (6 to 29 dots) to an untrained CORnet-Z, and prune the units of
its four areas against an RDM of log number: from stimuli to figure in under a
minute on two cores. Nothing is downloaded."""

DEMO_END = """\
DIR gets figure.png, areas.csv and summary.json, and a folder for each area with
the files of `jaxprune prune`. An earlier demo in DIR is replaced.

example:
  jaxprune demo --out number --instances 20"""

INFO = """\
Show versions, devices, threads, memory, and the precision that `--precision
auto` stands for here.

example:
  jaxprune info"""

FILES = ".npy .npz .mat .h5 .hdf5 .csv"


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, without the usage before it."""

    def error(self, message: str) -> NoReturn:
        self.exit(2, f"jaxprune: error: {message} (see {self.prog} --help)\n")


def parser(prune: Command, demo: Command, info: Command) -> argparse.ArgumentParser:
    """Build the parser; ``args.run`` is the function of the command given."""
    from . import __version__

    top = _Parser(
        prog="jaxprune",
        description="Which units of a network carry a representation.",
        epilog="`jaxprune COMMAND --help` shows the options of a command.",
    )
    top.add_argument("--version", action="version", version=f"jaxprune {__version__}")
    commands = top.add_subparsers(dest="command", metavar="COMMAND", title="commands")
    _add_prune(commands, prune)
    _add_demo(commands, demo)
    _command(commands, "info", info, "versions, devices, precision, memory", INFO)
    return top


def _add_prune(commands: Any, run: Command) -> None:
    from .comparisons import ALIASES, COMPARISONS
    from .kernels.select import PATHS
    from .metrics import METRICS

    add = _command(commands, "prune", run, "prune features against an RDM", PRUNE)
    add.epilog = PRUNE_END
    add.add_argument(
        "features", metavar="FEATURES", help=f"conditions x units; {FILES}"
    )
    add.add_argument(
        "target",
        metavar="TARGET",
        help="RDM, square or condensed, or a stack of several; NaN where a pair is "
        f"missing; {FILES}, or rsatoolbox RDMs (.h5)",
    )
    add.add_argument("--out", metavar="DIR", required=True, help="folder for results")
    add.add_argument(
        "--features-key", metavar="KEY", help="array in FEATURES, if it holds several"
    )
    add.add_argument(
        "--target-key",
        metavar="KEY",
        help="array in TARGET, nested names with dots (RDM.V1); for rsatoolbox files "
        "the pattern descriptor with the labels",
    )

    def choice(name: str, choices: list[str], text: str) -> None:
        add.add_argument(
            name,
            choices=choices,
            default=choices[0],
            metavar=name[2:].upper().replace("-", "_"),
            help=f"{text}: {', '.join(choices)} (default {choices[0]})",
        )

    choice("--metric", list(METRICS), "distance between conditions")
    choice("--compare", [*COMPARISONS, *ALIASES], "how RDMs are compared")
    choice("--objective", ["r", "r2"], "the score r, or its square")
    choice("--method", ["auto", *PATHS], "how importance is computed")
    choice("--precision", ["auto", "float64", "float32"], "auto is float64 where fast")
    choice("--undefined", ["nan", "zero"], "similarity of a constant condition")
    choice("--target-kind", ["dissimilarity", "similarity"], "what TARGET holds")
    choice("--pool", ["each", "mean"], "several targets: one by one, or mean score")
    add.add_argument(
        "--batch-size",
        type=int,
        metavar="N",
        help="units computed together (default: what fits the memory)",
    )
    add.add_argument("--no-figure", action="store_true", help="write no figure.png")
    _add_quiet(add)


def _add_demo(commands: Any, run: Command) -> None:
    add = _command(commands, "demo", run, "from dot arrays to number units", DEMO)
    add.epilog = DEMO_END
    add.add_argument(
        "--out",
        metavar="DIR",
        default="jaxprune-demo",
        help="folder for results (default ./jaxprune-demo)",
    )
    add.add_argument(
        "--instances",
        type=int,
        default=20,
        metavar="N",
        help="images of each of the 32 conditions (default 20)",
    )
    add.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="of stimuli and weights (default 0)",
    )
    _add_quiet(add)


def _command(commands: Any, name: str, run: Command, text: str, about: str) -> Any:
    raw = argparse.RawDescriptionHelpFormatter
    add = commands.add_parser(name, help=text, description=about, formatter_class=raw)
    add.set_defaults(run=run)
    return add


def _add_quiet(add: argparse.ArgumentParser) -> None:
    add.add_argument(
        "--no-progress",
        action="store_true",
        help="no progress bars (none are shown unless stderr is a terminal)",
    )
    add.add_argument(
        "--quiet", "-q", action="store_true", help="errors and warnings only"
    )
