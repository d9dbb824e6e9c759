"""``jaxprune compare``: whether several targets call for the same units."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...report import screen
from .. import options
from ._inputs import features_of, noise_of, prune_options, sharing

if TYPE_CHECKING:
    from ...io import Labelled

ABOUT = """\
Do several targets call for the same units? Groups of people, areas of a brain,
domains: the layer is pruned for each. Overlaps of the retained sets stand
beside chance, scores of each set with every target on held-out conditions, and
a test in which subjects are swapped between two targets."""

END = """\
TARGET is a file of one RDM, or of those of subjects, named by its stem or as
NAME=FILE. Of a single TARGET, every RDM is a target of its own.

files in DIR:
{files}

examples:
  jaxprune compare layer.npz patients.npz controls.npz --out compared
  jaxprune compare layer.npz IT=it.npy behaviour=judged.csv --out compared"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "whether several targets call for the same units"
    add = options.command(commands, "compare", run, text, ABOUT, END)
    add.later = _add_options


def _add_options(add: options.Parser) -> None:
    from ...studies.compare import COMPARE, Options

    add.epilog = END.format(files=COMPARE.described_files())
    add.add_argument(
        "features", metavar="FEATURES", help=f"conditions x units; {options.FILES}"
    )
    add.add_argument(
        "targets",
        nargs="+",
        metavar="TARGET",
        help="RDM, or those of subjects; two or more",
    )
    options.add_out(add)
    for name in ("features", "target"):
        options.add_keys(add, name)
    options.add_conditions(add)
    first = Options()
    group = add.add_argument_group("how often")
    Options.add_to(group, first, first)
    options.add_sizes(group, "512 from 2,000 units on")
    options.add_engine(add, pool=False)
    options.add_quiet(add)


def run(args: argparse.Namespace) -> int:
    """Compare the units that several targets retain."""
    from ...io.folders import results_folder
    from ...studies.compare import COMPARE, Options
    from ...studies.compare import run as compare

    noise = noise_of(args)
    features, loaded, how = _aligned(features_of(args), args)
    about: dict[str, Any] = {"features": features.source}
    about |= {name: f"{one.source}, {how[name]}" for name, one in loaded.items()}
    notes = [*features.notes, *(n for one in loaded.values() for n in one.notes)]
    notes = list(dict.fromkeys(notes))
    if notes:
        about["notes"] = "; ".join(notes)
    targets = {name: one.values for name, one in loaded.items()}
    if len(targets) == 1:
        ((name, stack),) = targets.items()
        targets = {f"{name} {i + 1}": one for i, one in enumerate(_each(stack, args))}
    about["command"] = " ".join(["jaxprune", *args.line])
    if noise is not None:
        about["noise"] = noise.source
    chosen = Options(**Options.given(args), prune=prune_options(args, noise))
    with results_folder(args.out, COMPARE.files) as (folder, replaces):
        compared = compare(
            features.values,
            targets,
            chosen,
            target_kind=args.target_kind,
            inputs=about,
            progress=options.progress(args),
        )
        COMPARE.save(compared, folder)
    if not args.quiet:
        for note in notes:
            print(screen.wrapped("note", note))
        print(COMPARE.screen(compared))
        print(screen.files_line(folder, COMPARE.files, replaces))
    return 0


def _aligned(
    features: Labelled, args: argparse.Namespace
) -> tuple[Labelled, dict[str, Labelled], dict[str, str]]:
    """Features and targets of the conditions that all have, and how they were matched.

    The order is that of the features or, if these have no labels, that of the first
    target that has.
    """
    from ...io import align, how_matched, load_target, shared
    from ...studies.framework import named_files
    from ._summary import matched

    how = sharing(args)
    loaded = {
        name: load_target(
            path,
            args.target_key,
            labels=args.target_labels,
            ignore_case=args.ignore_case,
        )
        for name, path in named_files("targets", args.targets).items()
    }
    first = features
    for one in loaded.values():
        if first.labels is None and one.labels is not None:
            first = replace(features, labels=one.labels, source=one.source)
        first, _ = shared(first, one, **how)
    said = {}
    for name, one in loaded.items():
        # What another target lacks has been left out above, and said.
        _, one = align(*shared(first, one, **{**how, "missing": "drop"}))
        loaded[name], said[name] = one, matched(how_matched(first, one))
    return replace(first, source=features.source), loaded, said


def _each(stack: Any, args: argparse.Namespace) -> Any:
    """RDMs of the only file."""
    from ...io.layouts import is_single

    if is_single(stack.shape):
        raise ValueError(
            f"targets: {args.targets[0]} is one RDM, and the only target; expected "
            "two files or more, or one that holds several RDMs"
        )
    return stack
