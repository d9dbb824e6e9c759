"""``jaxprune study``: published studies, from stimuli to report."""

from __future__ import annotations

import argparse
from dataclasses import replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ...report import screen
from ...studies import STUDIES
from .. import messages, options

if TYPE_CHECKING:
    from ...studies.framework import Study

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
        dest="study",
        metavar="NAME",
        title="studies",
        required=True,
        parser_class=options.Parser,
    )
    text = "units retained by pruning, and number detectors, in CORnets"
    about = NUMBER_DETECTORS, NUMBER_DETECTORS_END
    detectors = _study(studies, "number-detectors", run_number_detectors, text, *about)
    _add_networks(detectors, "cornet_z, cornet_s")
    detectors.add_argument(
        "--size", type=int, metavar="N", help="pixels of the images (default 224)"
    )
    for name, text in STUDIES.items():
        parser = options.command(studies, name, run, text, "", "")
        parser.later = partial(_fill, name)


def study_named(name: str) -> Study:
    """Import a study."""
    return import_module(f"jaxprune.studies.{name.replace('-', '_')}").STUDY


def _fill(name: str, parser: options.Parser) -> None:
    """Add what every study takes, and its own options."""
    study = study_named(name)
    parser.description = study.about
    files = f"files in DIR:\n{study.described_files()}"
    parser.epilog = f"{files}\n\nexample:\n  {study.example}"
    options.add_out(parser)
    parser.add_argument("--full", action="store_true", help="the published size")
    study.options.add_to(parser, study.small, study.full)
    options.add_quiet(parser)


def run(args: argparse.Namespace) -> int:
    """Run a study, save what it found, and show a table of it."""
    from ...io.folders import results_folder

    study = study_named(args.study)
    first = study.full if args.full else study.small
    chosen = replace(first, **study.options.given(args))
    with results_folder(args.out, study.files) as (folder, replaces):
        found = study.run(
            chosen,
            folder,
            progress=options.progress(args),
            report=None if args.quiet else messages.say,
        )
        study.save(found, folder)
    if not args.quiet:
        print(study.screen(found))
        written = [name for name in study.files if (folder / name).exists()]
        print(screen.files_line(folder, written, replaces))
    return 0


def _study(
    studies: Any, name: str, run: options.Command, text: str, about: str, end: str
) -> Any:
    """Add a study, with what every study takes."""
    add = options.command(studies, name, run, text, about, end)
    options.add_out(add)
    add.add_argument("--full", action="store_true", help="the published size")
    add.add_argument(
        "--seeds", type=int, metavar="N", help="number of seeds: 0, 1, ..., N - 1"
    )
    add.add_argument(
        "--instances", type=int, metavar="N", help="images of each condition"
    )
    options.add_quiet(add)
    return add


def _add_networks(add: Any, names: str) -> None:
    add.add_argument(
        "--networks",
        metavar="NAMES",
        help=f"untrained ones: {names}, both (with a comma), or none",
    )
    add.add_argument(
        "--weights",
        metavar="PATH",
        action="append",
        help="a trained network: folder of `jaxprune convert` or `jaxprune train`; may "
        "be given several times",
    )


def run_number_detectors(args: argparse.Namespace) -> int:
    """Compare retained units with number detectors."""
    from ...studies import number_detectors as study

    own = {"n_instances": args.instances, "size": args.size}
    return _run(args, study, **own, **_networks(args))


def _networks(args: argparse.Namespace) -> dict[str, Any]:
    names = None
    if args.networks is not None:
        listed = [] if args.networks == "none" else args.networks.split(",")
        names = [name.strip() for name in listed]
    return {"networks": names, "weights": args.weights}


def _run(args: argparse.Namespace, study: Any, **given: Any) -> int:
    """Run any study: all have `SMALL`, `FULL`, `run`, `save`, `summary` and `FILES`."""
    from ...io.folders import results_folder

    given["seeds"] = None if args.seeds is None else range(args.seeds)
    changes = {name: value for name, value in given.items() if value is not None}
    chosen = replace(study.FULL if args.full else study.SMALL, **changes)
    with results_folder(args.out, study.FILES) as (folder, replaces):
        found = study.run(
            chosen,
            folder,
            progress=options.progress(args),
            report=None if args.quiet else messages.say,
        )
        study.save(found, folder)
    if not args.quiet:
        print(study.summary(found))
        written = [name for name in study.FILES if (folder / name).exists()]
        print(screen.files_line(folder, written, replaces))
    return 0
