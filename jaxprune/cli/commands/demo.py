"""``jaxprune demo``: from stimuli to figure."""

from __future__ import annotations

import argparse
import time
from typing import Any

from ...report import screen
from .. import messages, options

ABOUT = """\
Show dot arrays (6 to 29 dots) to an untrained CORnet-Z, and prune the units of
its four areas against an RDM of log number: from stimuli to figure in under a
minute on two cores. Nothing is downloaded."""

END = """\
DIR gets figure.png, areas.csv and summary.json, and a folder for each area with
the files of `jaxprune prune`. An earlier demo in DIR is replaced.

example:
  jaxprune demo --out number --instances 20"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    add = options.command(
        commands, "demo", run, "from dot arrays to number units", ABOUT, END
    )
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
    options.add_quiet(add)


def run(args: argparse.Namespace) -> int:
    """Prune an untrained network against log number, from stimuli to figure."""
    from ...io.folders import results_folder
    from ...studies import demo as study

    progress = options.progress(args)
    with results_folder(args.out, study.FILES) as (folder, replaces):
        start = time.perf_counter()
        done = study.run(
            args.instances,
            args.seed,
            progress=progress,
            report=messages.say if progress else None,
        )
        study.save(done, folder)
        seconds = time.perf_counter() - start
    if not args.quiet:
        print(study.summary(done))
        note = " (an earlier demo was replaced)" if replaces else ""
        print(screen.fact("files", f"{folder}{note}, {seconds:.0f} s"))
        areas = " ".join(f"{area}/" for area in done.results)
        print(screen.fact("", f"figure.png areas.csv summary.json {areas}"))
    return 0
