"""``jaxprune prune``: features, from a file or from a network, against an RDM."""

from __future__ import annotations

import argparse
import warnings
from typing import Any

from .. import network_options, options
from ._distributed import AUTO, Job
from ._inputs import controls_of, groups_of_units, load_features_and_target, noise_of

ABOUT = """\
Keep the units whose representational dissimilarity matrix (RDM) fits TARGET
best. Units are ranked by leave-one-out importance and put back, most important
first; the number of them that scores best is retained.

The features come from a file, or from a network that is shown images or texts
(`jaxprune extract --help` says which):
  jaxprune prune FEATURES TARGET --out DIR
  jaxprune prune --network NAME --weights PATH --images PATH --layers NAMES
                 --target TARGET --out DIR

TARGET is an RDM, or a list of judged pairs, one a row: two labels, a score and
perhaps a rater. Scores that are similarities need --target-kind similarity.
Rows of three labels are odd-one-out choices, the odd one last.

Conditions are matched by label where both sides have labels, and assumed to be
in the same order otherwise; the summary says which. Conditions of FEATURES that
TARGET lacks are left out."""

END = """\
files in DIR:
  units.csv       channel, y and x where the layer is known, importance,
                  rank (1 = most important), retained (0 or 1)
  groups.csv      the same of groups, with --groups
  curve.csv       score of the 1, 2, ... most important units
  conditions.csv  conditions in the order used
  result.npz      every array; jaxprune.Pruning.load(DIR) reads it
  summary.json    scores, settings, versions, inputs
  figure.png      curve, importances and RDMs
  report.html     the same as a page that answers the pointer; --images PATH
                  brings thumbnails of the conditions, matched by label
Several layers have a folder each, DIR/LAYER, beside layers.csv and
summary.json. An earlier result in DIR is replaced; any other file there is left
alone. A file of one of these names that jaxprune did not write is an error,
before anything is computed.

examples:
  jaxprune prune vgg16_pool5.npz human_it.npy --out pruned --compare spearman
  jaxprune prune glove.txt men.csv --target-kind similarity --out pruned
  jaxprune prune dots.h5 number.npy --control area.npy --out beside_area
  jaxprune prune --network cornet_z --weights cornet_z --images pictures \\
                 --layers V4,IT --target subjects.mat --out pruned
  jaxprune prune --network hf:minilm --texts words.txt --token mean \\
                 --layers block.5 --target men.csv --target-kind similarity \\
                 --out pruned"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    from ...search import SEARCHES

    text = "prune a layer, or several, against an RDM"
    add = options.command(commands, "prune", run, text, ABOUT, END)
    add.usage = (
        "jaxprune prune [FEATURES TARGET | --network NAME ... --target TARGET]\n"
        "                      --out DIR [options]"
    )
    add.add_argument(
        "features",
        metavar="FEATURES",
        nargs="?",
        help=f"conditions x units; {options.FILES}, or {options.VECTORS}",
    )
    add.add_argument(
        "target",
        metavar="TARGET",
        nargs="?",
        help="RDM, square or condensed, or a stack of several; NaN where a pair is "
        f"missing; {options.FILES}, rsatoolbox RDMs (.h5), or {options.JUDGEMENTS}",
    )
    options.add_out(add)
    options.add_keys(add, "features")
    text = "array in TARGET, if it holds several; nested names with dots (RDM.V1)"
    options.add_keys(add, "target", text)
    options.add_conditions(add)
    add.add_argument("--no-figure", action="store_true", help="write no figure.png")
    add.add_argument("--no-report", action="store_true", help="write no report.html")
    options.add_engine(add)
    options.add_controls(add)
    add.add_argument(
        "--score",
        choices=["accuracy", "log_loss"],
        metavar="SCORE",
        help="of odd-one-out triplets: accuracy (default) of the choices by dot "
        "products, or their log_loss with a minus sign",
    )
    group = add.add_argument_group("how units are ordered")
    text = (
        "by importance in the whole layer, or again and again: the unit that is missed "
        "least leaves, or the best one joins"
    )
    options.add_choice(group, "--search", ["ranked", *SEARCHES], text)
    text = "what is ranked: the loss without a unit, or its mean gain to all sets"
    options.add_choice(group, "--importance", ["leave_one_out", "shapley"], text)
    options.add_groups(group)
    options.add_sizes(group, "all")
    group = options.add_devices(add)
    group.add_argument(
        "--distributed",
        nargs="?",
        const=AUTO,
        metavar="PLACE",
        help="this is one of several processes, on this machine or others, that share "
        "the units of FEATURES. Started by srun or mpirun, it needs no value; "
        "elsewhere HOST:PORT,N,RANK: where process 0 can be reached, the number of "
        "processes, and which this is, from 0",
    )
    add.set_defaults(job=None)
    group = add.add_argument_group("network and images")
    group.add_argument(
        "--network",
        metavar="NAME",
        help="compute the features with this network: one that `jaxprune networks` "
        "lists, or torchvision:NAME, timm:NAME, hf:FOLDER, module:MODULE:FUNCTION",
    )
    group.add_argument(
        "--target", dest="target_option", metavar="TARGET", help="TARGET as an option"
    )
    network_options.add_network(group)
    group.add_argument(
        "--readout",
        metavar="LAYER",
        help="compare the RDM of this later layer: units are set to zero, and the "
        "network goes on",
    )
    network_options.add_torch(add)
    network_options.add_steps(add)
    options.add_quiet(add)


def run(args: argparse.Namespace) -> int:
    """Prune the units of a file of features, or of the layers of a network."""
    args.target = _target(args)
    if args.distributed is not None:
        # Before anything else can fail: the others wait for this process.
        args.job, args.devices = Job(args.distributed), "all"
    args.noise, args.labels_of_groups = noise_of(args), groups_of_units(args)
    args.pictures = None
    args.controls = controls_of(args)
    if args.job is not None and not args.job.leads:
        return _help_to_prune(args)
    if args.network is None:
        return _prune_file(args)
    from ._prune_network import prune_network

    return prune_network(args)


def _target(args: argparse.Namespace) -> str:
    """Return the name of the target; refuse mixes of a file and a network."""
    network, features = args.network, args.features
    if network is None:
        shown = network_options.IMAGES
        alone = [name for name in network_options.NETWORK if name not in shown]
        alone += [*network_options.TORCH, "readout"]
        if stray := options.given(args, alone):
            raise ValueError(
                f"{stray[0]} was given without --network; expected --network NAME "
                "beside it, or FEATURES and TARGET and no such option"
            )
        if features is None:
            raise ValueError(
                "features: none given; expected FEATURES TARGET, or --network NAME "
                "with --weights, --images, --layers and --target"
            )
    elif args.distributed is not None:
        raise ValueError(
            "--distributed was given with --network; expected FEATURES: write them "
            "with `jaxprune extract` first"
        )
    elif features is not None:
        advice = "leave it out"
        if args.target_option is None and args.target is None:
            advice = f"if it is the target: --target {features}"
        raise ValueError(
            f"features: {features} was given with --network, which computes them; "
            f"{advice}"
        )
    elif stray := options.given(args, ["features_key", "features_labels", "words"]):
        raise ValueError(
            f"{stray[0]} was given with --network, which reads no file of features; "
            "leave it out"
        )
    if args.target is not None and args.target_option is not None:
        raise ValueError(
            f"target: both TARGET {args.target} and --target {args.target_option} "
            "given; expected one of them"
        )
    target = args.target or args.target_option
    if target is None:
        after = "--target TARGET" if network else "TARGET after FEATURES"
        raise ValueError(f"target: none given; expected {after}")
    return target


def _prune_file(args: argparse.Namespace) -> int:
    from ...engine.importances import NAME
    from ...io import load_triplets
    from ...io.checkpoints import discard
    from ...io.folders import results_folder
    from ._layer import PARTS, prune_layer
    from ._prune_triplets import prune_triplets_file
    from ._summary import matched, pruning_summary
    from ._thumbnails import Thumbnails

    if args.images is not None:
        given = args.images, args.images_key, args.conditions
        args.pictures = Thumbnails.opened(*given)
    elif stray := options.given(args, network_options.IMAGES):
        raise ValueError(f"{stray[0]} was given without --images; leave it out")
    triplets = load_triplets(args.target, ignore_case=args.ignore_case)
    if triplets is not None:
        return prune_triplets_file(args, triplets)
    if args.score is not None:
        raise ValueError(
            f"--score {args.score} was given, and {args.target} holds no odd-one-out "
            "triplets; expected --compare for RDMs and judged pairs"
        )
    lazy = args.job is not None
    features, target, matching = load_features_and_target(args, lazy=lazy)
    with results_folder(args.out) as (folder, replaces):
        done = prune_layer(features, target, matching, folder, args)
    if args.job is not None and not done.failed:
        discard(folder / PARTS, NAME)
    if not args.quiet:
        text = pruning_summary(
            done.result,
            features=features.source,
            target=target.source,
            conditions=matched(matching),
            seconds=done.seconds,
            notes=(*features.notes, *target.notes),
        )
        print(text)
        done.print_files(replaces and done.folder == folder)
    return 1 if done.failed else 0


def _help_to_prune(args: argparse.Namespace) -> int:
    """Compute what is this process's part of it; process 0 saves and says the rest."""
    from ._layer import prune_layer

    # The first process says whatever there is to say.
    warnings.simplefilter("ignore")
    args.quiet = True
    features, target, matching = load_features_and_target(args, lazy=True)
    prune_layer(features, target, matching, None, args)
    return 0
