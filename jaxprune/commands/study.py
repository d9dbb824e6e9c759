"""``jaxprune study``: published studies, from stimuli to report."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from .. import _options, _screen

ABOUT = """\
Run a published study from end to end, and write its tables and figures and a
report in which our numbers stand beside the published ones. A small version
runs by default, the published size with --full. A study that was interrupted
goes on where it was when it is started again with the same options."""

END = """\
`jaxprune study NAME --help` shows the options of a study.

example:
  jaxprune study number-detectors --out detectors"""

NUMBER_DETECTORS = """\
Truong, Noei & Karami (2024): which units of CORnet-Z and CORnet-S carry number?
Dot arrays of 32 kinds are shown to the networks. In V1, V2, V4 and IT, the
units that pruning retains are compared with number detectors (by ANOVA, as
published and as it should be), with random units, and on held-out conditions.

The small version takes an untrained CORnet-Z, one seed and 50 images a kind.
--full takes CORnet-Z and CORnet-S, 5 seeds and 100 images. Trained networks are
added by --weights."""

NUMBER_DETECTORS_END = """\
files in DIR:
  report.html     everything, in one file that needs no network
  table.csv       a row for each network, layer, seed, ranking and rule
  summary.json    settings, versions, and differences from the published numbers
  scores.png, curves.png, overlap.png, heldout.png
  parts/          what is done, a file a layer: numbers, curve, sets of units

examples:
  jaxprune study number-detectors --out detectors
  jaxprune study number-detectors --full --weights imagenet_z \\
                                  --weights trained/epoch_100 --out full"""


def add(commands: Any) -> None:
    """Add the command, and a command below it for each study."""
    add = commands.add_parser(
        "study",
        help="published studies, from stimuli to report",
        description=ABOUT,
        epilog=END,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    studies = add.add_subparsers(
        dest="study", metavar="NAME", title="studies", required=True
    )
    _add_number_detectors(studies)


def _add_number_detectors(studies: Any) -> None:
    add = _options.command(
        studies,
        "number-detectors",
        run_number_detectors,
        "units retained by pruning, and number detectors, in CORnets",
        NUMBER_DETECTORS,
        NUMBER_DETECTORS_END,
    )
    _add_common(add)
    add.add_argument(
        "--networks",
        metavar="NAMES",
        help="untrained ones: cornet_z, cornet_s, both (with a comma), or none",
    )
    add.add_argument(
        "--weights",
        metavar="PATH",
        action="append",
        help="a trained network: folder of `jaxprune convert` or `jaxprune train`; may "
        "be given several times",
    )
    add.add_argument(
        "--size", type=int, metavar="N", help="pixels of the images (default 224)"
    )


def _add_common(add: Any) -> None:
    """Add what every study takes."""
    _options.add_out(add)
    add.add_argument("--full", action="store_true", help="the published size")
    add.add_argument(
        "--seeds", type=int, metavar="N", help="number of seeds: 0, 1, ..., N - 1"
    )
    add.add_argument(
        "--instances", type=int, metavar="N", help="images of each condition"
    )
    _options.add_quiet(add)


def run_number_detectors(args: argparse.Namespace) -> int:
    """Compare retained units with number detectors."""
    from ..studies import number_detectors as study

    given: dict[str, Any] = {
        "n_instances": args.instances,
        "size": args.size,
        "weights": args.weights,
    }
    if args.seeds is not None:
        given["seeds"] = range(args.seeds)
    if args.networks is not None:
        names = [] if args.networks == "none" else args.networks.split(",")
        given["networks"] = [name.strip() for name in names]
    changes = {name: value for name, value in given.items() if value is not None}
    return _run(
        args, study, replace(study.FULL if args.full else study.SMALL, **changes)
    )


def _run(args: argparse.Namespace, study: Any, options: Any) -> int:
    """Run any study: all have the functions `run`, `save` and `summary`."""
    from ..io.folders import results_folder

    with results_folder(args.out, study.FILES) as (folder, replaces):
        found = study.run(
            options,
            folder,
            progress=_options.progress(args),
            report=None if args.quiet else _screen.say,
        )
        study.save(found, folder)
    if not args.quiet:
        print(study.summary(found))
        print(_screen.files_line(folder, study.FILES, replaces))
    return 0
