"""``jaxprune test``: whether a pruned layer is more than selection, in one report."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

from ...report import screen
from .. import messages, options
from ._inputs import (
    groups_for,
    groups_of_units,
    load_features_and_target,
    noise_of,
    prune_options,
)

ABOUT = """\
Is it real? Pruning picks units on the data that it is scored on, so its score
is biased upwards. This command prunes a layer and tests it from every side:
  permutations  condition labels of the target shuffled, the whole pruning
                redone
  folds         units chosen on some conditions, scored on the others, beside
                all units, rarely firing units left out, random units, and
                feature reweighting
  bootstrap     intervals, conditions (and subjects) resampled
  subjects      units chosen on all subjects but one, scored on that one, beside
                the noise ceiling"""

END = """\
TARGET is one RDM, or those of several subjects, whose pooled RDM is then the
target; or give the target and, with --subjects, the subjects' RDMs.

files in DIR:
{files}

examples:
  jaxprune test vgg16_pool5.npz human_it.npy --out tested
  jaxprune test vgg16_pool5.npz human_it.npy --subjects subjects.npz \\
                --permutations 1000 --bootstrap 1000 --folds 5 --out tested"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "whether a pruned layer is more than selection"
    add = options.command(commands, "test", run, text, ABOUT, END)
    add.later = _add_options


def _add_options(add: options.Parser) -> None:
    from ...studies.test import TEST, Options

    add.epilog = END.format(files=TEST.described_files())
    add.add_argument(
        "features", metavar="FEATURES", help=f"conditions x units; {options.FILES}"
    )
    add.add_argument(
        "target", metavar="TARGET", help="RDM, or those of several subjects"
    )
    options.add_out(add)
    add.add_argument("--subjects", metavar="FILE", help="RDMs of the subjects")
    for name in ("features", "target", "subjects"):
        options.add_keys(add, name)
    options.add_conditions(add)
    first = Options()
    group = add.add_argument_group("how often")
    Options.add_to(group, first, first)
    options.add_sizes(group, "512 from 2,000 units on")
    options.add_groups(add.add_argument_group("what is ranked"))
    options.add_engine(add, pool=False)
    options.add_quiet(add)


def run(args: argparse.Namespace) -> int:
    """Test a pruned layer from every side."""
    from ...io import align, how_matched, load_target
    from ...io.folders import results_folder
    from ...io.layouts import is_single
    from ...studies.test import TEST, Options
    from ...studies.test import run as test
    from ._summary import matched

    noise, args.labels_of_groups = noise_of(args), groups_of_units(args)
    features, target, matching = load_features_and_target(args)
    about = {"features": features.source, "target": target.source}
    if (groups := groups_for(features, args)) is not None:
        about["groups"] = args.groups
    subjects = None
    if args.subjects is None:
        _without_subjects(args, is_single(target.values.shape))
    else:
        subjects = load_target(
            args.subjects, args.subjects_key, labels=args.subjects_labels
        )
        # The target is in the order of the features. Where these have no labels, the
        # subjects' go by those of the target.
        first = features if features.labels is not None else target
        ordered = replace(features, labels=first.labels, source=first.source)
        ordered, subjects = align(ordered, subjects)
        how = matched(how_matched(ordered, subjects))
        about["subjects"] = f"{subjects.source}, {how}"
    if noise is not None:
        about["noise"] = noise.source
    about |= {
        "conditions matched": matching,
        "command": " ".join(["jaxprune", *args.line]),
    }
    if notes := (*features.notes, *target.notes):
        about["notes"] = "; ".join(notes)
    # Several targets are subjects here; the target's kind is that of all RDMs given.
    prune = prune_options(args, noise) | ({} if groups is None else {"groups": groups})
    chosen = Options(**Options.given(args), prune=prune)
    with results_folder(args.out, TEST.files) as (folder, replaces):
        tested = test(
            features.values,
            target.values,
            None if subjects is None else subjects.values,
            chosen,
            folder,
            target_kind=args.target_kind,
            inputs=about,
            progress=options.progress(args),
            report=None if args.quiet else messages.say,
        )
        TEST.save(tested, folder)
    if not args.quiet:
        print(screen.wrapped("conditions", matched(matching)))
        for note in (*features.notes, *target.notes):
            print(screen.wrapped("note", note))
        print(TEST.screen(tested))
        print(screen.files_line(folder, TEST.files, replaces))
    return 0


def _without_subjects(args: argparse.Namespace, single: bool) -> None:
    """Refuse what is about the RDMs of subjects where there are none."""
    stray = options.given(args, ["subjects_key", "subjects_labels"])
    if args.sessions not in (None, 1) and single:
        stray.append("--sessions")
    if stray:
        raise ValueError(
            f"{stray[0]} was given without --subjects, and is about their RDMs; "
            "expected --subjects FILE beside it"
        )
