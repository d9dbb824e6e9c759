"""``jaxprune explain``: what the retained units of a result do."""

from __future__ import annotations

import argparse
from typing import Any

from .. import network_options, options

ABOUT = """\
What do the retained units do? Where they are in the layer, which conditions
they respond to, what explains their variance, which pairs of conditions they
repair, how many kinds of them there are, and images that they respond to most.

DIR is a folder that `jaxprune prune` wrote. The features, images and network
that it was made from are used again, as its summary.json names them, if they
are still there and unchanged; options name others. What cannot be had leaves
its part out, and the page says so."""

END = """\
files in DIR:
  report.html               the page, renewed
  explain/channels.csv      retained units of each channel (or layer, head),
                            beside random sets; positions.csv
  explain/responses.csv     mean response of sets of units to every condition
  explain/profiles.csv      variance that the factors explain
  explain/pairs.csv         contribution of every pair to the gain (their sum),
                            and conditions.csv
  explain/kinds.csv         the kind of each retained unit
  explain/*.png             images made by gradient ascent
  explain/summary.json      what was used

examples:
  jaxprune explain pruned
  jaxprune explain pruned --images pictures --factors categories.csv
  jaxprune explain pruned --network vgg16 --weights vgg16 --layers features.30"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "what the retained units do: pictures, tables and a page"
    add = options.command(commands, "explain", run, text, ABOUT, END)
    add.usage = "jaxprune explain DIR [options]"
    add.add_argument("pruned", metavar="DIR", help="folder that `jaxprune prune` wrote")
    add.add_argument(
        "--features",
        metavar="FILE",
        help=f"features that were pruned, if they have moved; {options.FILES}",
    )
    options.add_keys(add, "features", "array in FILE, if it holds several")
    add.add_argument(
        "--factors",
        metavar="CSV",
        help="table with a row for each condition: columns of numbers (area) or of "
        "categories (animate), and one called condition with the labels. Conditions "
        "can be sorted by the first column of categories",
    )
    add.add_argument(
        "--kinds",
        type=int,
        default=20,
        metavar="N",
        help="clusters of retained units, at most (default 20)",
    )
    add.add_argument(
        "--target-index",
        type=int,
        default=0,
        metavar="N",
        help="of several targets, the one that is explained, from 0 (default 0)",
    )
    add.add_argument(
        "--iterations",
        type=int,
        metavar="N",
        help="steps of gradient ascent for the images; 0 makes none (default 64)",
    )
    network_options.add_known_network(add, "DIR")
    options.add_quiet(add)


def run(args: argparse.Namespace) -> int:
    """Explain a result."""
    from ._explaining import explain_folder

    return explain_folder(args)
