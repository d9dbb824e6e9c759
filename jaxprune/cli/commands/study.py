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
