"""``jaxprune stimuli``: dot arrays of a design, in a file or a folder."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from ...base.paths import check_writable, expanded
from ...report import screen
from ...stimuli import DESIGNS, StimulusSet
from .. import options

ABOUT = """\
Draw the dot arrays of a design. The parameters of every image are measured and
saved with it; the same design and seed give the same images."""

END = """\
designs:
  karami32        6 to 29 dots, 4 item areas, 2 field areas; black and white
  nasr, kim       1 to 30 dots: standard, equal area and density, equal hull
  dewind_train    10 numbers x 5 sizes x 5 spacings, for training
  park35          5 to 20 dots, 35 points of number, size and spacing
  one_to_ten, one_to_ten_constant_area
                  1 to 10 dots of 32 x 32 pixels
  dot_arrays      any numbers, sizes and spacings: --numerosities, --sizes,
                  --spacings

FILE is .npz (images, labels, condition, table_*, factor_*), which `jaxprune
extract --images` reads; or, without a suffix, a folder of PNGs by condition and
table.csv.

examples:
  jaxprune stimuli karami32 --out dots.npz --instances 50 --sheet dots.png
  jaxprune stimuli dot_arrays --out dots --numerosities 5 10 20 --sizes 1e5"""

# Of `dot_arrays` alone, under the names of its arguments.
AXES = ("numerosities", "sizes", "spacings")


def add(commands: Any) -> None:
    """Add the command to the parser."""
    text = "dot arrays of the published studies, or one's own"
    add = options.command(commands, "stimuli", run, text, ABOUT, END)
    add.add_argument(
        "design", metavar="DESIGN", choices=list(DESIGNS), help="one of those below"
    )
    options.add_out(add, "file (.npz) or new folder")
    add.add_argument(
        "--instances",
        type=int,
        metavar="N",
        help="images of each condition (default: as published)",
    )
    add.add_argument("--seed", type=int, default=0, metavar="N", help="(default 0)")
    add.add_argument(
        "--size",
        type=int,
        metavar="N",
        help="height and width in pixels (default: as published)",
    )
    add.add_argument(
        "--sheet", metavar="FILE.png", help="also a picture of one image a condition"
    )
    for name in AXES:
        add.add_argument(
            f"--{name}",
            type=int if name == "numerosities" else float,
            nargs="+",
            metavar="X",
            help=f"{name} of dot_arrays" + ("" if name[0] == "n" else ", in px^4"),
        )
    options.add_quiet(add)


def run(args: argparse.Namespace) -> int:
    """Draw a design, save it, and say what was drawn."""
    from ...stimuli import save_stimuli
    from ...stimuli.saving import checked

    checked(args.out)
    if args.sheet is not None:
        _check_sheet(args.sheet)
    stimuli = _draw(args)
    save_stimuli(stimuli, args.out)
    if args.sheet is not None:
        _save_sheet(stimuli, expanded(args.sheet))
    if not args.quiet:
        print(_summary(stimuli, args))
    return 0


def _draw(args: argparse.Namespace) -> StimulusSet:
    axes = {name: v for name in AXES if (v := getattr(args, name)) is not None}
    if axes and args.design != "dot_arrays":
        raise ValueError(
            f"{next(iter(axes))}: the design {args.design} has its own; expected "
            f"--{next(iter(axes))} with dot_arrays only"
        )
    given = {"n_instances": args.instances, "seed": args.seed, "size": args.size}
    chosen = {name: value for name, value in given.items() if value is not None}
    return DESIGNS[args.design](**chosen, **axes)


def _check_sheet(path: str) -> None:
    """Raise an error if no picture can be saved there."""
    from PIL import Image

    file = expanded(path)
    suffixes = Image.registered_extensions()
    if file.is_dir() or suffixes.get(file.suffix.lower()) not in Image.SAVE:
        raise ValueError(
            f"--sheet: {path} {'is a folder' if file.is_dir() else 'is no picture'}; "
            "expected the name of a file, .png for example"
        )
    check_writable(file.parent)


def _save_sheet(stimuli: StimulusSet, path: Path) -> None:
    from PIL import Image

    from ...stimuli import contact_sheet

    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(contact_sheet(stimuli)).save(path)


def _summary(stimuli: StimulusSet, args: argparse.Namespace) -> str:
    n, height, width = stimuli.images.shape[:3]
    each = np.bincount(stimuli.condition).min()
    facts = [
        screen.fact("design", f"{args.design}, seed {args.seed}"),
        screen.fact("images", f"{n:,} of {width} x {height} pixels"),
        screen.fact("conditions", f"{len(stimuli.labels):,}, {each} images each"),
    ]
    rows = [["factor", "levels"]]
    for name, levels in stimuli.factors.items():
        rows.append([name, _listed(np.unique(levels).tolist())])
    files = f"{args.out}, {args.sheet}" if args.sheet else str(args.out)
    table = screen.table(rows, words=(0, 1))
    return "\n".join([*facts, "", table, "", screen.wrapped("files", files)])


def _listed(levels: list[Any]) -> str:
    """Levels of a factor, the middle left out where there are many."""
    words = [f"{v:,.4g}" if isinstance(v, float) else str(v) for v in levels]
    if len(words) > 8:
        words = [*words[:4], "...", *words[-3:]]
    return " ".join(words)
