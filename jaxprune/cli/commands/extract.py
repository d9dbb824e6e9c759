"""``jaxprune extract``: the mean responses of a network to every condition."""

from __future__ import annotations

import argparse
from typing import Any

from ...report import screen
from .. import network_options, options

ABOUT = """\
Show images to a network and write the mean response of every unit to every
condition into an HDF5 file, one dataset a layer, which `jaxprune prune` reads.
Memory does not grow with the number of images, and a run that was interrupted
goes on where it stopped when it is started again.

NETWORK is one that `jaxprune networks` lists, or one of PyTorch:
  torchvision:resnet50, timm:vit_small_patch16_224
                  with --weights FILE, or --untrained
  hf:FOLDER       of transformers, with its weights; a language model reads
                  --texts FILE, and all its hidden states are --layers all
  module:PACKAGE.MODULE:FUNCTION
                  your own function, which returns a torch.nn.Module; its
                  attribute preprocessing may be a jaxprune_ports.Preprocessing"""

END = """\
datasets in FILE:
  LAYER           conditions x units, flattened channel-first; the attribute
                  shape is that of the layer: channels, height, width
  labels, count   of the conditions: names, and numbers of images
  moments/LAYER   sums of squared deviations, with --moments
  activations/LAYER, images
                  every image, with --whole

examples:
  jaxprune extract cornet_z --weights cornet_z --images pictures \\
                   --layers V4,IT --out features.h5
  jaxprune extract vgg16 --weights vgg16.pth --caffe --images pictures \\
                   --layers classifier.3 --relu --out features.h5
  jaxprune extract timm:vit_small_patch16_224 --weights vit.safetensors \\
                   --images pictures --layers 'blocks.*' --token cls \\
                   --out features.h5
  jaxprune extract hf:minilm --texts words.txt --token mean --layers all \\
                   --out features.h5"""


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "responses of a network to images, as features"
    add = options.command(commands, "extract", run, text, ABOUT, END)
    add.usage = (
        "jaxprune extract NETWORK (--weights PATH | --untrained) --images PATH\n"
        "                        --layers NAMES --out FILE [options]\n"
        "       jaxprune extract hf:FOLDER --texts FILE --token WHICH\n"
        "                        --layers NAMES --out FILE [options]"
    )
    add.add_argument("network", metavar="NETWORK", help="name, as said above")
    options.add_out(add, "file of features, .h5")
    add.add_argument(
        "--moments",
        action="store_true",
        help="also squared deviations from the means (M2), for ANOVA",
    )
    add.add_argument(
        "--whole",
        action="store_true",
        help="also the responses to every single image, in chunks",
    )
    add.add_argument(
        "--batch-size",
        type=int,
        metavar="N",
        help="images computed together (default: 8 on a CPU, 32 elsewhere)",
    )
    network_options.add_network(add.add_argument_group("network and images"))
    network_options.add_torch(add)
    network_options.add_steps(add)
    options.add_quiet(add)


def run(args: argparse.Namespace) -> int:
    """Extract layers into a file, and say what is in it."""
    from ._extracting import prepare

    request = prepare(args, args.network)
    extraction = request.extract(
        args,
        moments=args.moments,
        whole=args.whole,
        out=args.out,
        batch_size=args.batch_size,
    )
    if not args.quiet:
        rows = [["layer", "shape", "units"]]
        for layer in request.layers:
            shape = extraction.shapes[layer]
            units = extraction.features[layer].shape[1]
            rows.append([layer, " x ".join(map(str, shape)), f"{units:,}"])
        conditions = request.conditions_said(extraction.count)
        facts = [*request.facts(extraction), screen.wrapped("conditions", conditions)]
        every = f"every {request.images.kind}"
        holds = ["means"] + ["moments"] * args.moments + [every] * args.whole
        file = screen.fact("file", f"{args.out}: {', '.join(holds)}")
        print("\n".join([*facts, "", screen.table(rows), "", file]))
    return 0
