"""``jaxprune train``: a network learns to tell numbers of dots apart."""

from __future__ import annotations

import argparse
from dataclasses import replace
from typing import Any

import numpy as np

from ...base import checks
from ...base.paths import expanded
from ...report import screen
from ...stimuli.designs.dewind_train import CLASSES, dewind_train
from ...stimuli.stimulus_set import StimulusSet
from .. import messages, network_options, options
from ._steps import described

ABOUT = """\
Train all layers of a network to tell ten numbers of dots apart (6 to 29), on
dot arrays in which size and spacing say nothing about number. With --weights,
those of ImageNet for example, this is the published fine-tuning, and the
version is called numerosity. Without, training begins with random weights,
which learn nothing at the published rate: a higher one is taken, that falls to
0, and momentum. That version is called numerosity_scratch, and its numbers are
not comparable with the paper's.

A training that was interrupted goes on where it stopped when it is started
again; one with --weights also when it is asked for more --epochs. By default
CORnet-Z takes two to four minutes on two cores; CORnet-S needs an accelerator."""

END = """\
files in DIR:
  epoch_NNN/      the network after the last epoch, and after the best one; the
                  other commands read it: --weights DIR/epoch_NNN
  history.csv     loss, accuracy, accuracy on other images, seconds, by epoch

examples:
  jaxprune train cornet_z --out trained
  jaxprune train cornet_z --weights cornet_z --full --out numerosity"""

# 5 sizes x 5 spacings.
CONDITIONS = 25
# Of a class; the number that was published is not known.
SMALL, FULL = 250, 1000
# Validation is done on a fifth as many images, of another seed.
VALIDATION = 5
# Epochs of the summary; history.csv has all.
ROWS = 12
SMALL_SIZE, SMALL_EPOCHS = 64, 8


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "a network learns to tell numbers of dots apart"
    add = options.command(commands, "train", run, text, ABOUT, END)
    add.add_argument(
        "network", metavar="NETWORK", help="name; `jaxprune networks` lists them"
    )
    options.add_out(add, "folder for the network")
    add.add_argument(
        "--task",
        choices=["numerosity"],
        default="numerosity",
        metavar="TASK",
        help="what is learned: numerosity (default)",
    )
    add.add_argument(
        "--weights",
        metavar="PATH",
        help="begin with these: a folder that `jaxprune convert` wrote, or a file: "
        f"{network_options.WEIGHTS_FILES} (default: random ones)",
    )
    add.add_argument(
        "--full",
        action="store_true",
        help=f"the published size: 300 pixels, 100 epochs, and {FULL:,} images of each "
        f"class (default: {SMALL_SIZE} pixels, {SMALL_EPOCHS} epochs, {SMALL} images)",
    )
    _add_numbers(add)
    add.add_argument(
        "--keep-all", action="store_true", help="keep the networks of all epochs"
    )
    options.add_quiet(add)


def _add_numbers(add: Any) -> None:
    for name, kind, text in (
        ("epochs", int, "how often all images are seen"),
        ("images-per-class", int, f"a multiple of {CONDITIONS}"),
        ("size", int, "of the images in pixels, which are drawn at 200"),
        ("batch-size", int, "images a step (default 32)"),
        ("lr", float, "learning rate (default 0.001, from random weights 0.01)"),
        ("momentum", float, "of the gradients (default 0, from random weights 0.9)"),
    ):
        metavar = "X" if kind is float else "N"
        add.add_argument(f"--{name}", type=kind, metavar=metavar, help=text)
    add.add_argument(
        "--seed",
        type=int,
        default=0,
        metavar="N",
        help="of images, their order, and random weights (default 0)",
    )


def run(args: argparse.Namespace) -> int:
    """Draw the images, train, and say how well it went."""
    from jaxprune_ports.training import train
    from jaxprune_ports.training.run_folder import checked

    checked(args.out)
    checks.whole("seed", args.seed, 0)
    net = _start(args)
    recipe = _recipe(args, net)
    progress = options.progress(args)
    if progress:
        messages.say("drawing dot arrays")
    shown, tested = _stimuli(args)
    trained = train(
        net,
        shown.images,
        _classes(shown),
        recipe=recipe,
        validation=(tested.images, _classes(tested)),
        out=args.out,
        seed=args.seed,
        keep_all=args.keep_all,
        progress=progress,
    )
    if not args.quiet:
        print(_summary(net, trained, recipe, len(shown.images), len(tested.images)))
    return 0


