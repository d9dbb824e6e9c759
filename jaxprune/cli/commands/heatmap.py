"""``jaxprune heatmap``: which regions of images carry the retained units."""

from __future__ import annotations

import argparse
from typing import Any

from .. import network_options, options

ABOUT = """\
Which regions of an image carry the fit of a pruned layer? Squares of several
sizes hide it place by place; the network responds to what is left, and the
image's row of the RDM is compared with the target again. The map is the score
of the whole image less that of the occluded one: positive where the fit rests
on what the square hid. It is made of the retained units, and of all.

With --by maps, each feature map of the layer is set to zero in turn, and the
map over the image is the mean of the feature maps, each times the score that is
lost without it. The score is not squared. If PRUNED was read at a later layer
(`prune --readout`), so is the image.

PRUNED is a folder that `jaxprune prune` wrote. Give the network, weights,
images and preprocessing that the features were made with: a warning says if
their RDM differs from that of PRUNED. Metric, comparison and objective are
those of PRUNED.

In a condition of several images the map is of a single image, which stands for
its condition; the other conditions are the means of theirs."""

END = """\
files in DIR:
  NAME.png        the image, and its maps over it
  heatmaps.npz    heat, baselines, positions; maps (a map for each size), sizes;
                  by maps: weights
  summary.json    baselines, peaks, settings, versions, inputs
  parts/          what is done, a file an image: an interrupted run goes on

examples:
  jaxprune heatmap pruned --network cornet_z --weights cornet_z \\
                   --images pictures --layers IT --image dog/1.png --out heat
  jaxprune heatmap pruned/V4 --weights cornet_z --images pictures --image all \\
                   --stride 16 --sizes 24,40,56 --out heat
  jaxprune heatmap pruned --weights vgg16 --images pictures --image all \\
                   --by maps --beside fixations --out heat"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "which regions of images carry the retained units"
    add = options.command(commands, "heatmap", run, text, ABOUT, END)
    add.usage = (
        "jaxprune heatmap PRUNED (--weights PATH | --untrained) --images PATH\n"
        "                        --image NAMES --out DIR [options]"
    )
    add.add_argument(
        "pruned", metavar="PRUNED", help="folder that `jaxprune prune` wrote"
    )
    options.add_out(add)
    add.add_argument(
        "--image",
        metavar="NAMES",
        required=True,
        help="images to map, with commas: names of images, or of conditions for all "
        "images in them; or all",
    )
    text = "hide squares of the image, or weigh the feature maps of the layer"
    options.add_choice(add, "--by", ["occlusion", "maps"], text)
    add.add_argument(
        "--readout",
        metavar="LAYER",
        help="by maps: where the RDM is read, after the layer of the maps (default: "
        "where PRUNED was read)",
    )
    add.add_argument(
        "--scale-maps",
        action="store_true",
        help="by maps: scale each feature map to 0..1 first",
    )
    add.add_argument(
        "--beside",
        metavar="PATH",
        help="second maps, to say how far the hottest 5, 10 and 15%% of pixels are the "
        "same: heatmaps.npz of another run, a folder of .npy or pictures named like "
        "the images, or one of these for one image",
    )
    add.add_argument(
        "--sizes",
        type=_sizes,
        metavar="N,N,...",
        help="sides of the squares in pixels (default 24,28,...,56)",
    )
    add.add_argument(
        "--stride",
        type=int,
        metavar="N",
        help="pixels between squares (default 4); twice as many take a quarter of "
        "the time",
    )
    add.add_argument(
        "--target-index",
        type=int,
        metavar="N",
        help="of several targets, from 0 (default: their mean where they were pooled, "
        "else the first)",
    )
    add.add_argument(
        "--batch-size",
        type=int,
        metavar="N",
        help="images computed together (default: 8 on a CPU, 32 elsewhere)",
    )
    network_options.add_known_network(add, "PRUNED")
    options.add_quiet(add)


def _sizes(text: str) -> tuple[int, ...]:
    """Read sizes.

    >>> _sizes("24,40")
    (24, 40)
    """
    try:
        return tuple(int(part) for part in text.split(","))
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} are no sizes; expected whole numbers of pixels, 24,40 for "
            "example"
        ) from None


def run(args: argparse.Namespace) -> int:
    """Map images, and write the maps."""
    from ._heatmaps import map_images

    return map_images(args)
