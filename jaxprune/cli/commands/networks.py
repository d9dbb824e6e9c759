"""``jaxprune networks``: what there is, and what is published about each."""

from __future__ import annotations

import argparse
from typing import Any

from ...report import screen
from .. import options

ABOUT = """\
List the networks, or show everything about one: publication, licence, official
checkpoint, preprocessing, untrained weights, and its layers with their units."""

END = """\
examples:
  jaxprune networks
  jaxprune networks cornet_z"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "the networks, their layers and licences"
    add = options.command(commands, "networks", run, text, ABOUT, END)
    add.add_argument("name", metavar="NAME", nargs="?", help="show all about this one")


def run(args: argparse.Namespace) -> int:
    """Print the table of all networks, or the facts about one."""
    from jaxprune_ports.networks.registry import NETWORKS, find

    text = _table(NETWORKS.values()) if args.name is None else _facts(find(args.name))
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
    )
    return "\n".join([screen.table(rows, words=(0, 3, 4)), "", *notes])


def _facts(spec: Any) -> str:
    from ._steps import described

    rows = [["layer", "shape", "units"]]
    for layer, shape in spec.taps.items():
        units = 1
        for length in shape:
            units *= length
        rows.append([layer, " x ".join(map(str, shape)), f"{units:,}"])
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
    return "\n".join([*lines, "", screen.table(rows)])