def _start(args: argparse.Namespace) -> Any:
    """Network to begin with."""
    import jaxprune_ports as jpp

    if args.weights is None:
        return jpp.create(args.network, args.seed, n_classes=len(CLASSES))
    if not expanded(args.weights).is_dir():
        return jpp.from_torch(args.network, args.weights)
    net = jpp.load(args.weights)
    if net.name != args.network:
        raise ValueError(
            f"weights: {args.weights} holds {net.name}, expected {args.network}; give "
            f"the folder of {args.network}, or name the network {net.name}"
        )
    return net


def _recipe(args: argparse.Namespace, net: Any) -> Any:
    """Published recipe, or that for random weights, changed as the options say."""
    from jaxprune_ports.training import NUMEROSITY, NUMEROSITY_SCRATCH

    untrained = net.source.seed is not None
    recipe = NUMEROSITY_SCRATCH if untrained else NUMEROSITY
    size, epochs = SMALL_SIZE, SMALL_EPOCHS
    if args.full:
        size, epochs = NUMEROSITY.preprocessing.size, NUMEROSITY.epochs
    given = {
        name: getattr(args, name)
        for name in ("epochs", "batch_size", "lr", "momentum")
        if getattr(args, name) is not None
    }
    size = size if args.size is None else args.size
    steps = replace(recipe.preprocessing, size=size)
    return replace(recipe, **{"epochs": epochs, **given}, preprocessing=steps)


def _stimuli(args: argparse.Namespace) -> tuple[StimulusSet, StimulusSet]:
    """Images to learn from, and others to test with, of the published size."""
    wanted = args.images_per_class
    if wanted is None:
        wanted = FULL if args.full else SMALL
    if wanted < CONDITIONS or wanted % CONDITIONS:
        raise ValueError(
            f"--images-per-class: expected a multiple of {CONDITIONS} (5 sizes x 5 "
            f"spacings), got {wanted}"
        )
    n = wanted // CONDITIONS
    # No other seed gives the images of this one.
    seed = 2 * args.seed
    return (
        dewind_train(n, seed),
        dewind_train(-(-n // VALIDATION), seed + 1),
    )


def _classes(stimuli: StimulusSet) -> np.ndarray:
    return np.searchsorted(CLASSES, stimuli.levels("numerosity"))


def _summary(net: Any, trained: Any, recipe: Any, shown: int, tested: int) -> str:
    version = f"{recipe.name}: trained further, all layers"
    if net.source.seed is not None:
        version = (
            f"{recipe.name}: from random weights, so not comparable with the paper, "
            "which began with those of ImageNet"
        )
    images = f"{shown:,} to learn from, {tested:,} others for validation"
    folder = trained.folder
    done = f"{len(trained.history)} epochs"
    if trained.resumed:
        done += f", {trained.resumed} of them done before"
    files = [f"{folder.name}/ (last)", "history.csv"]
    if trained.best_epoch != trained.history[-1].epoch:
        files.insert(1, f"epoch_{trained.best_epoch:03d}/ (best)")
    facts = [
        screen.fact("network", f"{net.name}, {net.source}"),
        screen.wrapped("version", version),
        screen.wrapped("classes", " ".join(map(str, CLASSES)) + " dots; chance 0.100"),
        screen.fact("images", images),
        screen.wrapped("recipe", _said(recipe)),
        screen.fact("trained", done),
        "",
        screen.table(_rows(trained)),
        "",
        screen.files_line(folder.parent, files, False),
    ]
    return "\n".join(facts)


def _said(recipe: Any) -> str:
    momentum = f", momentum {recipe.momentum:g}" if recipe.momentum else ""
    decay = " falling to 0" if recipe.decay else ""
    return (
        f"SGD at {recipe.lr:g}{decay}{momentum}, batches of {recipe.batch_size}, "
        f"{recipe.flip:.0%} mirrored; {described(recipe.preprocessing)}"
    )


def _rows(trained: Any) -> list[list[str]]:
    rows = [["epoch", "loss", "accuracy", "validation", "seconds"]]
    for row in trained.history[-ROWS:]:
        scores = (row.loss, row.accuracy, row.validation_accuracy)
        numbers = [screen.number(score) for score in scores]
        rows.append([str(row.epoch), *numbers, f"{row.seconds:.0f}"])
    return rows
