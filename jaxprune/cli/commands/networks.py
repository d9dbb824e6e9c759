"""``jaxprune networks``: what there is, and what is published about each."""

from __future__ import annotations

import argparse
import math
from typing import Any

import numpy as np

from ...report import screen
from .. import options

ABOUT = """\
List the networks, or show everything about one: publication, licence, official
checkpoint, preprocessing, untrained weights, and its layers with their units.
Of a network of PyTorch (torchvision:NAME, timm:NAME, hf:FOLDER of transformers,
module:PACKAGE.MODULE:FUNCTION) everything that a pass puts out is listed."""

END = """\
examples:
  jaxprune networks
  jaxprune networks cornet_z
  jaxprune networks torchvision:resnet50"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "the networks, their layers and licences"
    add = options.command(commands, "networks", run, text, ABOUT, END)
    add.add_argument("name", metavar="NAME", nargs="?", help="show all about this one")


def run(args: argparse.Namespace) -> int:
    """Print the table of all networks, or the facts about one."""
    from jaxprune_ports.networks.registry import NETWORKS, find

    if args.name is None:
        text = _table(NETWORKS.values())
    else:
        text = _of_torch(args.name) if ":" in args.name else _facts(find(args.name))
    print(text)
    return 0


def _table(specs: Any) -> str:
    rows = [["network", "input", "layers", "checkpoint", "licence"]]
    for spec in specs:
        size, layers = spec.input_size, len(spec.abstract().layers)
        published = "yes" if spec.url else "no"
        # The rest of it, after a comma, is with the facts about the network.
        licence = spec.licence.partition(",")[0]
        rows.append([spec.name, f"{size} x {size}", f"{layers}", published, licence])
    notes = (
        "`jaxprune networks NAME` shows everything about one of them,",
        "`jaxprune convert NAME --pretrained --out DIR` downloads a checkpoint.",
        "Networks of PyTorch: torchvision:NAME, timm:NAME, hf:FOLDER, module:NAME.",
    )
    return "\n".join([screen.table(rows, words=(0, 3, 4)), "", *notes])


def _facts(spec: Any) -> str:
    from ._steps import described

    size = spec.input_size
    facts = (
        ("network", spec.name),
        ("paper", spec.paper),
        ("licence", spec.licence),
        ("checkpoint", spec.url or "none is published"),
        ("sha256", spec.sha256 or "not known"),
        ("input", f"{size} x {size} pixels, {spec.n_classes:,} classes"),
        ("preprocessing", described(spec.preprocessing)),
        ("untrained", spec.initialisation),
    )
    lines = [screen.wrapped(name, text) for name, text in facts]
    return "\n".join([*lines, "", _layers(spec.taps)])


def _of_torch(name: str) -> str:
    import jaxprune_ports as jpp
    from jaxprune_ports.modules.language import LanguageModel

    from ._steps import described

    # Random weights do for shapes.
    seed = 0 if name.startswith(("torchvision:", "timm:")) else None
    net = jpp.open_network(name, seed=seed)
    steps = net.preprocessing
    if isinstance(net, LanguageModel):
        said, first = f"{steps.tokenizer}, at most {steps.longest:,}", np.array(["a"])
        about = [("input", "texts"), ("tokens", said)]
    else:
        side = steps.crop or steps.size or 224
        first = np.zeros((1, side, side, 3), np.float32)
        about = [
            ("input", f"{side} x {side} pixels"),
            ("preprocessing", described(steps)),
        ]
    taps = net.taps(first)
    if any(len(shape) == 2 for shape in taps.values()):
        said = "layers of tokens x width want --token cls, mean, last or all"
        about.append(("token", said))
    lines = [screen.wrapped(*fact) for fact in [("network", net.name), *about]]
    return "\n".join([*lines, "", _layers(taps)])


def _layers(taps: Any) -> str:
    rows = [["layer", "shape", "units"]]
    for layer, shape in taps.items():
        rows.append([layer, " x ".join(map(str, shape)), f"{math.prod(shape):,}"])
    return screen.table(rows)
