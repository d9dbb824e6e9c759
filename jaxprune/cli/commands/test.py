"""``jaxprune test``: whether a pruned layer is more than selection, in one report."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from ...report import screen
from .. import messages, options
from ._inputs import load_features_and_target, noise_of

if TYPE_CHECKING:
    from ...io import Labelled
    from ...studies.evidence import Options

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
  report.html       everything, in one file that needs no network
  methods.csv       a row for each method: scores, intervals, p values
  folds.csv         a row for each fold and left-out subject
  permutations.csv  a row for each permutation
  figure.png
  summary.json      settings, versions, results
  parts/            permutations that are done: an interrupted run goes on

examples:
  jaxprune test vgg16_pool5.npz human_it.npy --out tested
  jaxprune test vgg16_pool5.npz human_it.npy --subjects subjects.npz \\
                --permutations 1000 --bootstrap 1000 --folds 5 --out tested"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "whether a pruned layer is more than selection"
    add = options.command(commands, "test", run, text, ABOUT, END)
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
    group = add.add_argument_group("how often")
    for name, default, text in (
        ("permutations", 1000, "permutations of the condition labels"),
        ("bootstrap", 1000, "bootstrap samples"),
        ("folds", 5, "folds of held-out conditions"),
        ("repeats", 1, "times that folds are drawn"),
        ("sessions", 1, "RDMs of each subject, one after the other"),
        ("random", 100, "random sets of units, for every fold"),
        ("seed", 0, "of everything drawn at random"),
    ):
        group.add_argument(
            f"--{name}",
            type=int,
            default=default,
            metavar="N",
            help=f"{text} (default {default:,})",
        )
    group.add_argument(
        "--methods",
        metavar="NAMES",
        help="with commas: full,pruned,zeros,random,reweighted, which is the default, "
        "and nonnegative (weights of at least 0; minutes)",
    )
    options.add_engine(add, pool=False)
    options.add_quiet(add)


def run(args: argparse.Namespace) -> int:
    """Test a pruned layer from every side."""
    from ...io import align, how_matched, load_target
    from ...io.folders import results_folder
    from ...io.layouts import is_single
    from ...studies import evidence
    from ._summary import matched

    noise = noise_of(args)
    features, target, matching = load_features_and_target(args)
    about = {"features": features.source, "target": target.source}
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
    with results_folder(args.out, evidence.FILES) as (folder, replaces):
        found = evidence.run(
            features.values,
            target.values,
            None if subjects is None else subjects.values,
            _chosen(args, noise),
            folder,
            target_kind=args.target_kind,
            progress=options.progress(args),
            report=None if args.quiet else messages.say,
        )
        evidence.save(found, folder, about)
    if not args.quiet:
        print(screen.wrapped("conditions", matched(matching)))
        print(evidence.summary(found))
        print(screen.files_line(folder, evidence.FILES, replaces))
    return 0


def _without_subjects(args: argparse.Namespace, single: bool) -> None:
    """Refuse what is about the RDMs of subjects where there are none."""
    stray = options.given(args, ["subjects_key", "subjects_labels"])
    if args.sessions != 1 and single:
        stray.append("--sessions")
    if stray:
        raise ValueError(
            f"{stray[0]} was given without --subjects, and is about their RDMs; "
            "expected --subjects FILE beside it"
        )


def _chosen(args: argparse.Namespace, noise: Labelled | None) -> Options:
    from ...studies.evidence import Options

    # Several targets are subjects here; the target's kind is that of all RDMs given.
    names = [name for name in messages.OPTIONS if name not in ("pool", "target_kind")]
    prune = {name: getattr(args, name) for name in names}
    if noise is not None:
        prune["noise"] = noise.values
    chosen = Options(
        n_permutations=args.permutations,
        n_samples=args.bootstrap,
        n_folds=args.folds,
        repeats=args.repeats,
        sessions=args.sessions,
        n_random=args.random,
        seed=args.seed,
        prune=prune,
    )
    if args.methods is None:
        return chosen
    names = tuple(name.strip() for name in args.methods.split(","))
    return replace(chosen, methods=names)
